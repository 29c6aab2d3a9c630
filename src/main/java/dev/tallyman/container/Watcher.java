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
   * Asks the monitor again when it breaks off: its keeper goes on in the place of a killed one, and answers as soon as it knows.
   *
   * @return absent = it ended and nobody recorded how
   */
  Optional<Sandboxes.Exit> awaitEnd(String id) {
    for (long pause = FIRST_LOOK_MILLIS; !isClosed; pause = Math.min(pause * 2, LAST_LOOK_MILLIS)) {
      Sandboxes.Exit told = toldByMonitor(id);
      if (told != null) {
        return Optional.of(told);
      }
      try {
        if (!isRunning(id)) {
          return sandboxes.exit(id);
        }
      } catch (TallymanException e) {
        LOG.warnf("the end of container %s cannot be found out now: %s", id, e.getMessage());
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pause));
    }
    return Optional.empty();
  }

  private boolean isRunning(String id) {
    return sandboxes.exit(id).isEmpty() && sandboxes.list().stream().anyMatch(each -> each.container().equals(id) && each.isRunning());
  }

  private Sandboxes.@Nullable Exit toldByMonitor(String id) {
    try (MonitorConnection monitor = sandboxes.connect(id)) {
      monitor.subscribe(false, false);
      MonitorConnection.Frame frame;
      while ((frame = monitor.next()) != null) {
        if (frame instanceof MonitorConnection.Frame.Ended ended) {
          return ended.exit();
        }
      }
    } catch (IOException | TallymanException e) {
      LOG.debugf("the monitor of container %s is gone: %s", id, e.getMessage());
    }
    return null;
  }
}
