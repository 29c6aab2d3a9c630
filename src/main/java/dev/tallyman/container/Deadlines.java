package dev.tallyman.container;

import dev.tallyman.container.Cell.Run;
import dev.tallyman.error.TallymanException;
import jakarta.inject.Inject;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Future;
import org.jboss.logging.Logger;

/** Stops containers whose maximum run time is over. It counts from the start of a run, pauses and restarts of the server included. */
@Singleton
class Deadlines implements RunListener {
  private static final Logger LOG = Logger.getLogger(Deadlines.class);

  private final Inventory inventory;
  private final WaitingThreads threads;
  private final Ledger ledger;
  private final Provider<Stopping> stopping;

  @Inject
  Deadlines(Inventory inventory, WaitingThreads threads, Ledger ledger, Provider<Stopping> stopping) {
    this.inventory = inventory;
    this.threads = threads;
    this.ledger = ledger;
    this.stopping = stopping;
  }

  @Override
  public void began(Container container) {
    long seconds = container.life().maxRuntimeSeconds();
    Cell cell = inventory.get(container.id());
    Instant startedAt = container.startedAt();
    if (seconds == 0 || cell == null || startedAt == null) {
      return;
    }
    Run run = cell.run;
    Duration left = Duration.between(Instant.now(), startedAt.plusSeconds(seconds));
    cell.deadline = threads.after(left.isNegative() ? Duration.ZERO : left, () -> stop(cell, run, seconds));
  }

  @Override
  public void ended(Container container) {
    Cell cell = inventory.get(container.id());
    Future<?> deadline = cell == null ? null : cell.deadline;
    if (cell != null && deadline != null) {
      cell.deadline = null;
      deadline.cancel(false);
    }
  }

  private void stop(Cell cell, Run run, long seconds) {
    if (cell.run == run) {
      Facts facts = cell.facts();
      String reason = "stopped: its maximum run time of " + text(seconds) + " is over";
      try {
        ledger.attempt(facts.system(), "stop", facts.name(), () -> stopping.get().stop(facts.system(), cell, null, null, reason));
      } catch (TallymanException e) {
        LOG.warnf("the maximum run time of container %s is over, but it was not stopped: %s", cell.id, e.getMessage());
      }
    }
  }

  /** As it is written in a request, e.g. 1h30m. */
  static String text(long seconds) {
    String hours = seconds >= 3600 ? seconds / 3600 + "h" : "";
    String minutes = seconds / 60 % 60 > 0 ? seconds / 60 % 60 + "m" : "";
    String rest = seconds % 60 > 0 ? seconds % 60 + "s" : "";
    return hours + minutes + rest;
  }
}
