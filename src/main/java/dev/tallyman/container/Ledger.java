package dev.tallyman.container;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.container.Containers.Moment;
import dev.tallyman.identity.Caller;
import dev.tallyman.web.Failures;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.function.Supplier;

/** Commits a change of a container: its row, a moment of its timeline and a row of the audit trail, or nothing. */
@Singleton
class Ledger {
  private final ContainerStore store;
  private final AuditTrail audit;

  @Inject
  Ledger(ContainerStore store, AuditTrail audit) {
    this.store = store;
    this.audit = audit;
  }

  /** @param what word of the timeline; the audit row's action is {@code container.} and this word */
  void commit(Caller caller, Facts facts, String what, String detail, Runnable statements) {
    QuarkusTransaction.requiringNew()
        .run(
            () -> {
              statements.run();
              store.addMoment(facts.id(), new Moment(Status.micros(Instant.now()), what, caller.accountName(), detail));
              audit.done(caller, "container." + what, facts.name(), detail);
            });
  }

  /** Commits a new status and shows it. */
  void update(Caller caller, Cell cell, Facts changed, String what, String detail) {
    commit(caller, changed, what, detail, () -> store.update(changed));
    cell.set(changed);
  }

  /** A fact that changes nothing that is stored. */
  void note(Caller caller, Facts facts, String what, String detail) {
    commit(caller, facts, what, detail, () -> {});
  }

  /** Commits a status that is not audited by itself, e.g. of a failed attempt whose audit row is written by {@link #attempt}. */
  void remark(Caller caller, Cell cell, Facts changed, String what, String detail) {
    QuarkusTransaction.requiringNew()
        .run(
            () -> {
              store.update(changed);
              store.addMoment(changed.id(), new Moment(Status.micros(Instant.now()), what, caller.accountName(), detail));
            });
    cell.set(changed);
  }

  /** Runs a use case; a failure of it becomes an audit row of its own. */
  <T> T attempt(Caller caller, String action, String object, Supplier<T> work) {
    try {
      return work.get();
    } catch (RuntimeException e) {
      RuntimeException known = Failures.known(e);
      RuntimeException why = known == null ? e : known;
      audit.failed(caller, "container." + action, object, why);
      throw why;
    }
  }
}
