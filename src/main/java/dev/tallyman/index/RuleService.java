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
class RuleService implements RepositoryRules {
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

  @Override
  public Laid laid(Caller caller, String name) {
    return shown(store.rules(rights.readable(Visitor.known(caller), name, "index.list").id()));
  }

  /** What is to become of the rules; what is absent stays. @param retention with nothing in it = none any more */
  private record Changes(@Nullable TagPatterns immutableTags, @Nullable RetentionRule retention) {}

  /** No push that ends later goes by the old rules. */
  @Override
  public Laid lay(Caller caller, String name, @Nullable List<String> immutableTags, @Nullable RetentionRule wanted) {
    String action = immutableTags != null ? IMMUTABLE : RETENTION;
    Visitor visitor = Visitor.known(caller);
    RepositoryRow row = rights.readable(visitor, name, action);
    rights.requireChange(visitor, name, action, "push");
    Changes changes = new Changes(immutableTags == null ? null : new TagPatterns(immutableTags), wanted);
    Retention retention = wanted == null || wanted.hasNothing() ? null : wanted.parsed();
    return shown(blobs.change(List.of(), () -> QuarkusTransaction.requiringNew().call(() -> set(caller, row, changes, retention))));
  }

  private static Laid shown(Rules rules) {
    return new Laid(rules.immutableTags().patterns(), rules.retention() == null ? null : rules.retention().rule());
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
