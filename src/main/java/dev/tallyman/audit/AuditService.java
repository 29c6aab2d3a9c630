package dev.tallyman.audit;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** The trail: rows of a transaction are collected and linked just before its commit. */
@ApplicationScoped
class AuditService implements AuditTrail {
  private static final Logger LOG = Logger.getLogger("dev.tallyman.audit");

  private final PendingRows pending;
  private final AuditStore store;
  private final AuditVerification verification;

  @Inject
  AuditService(PendingRows pending, AuditStore store, AuditVerification verification) {
    this.pending = pending;
    this.store = store;
    this.verification = verification;
  }

  @Override
  public void done(Caller caller, String action, String object, String detail) {
    Draft row = Draft.of(Instant.now(), caller, action, object, "done", detail);
    if (pending.isPossible()) {
      pending.add(row);
    } else {
      QuarkusTransaction.requiringNew().run(() -> pending.add(row));
    }
  }

  @Override
  public void failed(Caller caller, String action, String object, Throwable why) {
    boolean isRefused = why instanceof TallymanException known && (known.kind() == ErrorKind.DENIED || known.kind() == ErrorKind.UNAUTHENTICATED);
    String detail = why instanceof TallymanException ? String.valueOf(why.getMessage()) : "unexpected failure";
    Draft row = Draft.of(Instant.now(), caller, action, object, isRefused ? "refused" : "failed", detail);
    try {
      QuarkusTransaction.requiringNew().run(() -> pending.add(row));
    } catch (RuntimeException e) {
      // The attempt has failed already; its own reason is what the client must hear, so this one goes to the log only.
      LOG.errorf(e, "a failed attempt could not be recorded: %s %s by %s", action, row.object(), row.account());
    }
  }

  @Override
  public List<AuditRow> list(Caller caller, AuditFilter filter) {
    if (filter.limit() < 1 || filter.limit() > 1000) {
      throw new TallymanException(ErrorKind.INVALID, "cannot list the audit trail: limit must be 1 to 1000");
    }
    Long team = caller.role() == Role.ADMINISTRATOR ? null : caller.team();
    return store.newest(team, filter).stream().map(AuditStore.Stored::shown).toList();
  }

  @Override
  public List<AuditRow> trace(TraceFilter filter) {
    return store.trace(filter).stream().map(AuditStore.Stored::shown).toList();
  }

  @Override
  public Optional<String> verify(Caller caller) {
    caller.require(Role.ADMINISTRATOR, "verify the audit trail");
    return verification.fault();
  }
}
