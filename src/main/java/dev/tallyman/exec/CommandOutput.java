package dev.tallyman.exec;

import dev.tallyman.container.WaitingThreads;
import dev.tallyman.kernel.MonitorConnection;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Future;
import org.jboss.logging.Logger;

/** Reads the whole output of a command, up to a bound and for a time. */
@Singleton
class CommandOutput {
  private static final Logger LOG = Logger.getLogger(CommandOutput.class);
  static final int MAX_BYTES = 1 << 20;

  private final WaitingThreads threads;

  @Inject
  CommandOutput(WaitingThreads threads) {
    this.threads = threads;
  }

  /** @param isCut true if output was left out */
  record Read(String output, String errors, boolean isCut) {}

  /** Closes the connection. */
  Read read(MonitorConnection connection, int seconds) {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    boolean isCut = false;
    Future<?> alarm = threads.after(Duration.ofSeconds(seconds), connection::close);
    try (connection) {
      MonitorConnection.Frame frame;
      while ((frame = connection.next()) != null) {
        if (frame instanceof MonitorConnection.Frame.Ended) {
          break;
        }
        if (frame instanceof MonitorConnection.Frame.Output piece) {
          int room = MAX_BYTES - output.size() - errors.size();
          isCut |= piece.bytes().remaining() > room;
          append(piece.isError() ? errors : output, piece.bytes(), room);
        }
      }
    } catch (IOException e) {
      LOG.debugf("the output of a command broke off: %s", e.getMessage());
    } finally {
      alarm.cancel(false);
    }
    return new Read(output.toString(StandardCharsets.UTF_8), errors.toString(StandardCharsets.UTF_8), isCut);
  }

  private static void append(ByteArrayOutputStream to, ByteBuffer bytes, int room) {
    byte[] copy = new byte[Math.min(bytes.remaining(), room)];
    bytes.get(copy);
    to.writeBytes(copy);
  }
}
