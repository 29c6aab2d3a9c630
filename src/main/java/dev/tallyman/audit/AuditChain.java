package dev.tallyman.audit;

import dev.tallyman.audit.AuditStore.Stored;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Gives rows their place in the chain. The end of the chain is kept in memory; whoever appends holds the chain from the moment its rows
 * are linked until its transaction is over, so a rolled-back row leaves no gap. One insert a row, nothing is read.
 */
@Singleton
class AuditChain {
  /** Longer than any commit takes; then the waiting request fails instead of hanging. */
  private static final long WAIT_SECONDS = 20;

  private final AuditStore store;
  private final MeterRegistry metrics;
  // A semaphore, not a lock: a transaction may be ended by another thread than the one that began it.
  private final Semaphore turn = new Semaphore(1, true);
  private @Nullable Link head;

  @Inject
  AuditChain(AuditStore store, MeterRegistry metrics) {
    this.store = store;
    this.metrics = metrics;
  }

  /** Holds the chain and writes the rows in the current transaction. {@link #release} must follow when that is over. */
  Link append(List<Draft> drafts) {
    acquire();
    try {
      Link end = head == null ? store.head() : head;
      List<Stored> rows = new ArrayList<>(drafts.size());
      for (Draft draft : drafts) {
        end = end.next(draft);
        rows.add(new Stored(end, draft));
      }
      store.append(rows);
      drafts.forEach(draft -> metrics.counter("tallyman.audit.rows", "action", draft.action(), "outcome", draft.outcome()).increment());
      return end;
    } catch (RuntimeException | Error e) {
      turn.release();
      throw e;
    }
  }

  /** @param end the new end after a commit; null after a rollback or an outcome nobody knows: the end is then read again */
  void release(@Nullable Link end) {
    head = end;
    turn.release();
  }

  /** The end is read again before the next row. */
  void forget() {
    acquire();
    release(null);
  }

  private void acquire() {
    boolean isOurs;
    try {
      isOurs = turn.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      isOurs = false;
    }
    if (!isOurs) {
      throw new TallymanException(ErrorKind.UNAVAILABLE, "cannot write the audit trail: it is busy; try again");
    }
  }
}
