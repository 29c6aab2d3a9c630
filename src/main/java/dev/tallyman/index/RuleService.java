package dev.tallyman.index;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.identity.Caller;
import dev.tallyman.image.SharedBlobs;
import dev.tallyman.index.IndexStore.RepositoryRow;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;

/** Rules as their repository's team sees and sets them. */
@ApplicationScoped
class RuleService {
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

  /** Members of the team only. No push that ends later goes by the old rules. */
  Rules change(Caller caller, String name, TagPatterns immutableTags) {
    String action = "index.immutable";
    Visitor visitor = Visitor.known(caller);
    RepositoryRow row = rights.readable(visitor, name, action);
    rights.requireChange(visitor, name, action, "push");
    return blobs.change(
        List.of(),
        () ->
            QuarkusTransaction.requiringNew()
                .call(
                    () -> {
                      Rules changed = new Rules(immutableTags);
                      store.setRules(row.id(), changed);
                      audit.done(caller, action, name, "tags " + immutableTags);
                      return changed;
                    }));
  }
}
