package dev.tallyman.container;

import dev.tallyman.container.Cell.Run;
import dev.tallyman.container.Containers.WaitCondition;
import dev.tallyman.event.Event;
import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.Sandboxes;
import jakarta.inject.Inject;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** What follows the end of a container's process: one commit, those who wait are told, kernel side down, restart policy or removal. */
@Singleton
class Ending {
  private static final Logger LOG = Logger.getLogger(Ending.class);
  private static final Duration SAVE_AGAIN = Duration.ofSeconds(5);

  private final Cleaning cleaning;
  private final Placing placing;
  private final Ledger ledger;
  private final ContainerEvents events;
  private final Waiters waiters;
  private final WaitingThreads threads;
  private final ContainerConfig config;
  private final Provider<Starting> starting;
  private final Removal removal;
  private final Runs runs;
  private final Mounting mounting;

  @Inject
  Ending(
      Cleaning cleaning, Placing placing, Ledger ledger, ContainerEvents events, Waiters waiters, WaitingThreads threads, ContainerConfig config, Provider<Starting> starting,
      Removal removal, Runs runs, Mounting mounting) {
    this.cleaning = cleaning;
    this.placing = placing;
    this.ledger = ledger;
    this.events = events;
    this.waiters = waiters;
    this.threads = threads;
    this.config = config;
    this.starting = starting;
    this.removal = removal;
    this.runs = runs;
    this.mounting = mounting;
  }

  /** @param exit absent = nobody knows how it ended */
  void ended(Cell cell, Run run, Sandboxes.@Nullable Exit exit) {
    boolean isRemoved = cell.locked(() -> cell.run == run && endLocked(cell, exit));
    run.recorded().complete(null);
    if (isRemoved) {
      removal.removeEnded(cell);
    }
    run.over().complete(null);
  }

  /** @return true if it is to be removed now */
  private boolean endLocked(Cell cell, Sandboxes.@Nullable Exit exit) {
    Facts before = cell.facts();
    // Whoever is told of the end may count on its ports. The writable layer and the record stay; so this may overtake the commit.
    Future<?> freeing = before.ports().isEmpty() ? null : cleaning.begin(cell.id);
    ContainerSpec spec = before.spec();
    boolean restarts = !cell.isStopRequested && RestartRules.restarts(spec.restart(), exit, before.status().restartCount());
    Facts after = before.with(before.status().ended(exit, Instant.now(), restarts));
    save(cell, after);
    CrashPoint.END_COMMITTED.reached();
    cell.run = null;
    runs.ended(cell);
    placing.release(after);
    if (freeing == null) {
      cleaning.soon(cell.id);
    } else {
      await(cell, freeing);
      CrashPoint.END_CLEANED.reached();
    }
    Caller by = cell.endedBy;
    publish(by == null ? after.system() : by, before, after);
    // Also when it will be started again: who waits for an end has seen one, as with dockerd.
    waiters.tell(cell, Set.of(WaitCondition.NEXT_EXIT, WaitCondition.NOT_RUNNING));
    if (restarts) {
      schedule(cell, after, exit);
    }
    return !restarts && spec.isRemovedAtExit() && !cell.isRestarting;
  }

  private void save(Cell cell, Facts after) {
    Status status = after.status();
    String detail = status.isEndKnown() ? "exit code " + status.exitCode() + (status.isOomKilled() ? ", out of memory" : "") : "its end was not recorded";
    try {
      ledger.update(after.system(), cell, after, "die", detail);
    } catch (RuntimeException e) {
      // It has ended, whatever the database says; the exit record stays until the row is written or the container is removed.
      LOG.errorf(e, "the end of container %s could not be recorded; it will be tried again", cell.id);
      cell.set(after);
      threads.after(SAVE_AGAIN, () -> cell.locked(() -> saveAgain(cell, after)));
    }
  }

  private void saveAgain(Cell cell, Facts after) {
    if (cell.facts() == after) {
      save(cell, after);
    }
  }

  private static void await(Cell cell, Future<?> freeing) {
    try {
      freeing.get();
    } catch (ExecutionException e) {
      LOG.errorf(e.getCause(), "the kernel side of container %s could not be cleaned up; its removal or the next start of the server will", cell.id);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void publish(Caller by, Facts before, Facts after) {
    Status status = after.status();
    Map<String, String> more = new HashMap<>();
    if (!status.startedBy().isEmpty()) {
      more.put(Event.STARTED_BY, status.startedBy());
    }
    if (status.isOomKilled()) {
      // Whoever stopped it at that moment did not use up its memory.
      events.publish(after.system(), after, "oom", more);
    }
    more.put("exitCode", String.valueOf(status.exitCode()));
    Instant startedAt = before.status().startedAt();
    if (startedAt != null && status.finishedAt() != null) {
      more.put("execDuration", String.valueOf(Duration.between(startedAt, status.finishedAt()).toSeconds()));
    }
    if (!status.error().isEmpty()) {
      more.put("reason", status.error());
    }
    events.publish(by, after, "die", more);
    events.publishNetworks(by, after, "disconnect");
    mounting.publish(by, after, false);
  }

  private void schedule(Cell cell, Facts after, Sandboxes.@Nullable Exit exit) {
    Instant startedAt = after.status().startedAt();
    boolean wasLong = exit != null && startedAt != null && Duration.between(startedAt, exit.finishedAt()).compareTo(config.restartReset()) >= 0;
    cell.restartPauses = wasLong ? 0 : cell.restartPauses;
    cell.pendingRestart = threads.after(pause(cell.restartPauses++), () -> restart(cell));
  }

  private Duration pause(int before) {
    Duration pause = config.restartPause().multipliedBy(1L << Math.min(before, 20));
    return pause.compareTo(config.restartPauseMax()) > 0 ? config.restartPauseMax() : pause;
  }

  /** With --rm, when the end was recorded but not what follows. */
  void remove(Cell cell) {
    removal.removeEnded(cell);
  }

  /** Starts it again, unless somebody stopped, started or removed it in the meantime. */
  void restart(Cell cell) {
    CrashPoint.RESTART_DUE.reached();
    cell.locked(
        () -> {
          if (cell.state() != ContainerState.RESTARTING) {
            return;
          }
          Facts facts = cell.facts();
          try {
            ledger.attempt(facts.system(), "start", facts.name(), () -> starting.get().start(facts.system(), cell, facts.status().restartCount() + 1));
          } catch (RuntimeException e) {
            LOG.warnf("container %s was not started again: %s", cell.id, e.getMessage());
            waiters.tell(cell, Set.copyOf(List.of(WaitCondition.NEXT_EXIT, WaitCondition.NOT_RUNNING)));
          }
        });
  }
}
