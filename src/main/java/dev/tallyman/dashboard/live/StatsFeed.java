package dev.tallyman.dashboard.live;

import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.stats.Stats;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Samples of one container, one a second while somebody looks. */
final class StatsFeed {
  private static final Logger LOG = Logger.getLogger(StatsFeed.class);
  private static final long EVERY_MILLIS = 1000;

  private final Stats stats;
  private final Vertx vertx;
  private final ExecutorService workers;
  private final Caller caller;
  private final String container;
  private final EventStream stream;
  private final AtomicBoolean isSampling = new AtomicBoolean();
  private volatile Stats.@Nullable Sample before;

  StatsFeed(Stats stats, Vertx vertx, ExecutorService workers, Caller caller, String container, EventStream stream) {
    this.stats = stats;
    this.vertx = vertx;
    this.workers = workers;
    this.caller = caller;
    this.container = container;
    this.stream = stream;
  }

  void start() {
    long timer = vertx.setPeriodic(1, EVERY_MILLIS, id -> tick());
    stream.atClose(() -> vertx.cancelTimer(timer));
  }

  /** Skips a beat instead of piling up when a sample takes longer than its time. */
  private void tick() {
    if (isSampling.compareAndSet(false, true)) {
      workers.execute(this::sample);
    }
  }

  private void sample() {
    try {
      Stats.Sample now = stats.sample(caller, container);
      Stats.Sample earlier = before;
      before = now;
      stream.offer("stats", encode(now, earlier));
    } catch (TallymanException e) {
      stream.close();
    } catch (RuntimeException e) { // a thread's boundary: the page shows a gap, the log says why
      LOG.warn("no sample of container " + container, e);
    } finally {
      isSampling.set(false);
    }
  }

  private static JsonObject encode(Stats.Sample now, Stats.@Nullable Sample earlier) {
    return new JsonObject()
        .put("at", now.readAt().toEpochMilli())
        .put("cpu", earlier == null ? null : now.cpuPercentSince(earlier))
        .put("cpus", now.onlineCpus())
        .put("memory", now.memoryBytes())
        .put("limit", now.memoryLimitBytes())
        .put("pids", now.pids())
        .put("received", now.receivedBytes())
        .put("sent", now.sentBytes())
        .put("read", now.readBytes())
        .put("written", now.writtenBytes());
  }
}
