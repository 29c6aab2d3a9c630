package dev.tallyman.health;

import dev.tallyman.container.Container;
import dev.tallyman.container.ContainerState;
import dev.tallyman.container.Containers;
import dev.tallyman.container.Health;
import dev.tallyman.container.HealthBook;
import dev.tallyman.container.HealthStatus;
import dev.tallyman.container.LifePlan;
import dev.tallyman.container.RunListener;
import dev.tallyman.container.WaitingThreads;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import jakarta.inject.Inject;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Says when each container is checked: one interval after its start, then one interval after the end of each check, as Docker does. A
 * server that starts goes on where it was; what became due meanwhile is spread over some seconds.
 */
@Singleton
class HealthChecks implements RunListener {
  private static final Logger LOG = Logger.getLogger(HealthChecks.class);
  private static final long SPREAD_MILLIS = 5_000;

  private final Probe probe;
  private final WaitingThreads threads;
  private final HealthBook book;
  private final Provider<Containers> containers;
  private final Map<String, Future<?>> due = new ConcurrentHashMap<>();

  @Inject
  HealthChecks(Probe probe, WaitingThreads threads, HealthBook book, Provider<Containers> containers) {
    this.probe = probe;
    this.threads = threads;
    this.book = book;
    this.containers = containers;
  }

  @Override
  public void began(Container container) {
    Instant startedAt = container.startedAt();
    if (container.life().hasCheck() && startedAt != null) {
      schedule(container, startedAt);
    }
  }

  @Override
  public void ended(Container container) {
    Future<?> next = due.remove(container.id());
    if (next != null) {
      next.cancel(false);
    }
  }

  private void schedule(Container container, Instant startedAt) {
    Instant now = Instant.now();
    Instant last = lastEnd(container, startedAt);
    Duration left = Duration.between(now, last.plus(interval(container, startedAt, now)));
    Duration pause = left.isNegative() ? Duration.ofMillis(ThreadLocalRandom.current().nextLong(SPREAD_MILLIS)) : left;
    due.put(container.id(), threads.after(pause, () -> check(container, startedAt)));
  }

  private static Instant lastEnd(Container container, Instant startedAt) {
    Health health = container.health();
    if (health == null || health.log().isEmpty()) {
      return startedAt;
    }
    Instant end = health.log().get(health.log().size() - 1).end();
    return end.isBefore(startedAt) ? startedAt : end;
  }

  private static Duration interval(Container container, Instant startedAt, Instant now) {
    LifePlan life = container.life();
    boolean isStarting = container.healthStatus() == HealthStatus.STARTING && Duration.between(startedAt, now).compareTo(life.startPeriod()) < 0;
    return isStarting ? life.startInterval() : life.interval();
  }

  private void check(Container known, Instant startedAt) {
    Container container = present(known, startedAt);
    if (container == null) {
      return;
    }
    if (container.state() == ContainerState.PAUSED) {
      // It is asked again when it is likely to run; a frozen process answers nothing.
      due.put(container.id(), threads.after(container.life().interval(), () -> check(container, startedAt)));
      return;
    }
    Health now = book.report(container.id(), startedAt, probe.run(container));
    Container after = now == null ? null : present(container, startedAt);
    if (after != null) {
      schedule(after, startedAt);
    }
  }

  /** @return null when the run is over */
  private @Nullable Container present(Container known, Instant startedAt) {
    try {
      Container now = containers.get().inspect(Caller.system(known.team(), known.teamName()), known.id());
      return now.state().isAlive() && startedAt.equals(now.startedAt()) ? now : null;
    } catch (TallymanException e) {
      LOG.debugf("container %s is not checked any more: %s", known.id(), e.getMessage());
      return null;
    }
  }
}
