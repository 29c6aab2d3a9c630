package dev.tallyman.container;

import dev.tallyman.container.Cell.Run;
import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.MonitorConnection;
import dev.tallyman.kernel.Sandboxes;
import jakarta.inject.Inject;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Waits for the end of each running container: its monitor tells it, or the keeper; if both are gone, the record and the kernel do. */
@Singleton
class Watcher {
  private static final Logger LOG = Logger.getLogger(Watcher.class);
  private static final long FIRST_LOOK_MILLIS = 20;
  private static final long LAST_LOOK_MILLIS = 5_000;

  private final Sandboxes sandboxes;
  private final WaitingThreads threads;
  private final Provider<Ending> ending;
  private volatile boolean isClosed;

  @Inject
  Watcher(Sandboxes sandboxes, WaitingThreads threads, Provider<Ending> ending) {
    this.sandboxes = sandboxes;
    this.threads = threads;
    this.ending = ending;
  }

  void watch(Cell cell, Run run) {
    threads.execute(() -> {
      Optional<Sandboxes.Exit> exit = awaitEnd(cell.id);
      if (!isClosed) {
        CrashPoint.END_SEEN.reached();
        ending.get().ended(cell, run, exit.orElse(null));
      }
    });
  }

  /** The server goes, the containers stay: no end may be concluded from connections that break now. */
  @jakarta.annotation.PreDestroy
  void close() {
    isClosed = true;
  }

  /**
   * Asks the monitor again when it breaks off: its keeper goes on in the place of a killed one, and answers as soon as it knows. Until then it
   * keeps the socket, though the process may have ended and nothing be recorded yet; so the rest is asked only when nobody listens.
   *
   * @return absent = it ended and nobody recorded how
   */
  Optional<Sandboxes.Exit> awaitEnd(String id) {
    for (long pause = FIRST_LOOK_MILLIS; !isClosed; pause = Math.min(pause * 2, LAST_LOOK_MILLIS)) {
      try (MonitorConnection monitor = sandboxes.connect(id)) {
        Sandboxes.Exit told = told(monitor);
        if (told != null) {
          return Optional.of(told);
        }
      } catch (IOException e) {
        LOG.debugf("the monitor of container %s is gone: %s", id, e.getMessage());
      } catch (TallymanException e) {
        LOG.debugf("container %s has no monitor: %s", id, e.getMessage());
        try {
          if (!isRunning(id)) {
            return sandboxes.exit(id);
          }
        } catch (TallymanException unknown) {
          LOG.warnf("the end of container %s cannot be found out now: %s", id, unknown.getMessage());
        }
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pause));
    }
    return Optional.empty();
  }

  private boolean isRunning(String id) {
    return sandboxes.exit(id).isEmpty() && sandboxes.list().stream().anyMatch(each -> each.container().equals(id) && each.isRunning());
  }

  private static Sandboxes.@Nullable Exit told(MonitorConnection monitor) throws IOException {
    monitor.subscribe(false, false);
    MonitorConnection.Frame frame;
    while ((frame = monitor.next()) != null) {
      if (frame instanceof MonitorConnection.Frame.Ended ended) {
        return ended.exit();
      }
    }
    return null;
  }
}
