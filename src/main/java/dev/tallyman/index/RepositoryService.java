package dev.tallyman.index;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.identity.Caller;
import dev.tallyman.index.IndexStore.RepositoryRow;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;

/** Repositories as their team sees and sets them. */
@ApplicationScoped
class RepositoryService {
  private static final int MAX_SHOWN = 1000;

  private final IndexStore store;
  private final IndexRights rights;
  private final AuditTrail audit;

  @Inject
  RepositoryService(IndexStore store, IndexRights rights, AuditTrail audit) {
    this.store = store;
    this.rights = rights;
    this.audit = audit;
  }

  /** @param isPublic every account may pull it; without an account only if tallyman.index.anonymous-reading is set */
  record Repository(String name, boolean isPublic) {}

  /** @param after names up to this one are left out */
  List<Repository> list(Caller caller, String after) {
    return store.repositories(rights.teamSeenBy(visitor(caller)), after, MAX_SHOWN).stream().map(RepositoryService::shown).toList();
  }

  Repository setPublic(Caller caller, String name, boolean isPublic) {
    Visitor visitor = visitor(caller);
    RepositoryRow row = rights.readable(visitor, name, "index.visibility");
    rights.requireChange(visitor, name, "index.visibility", "push");
    return QuarkusTransaction.requiringNew()
        .call(
            () -> {
              store.setPublic(row.id(), isPublic);
              audit.done(caller, "index.visibility", name, isPublic ? "public" : "private");
              return new Repository(name, isPublic);
            });
  }

  private static Visitor visitor(Caller caller) {
    return new Visitor(caller, false, null);
  }

  private static Repository shown(RepositoryRow row) {
    return new Repository(row.name(), row.isPublic());
  }
}
