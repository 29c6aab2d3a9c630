package dev.tallyman.container;

import dev.tallyman.container.Cell.Run;
import dev.tallyman.container.Containers.WaitCondition;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.Sandboxes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Ends containers, freezes and thaws them. The wish is committed before the signal is sent; the end follows by the watcher. */
@Singleton
class Stopping {
  private static final long KILL_SECONDS = 10;

  private final Sandboxes sandboxes;
  private final Ledger ledger;
  private final ContainerStore store;
  private final ContainerEvents events;
  private final Waiters waiters;
  private final Starting starting;
  private final Removal removal;
  private final ContainerConfig config;

  @Inject
  Stopping(
      Sandboxes sandboxes, Ledger ledger, ContainerStore store, ContainerEvents events, Waiters waiters, Starting starting, Removal removal, ContainerConfig config) {
    this.sandboxes = sandboxes;
    this.ledger = ledger;
    this.store = store;
    this.events = events;
    this.waiters = waiters;
    this.starting = starting;
    this.removal = removal;
    this.config = config;
  }

  boolean stop(Caller caller, Cell cell, @Nullable String signal, @Nullable Integer timeoutSeconds) {
    return stop(caller, cell, signal, timeoutSeconds, "");
  }

  /** @param reason why the server does it by itself; empty when somebody asked for it */
  boolean stop(Caller caller, Cell cell, @Nullable String signal, @Nullable Integer timeoutSeconds, String reason) {
    boolean wasAlive = end(caller, cell, new Wish("stop", signal, timeoutSeconds, reason));
    if (wasAlive) {
      events.publish(caller, cell.facts(), "stop", reason.isEmpty() ? Map.of() : Map.of("reason", reason));
    }
    return wasAlive;
  }

  void restart(Caller caller, Cell cell, @Nullable String signal, @Nullable Integer timeoutSeconds) {
    cell.locked(() -> cell.isRestarting = true);
    try {
      end(caller, cell, new Wish("restart", signal, timeoutSeconds, ""));
      starting.start(caller, cell, 0);
    } finally {
      boolean mustGo = cell.locked(() -> {
        cell.isRestarting = false;
        return cell.facts().spec().isRemovedAtExit() && cell.state() == ContainerState.EXITED;
      });
      if (mustGo) {
        removal.removeEnded(cell);
      }
    }
    events.publish(caller, cell.facts(), "restart");
  }

  private record Wish(String what, @Nullable String signal, @Nullable Integer timeoutSeconds, String reason) {}

  /** @return false if it was not alive */
  private boolean end(Caller caller, Cell cell, Wish wish) {
    String signal = wish.signal;
    int number = Signals.parse(signal == null || signal.isEmpty() ? cell.facts().plan().stopSignal() : signal);
    long seconds = seconds(cell, wish.timeoutSeconds);
    Begun begun = cell.locked(() -> begin(caller, cell, wish, number));
    Run run = begun.run();
    if (run == null) {
      return begun.wasActive();
    }
    if (!await(run, seconds)) {
      send(caller, cell, run, Signals.KILL);
      if (!await(run, KILL_SECONDS)) {
        throw new TallymanException(ErrorKind.INTERNAL, "cannot " + wish.what + " container " + cell.facts().name() + ": its process does not end after a kill");
      }
    }
    return true;
  }

  private long seconds(Cell cell, @Nullable Integer given) {
    Integer own = cell.facts().spec().stopTimeoutSeconds();
    return given != null ? given : own != null ? own : config.stopTimeout().toSeconds();
  }

  /** @param run to wait for; absent if no process lived, though a restart may have been due */
  private record Begun(boolean wasActive, @Nullable Run run) {}

  private Begun begin(Caller caller, Cell cell, Wish wish, int signal) {
    String what = wish.what;
    Facts facts = cell.facts();
    Run run = cell.run;
    if (facts.state() == ContainerState.RESTARTING) {
      cell.cancelPendingRestart();
      Status waited = facts.status().stoppedByUser().with(ContainerState.EXITED);
      Facts stopped = facts.with(wish.reason.isEmpty() ? waited : waited.because(wish.reason));
      ledger.update(caller, cell, stopped, what, "while it waited for its restart" + (wish.reason.isEmpty() ? "" : ", " + wish.reason));
      if (what.equals("kill")) {
        events.publish(caller, stopped, "kill", Map.of("signal", String.valueOf(signal)));
      }
      waiters.tell(cell, Set.of(WaitCondition.NEXT_EXIT, WaitCondition.NOT_RUNNING));
      return new Begun(true, null);
    }
    if (run == null || !facts.state().isAlive()) {
      if (what.equals("restart")) {
        ledger.note(caller, facts, what, "it was not running");
      }
      return new Begun(false, null);
    }
    Status status = facts.status().stoppedByUser();
    Facts wanted = facts.with(wish.reason.isEmpty() ? status : status.because(wish.reason));
    ledger.update(caller, cell, wanted, what, "signal " + signal + (wish.reason.isEmpty() ? "" : ", " + wish.reason));
    CrashPoint.STOP_COMMITTED.reached();
    cell.isStopRequested = true;
    cell.endedBy = caller;
    sendLocked(caller, cell, signal);
    CrashPoint.STOP_SIGNALLED.reached();
    return new Begun(true, run);
  }

  private void send(Caller caller, Cell cell, Run run, int signal) {
    cell.locked(() -> {
      if (cell.run == run) {
        sendLocked(caller, cell, signal);
      }
    });
  }

  /** A frozen process gets the signal when it thaws. */
  private void sendLocked(Caller caller, Cell cell, int signal) {
    try {
      sandboxes.signal(cell.id, signal);
      if (cell.state() == ContainerState.PAUSED) {
        sandboxes.thaw(cell.id);
        Facts facts = cell.facts();
        ledger.remark(facts.system(), cell, facts.with(facts.status().with(ContainerState.RUNNING)), "unpause", "to take the signal");
      }
      events.publish(caller, cell.facts(), "kill", Map.of("signal", String.valueOf(signal)));
    } catch (TallymanException e) {
      if (e.kind() != ErrorKind.NOT_FOUND) {
        throw e;
      }
      // It has ended by itself; the watcher is about to say so.
    }
  }

  private static boolean await(Run run, long seconds) {
    try {
      if (seconds < 0) {
        run.over().get();
      } else {
        run.over().get(seconds, TimeUnit.SECONDS);
      }
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TallymanException(ErrorKind.UNAVAILABLE, "the wait for the end of a container was interrupted", e);
    }
  }

  void kill(Caller caller, Cell cell, String signal) {
    kill(caller, cell, signal, "");
  }

  /** @param reason why the server does it by itself; empty when somebody asked for it */
  void kill(Caller caller, Cell cell, String signal, String reason) {
    int number = signal.isEmpty() ? Signals.KILL : Signals.parse(signal);
    boolean ends = number == Signals.KILL || number == Signals.parse(cell.facts().plan().stopSignal());
    Begun begun = cell.locked(() -> {
      Facts facts = cell.facts();
      Run present = cell.run;
      if (ends && facts.state() == ContainerState.RESTARTING) {
        return begin(caller, cell, new Wish("kill", signal, null, reason), number);
      }
      if (present == null || !facts.state().isAlive()) {
        throw Refusal.conflict("cannot kill container: " + facts.name() + ": container " + facts.id() + " is not running");
      }
      Status status = ends ? facts.status().stoppedByUser() : facts.status();
      Facts wanted = facts.with(reason.isEmpty() ? status : status.because(reason));
      ledger.commit(caller, wanted, "kill", "signal " + number, () -> store.update(wanted));
      cell.set(wanted);
      cell.isStopRequested = cell.isStopRequested || ends;
      if (ends) {
        cell.endedBy = caller;
        sendLocked(caller, cell, number);
      } else {
        alive(cell, () -> sandboxes.signal(cell.id, number));
        events.publish(caller, wanted, "kill", Map.of("signal", String.valueOf(number)));
      }
      return new Begun(true, present);
    });
    Run run = begun.run();
    if (run != null && number == Signals.KILL) {
      await(run, KILL_SECONDS);
    }
  }

  void pause(Caller caller, Cell cell) {
    cell.locked(() -> {
      Facts facts = requireRunning(cell);
      if (facts.state() == ContainerState.PAUSED) {
        throw Refusal.conflict("container " + facts.id() + " is already paused");
      }
      alive(cell, () -> sandboxes.freeze(cell.id));
      ledger.update(caller, cell, facts.with(facts.status().with(ContainerState.PAUSED)), "pause", "");
      events.publish(caller, cell.facts(), "pause");
    });
  }

  void unpause(Caller caller, Cell cell) {
    cell.locked(() -> {
      Facts facts = cell.facts();
      if (facts.state() != ContainerState.PAUSED) {
        throw Refusal.unlisted("Container " + facts.id() + " is not paused");
      }
      alive(cell, () -> sandboxes.thaw(cell.id));
      ledger.update(caller, cell, facts.with(facts.status().with(ContainerState.RUNNING)), "unpause", "");
      events.publish(caller, cell.facts(), "unpause");
    });
  }

  /** The process may have ended while the watcher is still on its way to say so. */
  private static void alive(Cell cell, Runnable call) {
    try {
      call.run();
    } catch (TallymanException e) {
      throw e.kind() == ErrorKind.NOT_FOUND ? Refusal.conflict("container " + cell.id + " is not running") : e;
    }
  }

  private static Facts requireRunning(Cell cell) {
    Facts facts = cell.facts();
    if (facts.state() == ContainerState.RESTARTING) {
      throw Refusal.conflict("container " + facts.id() + " is restarting, wait until the container is running");
    }
    if (!facts.state().isAlive()) {
      throw Refusal.conflict("container " + facts.id() + " is not running");
    }
    return facts;
  }
}
