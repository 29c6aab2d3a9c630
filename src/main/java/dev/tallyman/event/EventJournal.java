package dev.tallyman.event;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Writes events to the database, many in one commit: whoever publishes does not wait for the disk. What a crash takes away is the last
 * moment of a history; the audit trail and the inventory have been committed before.
 */
@Singleton
class EventJournal {
  private static final Logger LOG = Logger.getLogger(EventJournal.class);
  /** Time in which events gather for one commit. */
  private static final long GATHER_MILLIS = 50;

  private static final long AGAIN_MILLIS = 5_000;
  private static final int BATCH = 1_000;
  /** Written rows after which old ones are looked for. */
  private static final int PRUNE_EVERY = 1_000;
  /** With a database that takes nothing. */
  private static final int MAX_WAITING = 50_000;

  private final EventStore store;
  private final EventConfig config;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Event> waiting = new ArrayDeque<>();
  private @Nullable Thread writer;
  private boolean isHurried;
  private boolean isStopped;
  private int written = PRUNE_EVERY;

  @Inject
  EventJournal(EventStore store, EventConfig config) {
    this.store = store;
    this.config = config;
  }

  /** The highest number that an event has had. */
  long last() {
    try {
      return QuarkusTransaction.requiringNew().call(store::last);
    } catch (RuntimeException e) {
      // Higher than any number that was given before: they grow by one, the clock by a thousand a second.
      LOG.errorf(e, "the history of events cannot be read");
      return System.currentTimeMillis();
    }
  }

  void add(Event event) {
    lock.lock();
    try {
      if (waiting.size() >= MAX_WAITING) {
        waiting.removeFirst();
      }
      waiting.addLast(event);
      if (writer == null && !isStopped) {
        writer = new Thread(this::work, "event-journal");
        writer.setDaemon(true);
        writer.start();
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void work() {
    while (true) {
      List<Event> batch = next();
      if (batch.isEmpty()) {
        return;
      }
      if (!save(batch)) {
        pause(AGAIN_MILLIS);
      }
    }
  }

  /** @return empty at the end */
  private List<Event> next() {
    lock.lock();
    try {
      while (waiting.isEmpty() && !isStopped) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
    pause(GATHER_MILLIS);
    lock.lock();
    try {
      return waiting.stream().limit(BATCH).toList();
    } finally {
      lock.unlock();
    }
  }

  private void pause(long millis) {
    long left = TimeUnit.MILLISECONDS.toNanos(millis);
    lock.lock();
    try {
      while (left > 0 && !isHurried && !isStopped) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  private boolean save(List<Event> batch) {
    try {
      QuarkusTransaction.requiringNew().run(() -> write(batch));
    } catch (RuntimeException e) {
      LOG.errorf("%d events could not be stored, it is tried again: %s", batch.size(), e.getMessage());
      return false;
    }
    lock.lock();
    try {
      for (Event each : batch) {
        waiting.remove(each);
      }
      isHurried = isHurried && !waiting.isEmpty();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    return true;
  }

  private void write(List<Event> batch) {
    try {
      store.add(batch);
      written += batch.size();
      if (written >= PRUNE_EVERY) {
        written = 0;
        store.prune(config.kept(), Instant.now().minus(config.age()));
      }
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Waits until what was added is on disk, but not for ever. */
  void flush() {
    long left = TimeUnit.SECONDS.toNanos(2);
    lock.lock();
    try {
      isHurried = !waiting.isEmpty();
      changed.signalAll();
      while (!waiting.isEmpty() && left > 0 && !isStopped) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  List<Event> page(Instant from, @Nullable Instant until, long after, long below) {
    return QuarkusTransaction.requiringNew().call(() -> {
      try {
        return store.page(from, until, after, below, BATCH);
      } catch (SQLException e) {
        throw failed(e);
      }
    });
  }

  List<Event> newest(long below) {
    return QuarkusTransaction.requiringNew().call(() -> {
      try {
        return store.newest(below, BATCH);
      } catch (SQLException e) {
        throw failed(e);
      }
    });
  }

  private static TallymanException failed(SQLException cause) {
    return new TallymanException(ErrorKind.UNAVAILABLE, "the history of events is not available (disk full or damaged?); see the server's log", cause);
  }

  void onStop(@Observes ShutdownEvent stop) {
    flush();
    List<Event> rest;
    lock.lock();
    try {
      isStopped = true;
      rest = new ArrayList<>(waiting);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (!rest.isEmpty()) {
      LOG.warnf("%d events were not stored", rest.size());
    }
  }
}
