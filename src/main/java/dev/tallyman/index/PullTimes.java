package dev.tallyman.index;

import dev.tallyman.image.Sql;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * When manifests and tags were last pulled, to the minute, and how often: many pulls of one image must not wait for each other's row, so they are
 * counted here and written twice a minute. A kill loses what was counted since. Who pulled is in the trail.
 */
@ApplicationScoped
class PullTimes {
  private static final Duration EXACT_TO = Duration.ofMinutes(1);
  private static final String OLDER = " and (pulled_at is null or pulled_at < ?)";
  private final Sql sql;
  private final Map<Long, LongAdder> unwritten = new ConcurrentHashMap<>();
  private final ReadWriteLock writing = new ReentrantReadWriteLock();

  @Inject
  PullTimes(DataSource database) {
    this.sql = new Sql(database);
  }

  /** Nothing goes over from here to the table while both are read. */
  <T> T steadily(Supplier<T> reading) {
    writing.readLock().lock();
    try {
      return reading.get();
    } finally {
      writing.readLock().unlock();
    }
  }

  /** Pulls that are not in the table yet. */
  long unwritten(long repository) {
    LongAdder count = unwritten.get(repository);
    return count == null ? 0 : count.sum();
  }

  @Scheduled(every = "30s", identity = "index-pulls", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
  void write() {
    writing.writeLock().lock();
    try {
      unwritten.forEach(this::write);
    } finally {
      writing.writeLock().unlock();
    }
  }

  private void write(Long repository, LongAdder pulls) {
    long count = pulls.sum();
    if (count > 0) {
      sql.update("update index_repositories set pulls = pulls + ? where id = ?", count, repository);
      pulls.add(-count);
    }
  }

  void onStop(@Observes ShutdownEvent stop) {
    write();
  }

  /** @param tag by which it was asked for; absent = by digest */
  void note(long repository, long manifest, @Nullable String tag) {
    unwritten.computeIfAbsent(repository, id -> new LongAdder()).increment();
    Instant now = Instant.now();
    Instant before = now.minus(EXACT_TO);
    sql.update("update index_manifests set pulled_at = ? where id = ?" + OLDER, now, manifest, before);
    if (tag != null) {
      sql.update("update index_tags set pulled_at = ? where repository_id = ? and name = ?" + OLDER, now, repository, tag, before);
    }
  }
}
