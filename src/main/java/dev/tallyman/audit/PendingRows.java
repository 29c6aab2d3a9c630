package dev.tallyman.audit;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows waiting for the commit of the current transaction. */
@ApplicationScoped
class PendingRows {
  private final TransactionSynchronizationRegistry transactions;
  private final AuditChain chain;
  private final DiskSync disk;

  @Inject
  PendingRows(TransactionSynchronizationRegistry transactions, AuditChain chain, DiskSync disk) {
    this.transactions = transactions;
    this.chain = chain;
    this.disk = disk;
  }

  /** True within a transaction that can still be committed. */
  boolean isPossible() {
    return transactions.getTransactionStatus() == Status.STATUS_ACTIVE;
  }

  /** Needs an active transaction. */
  void add(Draft row) {
    Batch batch = (Batch) transactions.getResource(PendingRows.class);
    if (batch == null) {
      batch = new Batch();
      transactions.putResource(PendingRows.class, batch);
      // Interposed ones run after Hibernate's own, so everything else of this transaction is written before the chain is held: waiting for
      // a row lock while holding the chain would be a deadlock.
      transactions.registerInterposedSynchronization(batch);
    }
    batch.rows.add(row);
  }

  private final class Batch implements Synchronization {
    private final List<Draft> rows = new ArrayList<>();
    private boolean holdsChain;
    private @Nullable Link end;

    @Override
    public void beforeCompletion() {
      end = chain.append(rows);
      holdsChain = true;
    }

    @Override
    public void afterCompletion(int status) {
      if (holdsChain) {
        chain.release(status == Status.STATUS_COMMITTED ? end : null);
        disk.force();
      }
    }
  }
}
