package dev.tallyman.exec;

import dev.tallyman.container.Container;
import dev.tallyman.exec.Execs.Exec;
import dev.tallyman.exec.Execs.ExecRequest;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** An exec and how far it is. */
final class ExecCell {
  enum Phase {
    CREATED,
    STARTING,
    RUNNING,
    ENDED
  }

  final String id;
  final Container container;
  final ExecRequest request;
  private Phase phase = Phase.CREATED;
  private Instant changedAt = Instant.now();
  private @Nullable Integer exitCode;
  private int pid;
  private String startedBy = "";

  ExecCell(String id, Container container, ExecRequest request) {
    this.id = id;
    this.container = container;
    this.request = request;
  }

  /** As it was before a restart of the server. */
  static ExecCell restored(ExecStore.Row row, Container container) {
    ExecCell cell = new ExecCell(row.id(), container, row.request());
    cell.phase = row.phase();
    cell.pid = row.pid();
    cell.exitCode = row.exitCode();
    return cell;
  }

  synchronized Phase phase() {
    return phase;
  }

  /** Takes the one start that it has. */
  synchronized void claimStart(String account) {
    switch (phase) {
      case CREATED -> {
        set(Phase.STARTING);
        startedBy = account;
      }
      case STARTING, RUNNING -> throw new ExecStartedException("exec command " + id + " is already running");
      case ENDED -> throw new ExecStartedException("exec command " + id + " has already run");
    }
  }

  /** Name of the account; empty before its start, and when another server started it. */
  synchronized String startedBy() {
    return startedBy;
  }

  synchronized void started(int ofProcess) {
    pid = ofProcess;
    // A very short command may have been seen ending first.
    if (phase == Phase.STARTING) {
      set(Phase.RUNNING);
    }
  }

  /** @return false if its end was known already */
  synchronized boolean ended(int code) {
    if (phase == Phase.ENDED) {
      return false;
    }
    set(Phase.ENDED);
    exitCode = code;
    return true;
  }

  private void set(Phase next) {
    phase = next;
    changedAt = Instant.now();
    notifyAll();
  }

  /** Waits for a start that is under way. @return false if it does not run */
  synchronized boolean awaitRunning(Duration longest) {
    Instant end = Instant.now().plus(longest);
    try {
      long left;
      while (phase == Phase.STARTING && (left = Duration.between(Instant.now(), end).toMillis()) > 0) {
        wait(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return phase == Phase.RUNNING;
  }

  synchronized boolean isRunning() {
    return phase == Phase.STARTING || phase == Phase.RUNNING;
  }

  /** Nobody has started it yet. */
  synchronized boolean isWaiting() {
    return phase == Phase.CREATED;
  }

  synchronized boolean isOver() {
    return phase == Phase.ENDED;
  }

  /** True for one that nobody started or asked for since then. */
  synchronized boolean isStale(Instant since) {
    return !isRunning() && changedAt.isBefore(since);
  }

  synchronized Exec shown() {
    return new Exec(id, container.id(), request, isRunning(), exitCode, pid);
  }
}
