package dev.tallyman.container;

import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.network.Departures;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/**
 * Takes down what the kernel holds of a container that has ended: a moment later, because mostly it is removed or started again by then, and
 * both do it along with their own work. What holds ports of the host is not put off, see {@link Ending}.
 */
@Singleton
class Cleaning implements Departures {
  private static final Logger LOG = Logger.getLogger(Cleaning.class);
  /** Longer than a client needs from the end of a container to its removal, too short for anybody to miss a control group. */
  static final Duration PAUSE = Duration.ofMillis(100);

  private final Sandboxes sandboxes;
  private final WaitingThreads threads;
  private final ConcurrentMap<String, Due> due = new ConcurrentHashMap<>();

  /** Done once, by whoever comes first, or taken back. */
  private static final class Due {
    final ReentrantLock lock = new ReentrantLock();
    boolean isOver;
  }

  @Inject
  Cleaning(Sandboxes sandboxes, WaitingThreads threads) {
    this.sandboxes = sandboxes;
    this.threads = threads;
  }

  /** Begins now. */
  Future<?> begin(String container) {
    return threads.submit(() -> sandboxes.clean(container));
  }

  void soon(String container) {
    Due next = new Due();
    due.put(container, next);
    threads.after(PAUSE, () -> run(container, next));
  }

  /**
   * Takes it back: the caller starts or removes the container. One that is going on is waited for.
   *
   * @return true if it was due and is not done
   */
  boolean take(String container) {
    Due taken = due.remove(container);
    if (taken == null) {
      return false;
    }
    taken.lock.lock();
    try {
      boolean wasDue = !taken.isOver;
      taken.isOver = true;
      return wasDue;
    } finally {
      taken.lock.unlock();
    }
  }

  /** Does at once all that is due. @return true if there was any */
  boolean flush() {
    List<String> all = List.copyOf(due.keySet());
    finish(all);
    return !all.isEmpty();
  }

  @Override
  public void finish(Collection<String> containers) {
    for (String container : containers) {
      Due each = due.get(container);
      if (each != null) {
        run(container, each);
      }
    }
  }

  private void run(String container, Due mine) {
    mine.lock.lock();
    try {
      if (mine.isOver) {
        return;
      }
      mine.isOver = true;
      sandboxes.clean(container);
      CrashPoint.END_CLEANED.reached();
    } catch (RuntimeException e) {
      LOG.errorf(e, "the kernel side of container %s could not be cleaned up; its removal or the next start of the server will", container);
    } finally {
      due.remove(container, mine);
      mine.lock.unlock();
    }
  }

  /** The next start of the server would do it too; but the server may be stopped for good. */
  void onStop(@Observes ShutdownEvent stop) {
    flush();
  }
}
