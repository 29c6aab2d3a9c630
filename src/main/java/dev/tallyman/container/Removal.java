package dev.tallyman.container;

import dev.tallyman.container.Cell.Run;
import dev.tallyman.container.Containers.WaitCondition;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.Sandboxes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/** Removes containers. The record stays; the commit comes first, so that a crash leaves work for the next start and never a half container. */
@Singleton
class Removal {
  private static final Logger LOG = Logger.getLogger(Removal.class);
  private static final Duration CLEAN_AGAIN = Duration.ofSeconds(10);
  private static final long KILL_SECONDS = 10;

  private final Sandboxes sandboxes;
  private final Placing placing;
  private final Inventory inventory;
  private final Ledger ledger;
  private final ContainerEvents events;
  private final Waiters waiters;
  private final Attaching attaching;
  private final WaitingThreads threads;
  private final Mounting mounting;
  private final Cleaning cleaning;
  private final Instance<RunListener> listeners;

  @Inject
  Removal(
      Sandboxes sandboxes, Placing placing, Inventory inventory, Ledger ledger, ContainerEvents events, Waiters waiters, Attaching attaching, WaitingThreads threads,
      Mounting mounting, Cleaning cleaning, Instance<RunListener> listeners) {
    this.listeners = listeners;
    this.sandboxes = sandboxes;
    this.placing = placing;
    this.inventory = inventory;
    this.ledger = ledger;
    this.events = events;
    this.waiters = waiters;
    this.attaching = attaching;
    this.threads = threads;
    this.mounting = mounting;
    this.cleaning = cleaning;
  }

  /** @param removesVolumes those that were made for it */
  void remove(Caller caller, Cell cell, boolean isForced, boolean removesVolumes) {
    // A restart policy or another client may start it between the kill and the removal.
    for (int tries = 0; tries < 3; tries++) {
      if (isForced && kill(caller, cell) && cell.state() == ContainerState.REMOVED) {
        ledger.note(caller, cell.facts(), "remove", "it was to be removed at its end anyway");
        return;
      }
      boolean isGone = cell.locked(() -> tryRemove(caller, cell, removesVolumes));
      if (isGone) {
        return;
      }
      if (!isForced) {
        throw Refusal.conflict(
            "cannot remove container " + Refusal.quoted(cell.facts().name()) + ": container is " + (cell.state() == ContainerState.PAUSED ? "paused and must be unpaused first" : "running: stop the container before removing or force remove"));
      }
    }
    throw Refusal.conflict("cannot remove container " + Refusal.quoted(cell.facts().name()) + ": could not kill: its process does not end");
  }

  /** @return true if there was a process to kill */
  private boolean kill(Caller caller, Cell cell) {
    Run run = cell.locked(() -> {
      cell.isStopRequested = true;
      cell.endedBy = caller;
      Run present = cell.run;
      if (present != null) {
        signalKill(cell);
      }
      return present;
    });
    if (run == null) {
      return false;
    }
    try {
      run.over().get(KILL_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warnf("container %s does not end after a kill", cell.id);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return true;
  }

  private void signalKill(Cell cell) {
    try {
      if (cell.state() == ContainerState.PAUSED) {
        sandboxes.signal(cell.id, Signals.KILL);
        sandboxes.thaw(cell.id);
      } else {
        sandboxes.signal(cell.id, Signals.KILL);
      }
    } catch (TallymanException e) {
      // It ended by itself just now: the watcher knows.
      LOG.debugf("container %s had ended before it was killed: %s", cell.id, e.getMessage());
    }
  }

  /** With --rm: after its end. */
  void removeEnded(Cell cell) {
    try {
      Caller caller = cell.facts().system();
      ledger.attempt(caller, "remove", cell.facts().name(), () -> cell.locked(() -> tryRemove(caller, cell, true)));
    } catch (RuntimeException e) {
      LOG.errorf(e, "container %s could not be removed after its end", cell.id);
    }
  }

  /** @return false if it is alive */
  private boolean tryRemove(Caller caller, Cell cell, boolean removesVolumes) {
    ContainerState state = cell.state();
    if (state == ContainerState.REMOVED) {
      throw Refusal.absent(cell.id);
    }
    if (state.isAlive()) {
      return false;
    }
    if (state == ContainerState.RESTARTING && !cell.isStopRequested) {
      throw Refusal.conflict(
          "cannot remove container " + Refusal.quoted(cell.facts().name()) + ": container is restarting: stop the container before removing or force remove");
    }
    cell.cancelPendingRestart();
    boolean wasDue = cleaning.take(cell.id);
    Facts before = cell.facts();
    Facts removed = before.with(before.status().with(ContainerState.REMOVING).removed(Instant.now()));
    try {
      commit(caller, cell, removed);
    } catch (RuntimeException e) {
      if (wasDue) {
        cleaning.soon(cell.id);
      }
      throw e;
    }
    CrashPoint.REMOVE_COMMITTED.reached();
    inventory.drop(cell);
    sayFarewell(cell);
    clean(cell);
    if (removesVolumes) {
      removeVolumes(caller, before);
    }
    CrashPoint.REMOVE_CLEANED.reached();
    attaching.failAll(cell, Refusal.absent(before.id()));
    waiters.tell(cell, Set.of(WaitCondition.values()));
    events.publish(caller, removed, "destroy");
    return true;
  }

  /** The container is gone whatever becomes of them; what stays is found by prune. */
  private void removeVolumes(Caller caller, Facts facts) {
    try {
      mounting.removeAnonymous(caller, facts.plan().mounts());
    } catch (TallymanException e) {
      LOG.errorf("volumes of the removed container %s stay: %s", facts.id(), e.getMessage());
    }
  }

  private void commit(Caller caller, Cell cell, Facts removed) {
    try {
      ledger.update(caller, cell, removed, "remove", "");
    } catch (RuntimeException e) {
      // A full disk: what the container wrote may be all that fills it. Its end is wanted, so its layer may go first.
      LOG.warnf("the removal of container %s could not be recorded at first: %s", cell.id, e.getMessage());
      sandboxes.remove(cell.id);
      ledger.update(caller, cell, removed, "remove", "");
    }
  }

  private void sayFarewell(Cell cell) {
    for (RunListener each : listeners) {
      try {
        each.leaves(cell.shown());
      } catch (RuntimeException e) {
        // A removal does not depend on them.
        LOG.errorf(e, "a listener failed on the removal of container %s", cell.id);
      }
    }
  }

  private void clean(Cell cell) {
    try {
      sandboxes.remove(cell.id);
      placing.forget(cell.facts());
    } catch (TallymanException e) {
      LOG.errorf("what the kernel holds of the removed container %s stays for now: %s", cell.id, e.getMessage());
      threads.after(CLEAN_AGAIN, () -> clean(cell));
    }
  }
}
