package dev.tallyman.index;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.identity.Caller;
import dev.tallyman.image.SharedBlobs;
import dev.tallyman.index.FigureStore.Figures;
import dev.tallyman.index.IndexStore.RepositoryRow;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Repositories as their team sees and sets them. */
@ApplicationScoped
class RepositoryService implements Repositories, RepositorySearch {
  private static final int MAX_SHOWN = 1000;

  private final IndexStore store;
  private final IndexRights rights;
  private final TagStore shelf;
  private final FigureStore figures;
  private final PullTimes pulls;
  private final ManifestService manifests;
  private final Immutability immutability;
  private final Quotas quotas;
  private final SharedBlobs blobs;
  private final AuditTrail audit;

  @Inject
  RepositoryService(
      IndexStore store, IndexRights rights, TagStore shelf, FigureStore figures, PullTimes pulls, ManifestService manifests, Immutability immutability, Quotas quotas, SharedBlobs blobs,
      AuditTrail audit) {
    this.store = store;
    this.rights = rights;
    this.shelf = shelf;
    this.figures = figures;
    this.pulls = pulls;
    this.manifests = manifests;
    this.immutability = immutability;
    this.quotas = quotas;
    this.blobs = blobs;
    this.audit = audit;
  }

  /** @param term as in {@link RepositorySearch#search}; @param after names up to this one are left out */
  List<Summary> list(Caller caller, String term, String after) {
    return found(caller, term, after, MAX_SHOWN).stream().map(RepositoryService::shown).toList();
  }

  @Override
  public List<Listed> page(Caller caller, String term, String after, int limit) {
    List<RepositoryRow> rows = found(caller, term, after, limit);
    return pulls.steadily(() -> {
      Map<Long, Figures> counted = figures.of(rows);
      return rows.stream().map(each -> listed(each, counted.getOrDefault(each.id(), Figures.NONE))).toList();
    });
  }

  private Listed listed(RepositoryRow row, Figures figures) {
    return new Listed(shown(row), Address.teamOf(row.name()), figures.tags(), figures.storedBytes(), figures.pushedAt(), figures.pulledAt(), figures.pulls() + pulls.unwritten(row.id()));
  }

  @Override
  public List<Found> search(Caller caller, String term, int limit) {
    return found(caller, term, "", limit).stream().map(each -> new Found(each.name(), each.description())).toList();
  }

  private List<RepositoryRow> found(Caller caller, String term, String after, int limit) {
    if (term.length() > Description.MAX_LENGTH) {
      throw IndexException.invalid("UNSUPPORTED", "the term to search for is too long: at most " + Description.MAX_LENGTH + " characters");
    }
    return store.repositories(rights.teamSeenBy(Visitor.known(caller)), term, after, limit);
  }

  @Override
  public Details details(Caller caller, String name) {
    Visitor visitor = Visitor.known(caller);
    RepositoryRow row = rights.readable(visitor, name, "index.list");
    TagStore.Facts facts = shelf.facts(row.id()).orElseThrow(() -> IndexRights.unknown(name));
    return new Details(
        name, Address.teamOf(name), row.isPublic(), row.description(), facts.readme(), facts.createdBy(), facts.createdAt(), facts.tags(), facts.manifests(), facts.storedBytes(),
        rights.mayChange(visitor, name));
  }

  @Override
  public void delete(Caller caller, String name) {
    Visitor visitor = Visitor.known(caller);
    RepositoryRow row = rights.readable(visitor, name, "index.delete");
    rights.requireChange(visitor, name, "index.delete", "delete");
    List<String> forgotten = new ArrayList<>();
    blobs.change(forgotten, () -> quotas.freeing(() -> QuarkusTransaction.requiringNew().call(() -> forgotten.addAll(remove(caller, row)))));
  }

  private List<String> remove(Caller caller, RepositoryRow row) {
    if (store.repository(row.name()).filter(each -> each.id() == row.id()).isEmpty()) {
      throw IndexRights.unknown(row.name());
    }
    try {
      immutability.requireLoose(row);
    } catch (IndexException e) {
      audit.failed(caller, "index.delete", row.name(), e);
      throw e;
    }
    List<String> forgotten = shelf.removeRepository(row.id());
    audit.done(caller, "index.delete", row.name(), "repository");
    return forgotten;
  }

  @Override
  public void deleteImage(Caller caller, String name, String reference) {
    Visitor visitor = Visitor.known(caller);
    rights.readable(visitor, name, "index.delete");
    manifests.delete(visitor, name, reference);
  }

  @Override
  public Summary change(Caller caller, String name, Changes changes) {
    Visitor visitor = Visitor.known(caller);
    String action = changes.isPublic() != null ? "index.visibility" : changes.description() != null ? "index.description" : "index.readme";
    RepositoryRow row = rights.readable(visitor, name, action);
    rights.requireChange(visitor, name, action, "push");
    Boolean isPublic = changes.isPublic();
    String description = changes.description() == null ? null : Description.require(changes.description());
    String readme = changes.readme() == null ? null : Description.requireReadme(changes.readme());
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
              if (readme != null) {
                shelf.setReadme(row.id(), readme);
                audit.done(caller, "index.readme", name, readme.length() + " characters");
              }
              return shown(store.repository(name).orElseThrow(() -> IndexRights.unknown(name)));
            });
  }

  private static Summary shown(RepositoryRow row) {
    return new Summary(row.name(), row.isPublic(), row.description());
  }
}
