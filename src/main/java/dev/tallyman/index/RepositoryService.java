package dev.tallyman.index;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.identity.Caller;
import dev.tallyman.index.IndexStore.RepositoryRow;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Repositories as their team sees and sets them. */
@ApplicationScoped
class RepositoryService implements RepositorySearch {
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

  /**
   * @param isPublic every account may pull it; without an account only if tallyman.index.anonymous-reading is set
   * @param description a line for people; empty if there is none
   */
  record Repository(String name, boolean isPublic, String description) {}

  /** What is to become of a repository; what is absent stays. */
  record Changes(@Nullable Boolean isPublic, @Nullable String description) {}

  /** @param term as in {@link RepositorySearch#search}; @param after names up to this one are left out */
  List<Repository> list(Caller caller, String term, String after) {
    return found(caller, term, after, MAX_SHOWN).stream().map(RepositoryService::shown).toList();
  }

  @Override
  public List<Found> search(Caller caller, String term, int limit) {
    return found(caller, term, "", limit).stream().map(each -> new Found(each.name(), each.description())).toList();
  }

  private List<RepositoryRow> found(Caller caller, String term, String after, int limit) {
    if (term.length() > Description.MAX_LENGTH) {
      throw IndexException.invalid("UNSUPPORTED", "the term to search for is too long: at most " + Description.MAX_LENGTH + " characters");
    }
    return store.repositories(rights.teamSeenBy(visitor(caller)), term, after, limit);
  }

  /** All of it or nothing. */
  Repository change(Caller caller, String name, Changes changes) {
    Visitor visitor = visitor(caller);
    String action = changes.isPublic() == null ? "index.description" : "index.visibility";
    RepositoryRow row = rights.readable(visitor, name, action);
    rights.requireChange(visitor, name, action, "push");
    Boolean isPublic = changes.isPublic();
    String description = changes.description() == null ? null : Description.require(changes.description());
    return QuarkusTransaction.requiringNew()
        .call(
            () -> {
              if (isPublic != null) {
                store.setPublic(row.id(), isPublic);
                audit.done(caller, "index.visibility", name, isPublic ? "public" : "private");
              }
              if (description != null) {
                store.setDescription(row.id(), description);
                audit.done(caller, "index.description", name, description);
              }
              return shown(store.repository(name).orElseThrow(() -> IndexRights.unknown(name)));
            });
  }

  private static Visitor visitor(Caller caller) {
    return new Visitor(caller, false, null);
  }

  private static Repository shown(RepositoryRow row) {
    return new Repository(row.name(), row.isPublic(), row.description());
  }
}
