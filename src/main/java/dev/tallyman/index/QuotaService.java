package dev.tallyman.index;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.SharedBlobs;
import dev.tallyman.web.Failures;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Limits of storage as teams see and administrators set them. */
@ApplicationScoped
class QuotaService implements TeamQuotas {
  /** No store is larger: 1 EiB. */
  static final long MAX_BYTES = 1L << 60;

  private final QuotaStore store;
  private final Uploads uploads;
  private final SharedBlobs blobs;
  private final AuditTrail audit;

  @Inject
  QuotaService(QuotaStore store, Uploads uploads, SharedBlobs blobs, AuditTrail audit) {
    this.store = store;
    this.uploads = uploads;
    this.blobs = blobs;
    this.audit = audit;
  }

  @Override
  public List<Quota> list(Caller caller) {
    return store.rows(caller.role() == Role.ADMINISTRATOR ? null : Long.valueOf(caller.team())).stream().map(this::shown).toList();
  }

  @Override
  public Quota change(Caller caller, String team, @Nullable Long limitBytes) {
    String attempted = "limit the storage of team " + team;
    try {
      caller.require(Role.ADMINISTRATOR, attempted);
      if (limitBytes != null && (limitBytes < 0 || limitBytes > MAX_BYTES)) {
        throw new TallymanException(ErrorKind.INVALID, "cannot " + attempted + ": limitBytes must be 0 to " + MAX_BYTES);
      }
      return blobs.change(List.of(), () -> QuarkusTransaction.requiringNew().call(() -> set(caller, attempted, team, limitBytes)));
    } catch (RuntimeException e) {
      audit.failed(caller, "index.quota", team, java.util.Objects.requireNonNullElse(Failures.known(e), e));
      throw e;
    }
  }

  private Quota set(Caller caller, String attempted, String team, @Nullable Long limitBytes) {
    QuotaStore.Row row =
        store.rows(null).stream().filter(each -> each.name().equals(team)).findFirst().orElseThrow(() -> new TallymanException(ErrorKind.NOT_FOUND, "cannot " + attempted + ": there is no such team"));
    if (limitBytes == null) {
      store.removeLimit(row.team());
    } else {
      store.setLimit(row.team(), limitBytes);
    }
    audit.done(caller, "index.quota", team, limitBytes == null ? "no limit" : limitBytes + " bytes");
    return shown(new QuotaStore.Row(row.team(), team, limitBytes));
  }

  private Quota shown(QuotaStore.Row row) {
    return new Quota(row.name(), row.maxBytes(), store.used(row.team()), uploads.underWay(row.name(), null));
  }
}
