package dev.tallyman.exec;

import dev.tallyman.kernel.MonitorConnection;
import java.io.IOException;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;

/** Reads connections of execs that no client reads, until their end. */
final class ExecEnds {
  private static final Logger LOG = Logger.getLogger(ExecEnds.class);

  private ExecEnds() {}

  static void watch(Executor threads, MonitorConnection connection) {
    threads.execute(() -> {
      try (connection) {
        MonitorConnection.Frame frame;
        do {
          frame = connection.next();
        } while (frame != null && !(frame instanceof MonitorConnection.Frame.Ended));
      } catch (IOException e) {
        LOG.debugf("a command's monitor is gone: %s", e.getMessage());
      }
    });
  }
}
