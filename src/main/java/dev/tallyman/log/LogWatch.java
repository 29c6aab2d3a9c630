package dev.tallyman.log;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.jboss.logging.Logger;

/** Wakes followers when the files of a folder change: one inotify instance and one thread for all of them, nothing while all is silent. */
@ApplicationScoped
class LogWatch {
  private static final Logger LOG = Logger.getLogger(LogWatch.class);

  /** How long a follower waits at most: changes may be missed when the kernel's queue of events overflows. */
  private static final long LONGEST_WAIT_MILLIS = 250;

  /** Without inotify (its limits are used up) files are looked at this often. */
  private static final long WAIT_WITHOUT_WATCH_MILLIS = 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<WatchKey, List<Watch>> watches = new HashMap<>();
  private @Nullable WatchService service;

  /** One follower's view of a folder. */
  final class Watch implements AutoCloseable {
    private final @Nullable WatchKey key;
    private final Condition changed = lock.newCondition();
    private boolean hasChanged = true;

    private Watch(@Nullable WatchKey key) {
      this.key = key;
    }

    /** Returns when something changed since the last call, or after a while. */
    void await() throws InterruptedException {
      await(LONGEST_WAIT_MILLIS, WAIT_WITHOUT_WATCH_MILLIS);
    }

    /** @param unwatchedMillis the longest wait where changes are not told */
    void await(long millis, long unwatchedMillis) throws InterruptedException {
      long left = TimeUnit.MILLISECONDS.toNanos(key == null ? unwatchedMillis : millis);
      lock.lock();
      try {
        while (!hasChanged && left > 0) {
          left = changed.awaitNanos(left);
        }
        hasChanged = false;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void close() {
      lock.lock();
      try {
        List<Watch> others = key == null ? null : watches.get(key);
        if (others != null) {
          others.remove(this);
          if (others.isEmpty()) {
            watches.remove(key);
            key.cancel();
          }
        }
      } finally {
        lock.unlock();
      }
    }
  }

  Watch watch(Path folder) {
    lock.lock();
    try {
      WatchKey key = folder.register(service(), StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
      Watch watch = new Watch(key);
      watches.computeIfAbsent(key, absent -> new ArrayList<>()).add(watch);
      return watch;
    } catch (IOException e) {
      LOG.debugf(e, "no inotify watch for %s; its log is looked at every %d ms", folder, WAIT_WITHOUT_WATCH_MILLIS);
      return new Watch(null);
    } finally {
      lock.unlock();
    }
  }

  private WatchService service() throws IOException {
    WatchService known = service;
    if (known == null) {
      known = FileSystems.getDefault().newWatchService();
      service = known;
      WatchService started = known;
      Thread thread = new Thread(() -> dispatch(started), "log-watch");
      thread.setDaemon(true);
      thread.start();
    }
    return known;
  }

  private void dispatch(WatchService from) {
    try {
      while (true) {
        WatchKey key = from.take();
        key.pollEvents();
        key.reset();
        lock.lock();
        try {
          for (Watch each : watches.getOrDefault(key, List.of())) {
            each.hasChanged = true;
            each.changed.signalAll();
          }
        } finally {
          lock.unlock();
        }
      }
    } catch (InterruptedException | ClosedWatchServiceException e) {
      LOG.debug("log watch ends");
    }
  }

  @PreDestroy
  void close() throws IOException {
    lock.lock();
    try {
      if (service != null) {
        service.close();
      }
    } finally {
      lock.unlock();
    }
  }
}
