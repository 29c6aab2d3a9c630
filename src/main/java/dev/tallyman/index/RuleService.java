package dev.tallyman.index;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.identity.Caller;
import dev.tallyman.image.SharedBlobs;
import dev.tallyman.index.IndexStore.RepositoryRow;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rules as their repository's team sees and sets them. */
@ApplicationScoped
class RuleService {
  private static final String IMMUTABLE = "index.immutable";
  private static final String RETENTION = "index.retention";

  private final RuleStore store;
  private final IndexRights rights;
  private final SharedBlobs blobs;
  private final AuditTrail audit;

  @Inject
  RuleService(RuleStore store, IndexRights rights, SharedBlobs blobs, AuditTrail audit) {
    this.store = store;
    this.rights = rights;
    this.blobs = blobs;
    this.audit = audit;
  }

  /** For those who may pull from it. */
  Rules rules(Caller caller, String name) {
    return store.rules(rights.readable(Visitor.known(caller), name, "index.list").id());
  }

  /** What is to become of the rules; what is absent stays. @param retention with nothing in it = none any more */
  record Changes(@Nullable TagPatterns immutableTags, Retention.@Nullable Document retention) {}

  /** Members of the team only. No push that ends later goes by the old rules. */
  Rules change(Caller caller, String name, Changes changes) {
    String action = changes.immutableTags() != null ? IMMUTABLE : RETENTION;
    Visitor visitor = Visitor.known(caller);
    RepositoryRow row = rights.readable(visitor, name, action);
    rights.requireChange(visitor, name, action, "push");
    Retention.Document wanted = changes.retention();
    Retention retention = wanted == null || wanted.hasNothing() ? null : wanted.parsed();
    return blobs.change(List.of(), () -> QuarkusTransaction.requiringNew().call(() -> set(caller, row, changes, retention)));
  }

  private Rules set(Caller caller, RepositoryRow row, Changes changes, @Nullable Retention retention) {
    Rules before = store.rules(row.id());
    TagPatterns immutable = changes.immutableTags();
    Rules changed = new Rules(immutable == null ? before.immutableTags() : immutable, changes.retention() == null ? before.retention() : retention);
    store.setRules(row.id(), changed);
    if (immutable != null) {
      audit.done(caller, IMMUTABLE, row.name(), "tags " + immutable);
    }
    if (changes.retention() != null) {
      audit.done(caller, RETENTION, row.name(), retention == null ? "none" : retention.toString());
    }
    return changed;
  }
}
