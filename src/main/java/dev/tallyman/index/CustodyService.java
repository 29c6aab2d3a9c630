package dev.tallyman.index;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.audit.AuditTrail.AuditRow;
import dev.tallyman.audit.AuditTrail.TraceFilter;
import dev.tallyman.container.Container;
import dev.tallyman.container.Containers;
import dev.tallyman.container.Containers.ContainerFilter;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.index.IndexStore.BlobRow;
import dev.tallyman.index.IndexStore.ManifestRow;
import dev.tallyman.index.IndexStore.RepositoryRow;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** From the audit trail and the inventory. */
@ApplicationScoped
class CustodyService implements ImageCustody {
  private static final int MAX_SHOWN = 100;
  private static final int MAX_CHILDREN = 20;
  private static final List<String> ORIGINS = List.of("image.import", "image.load", "image.commit", "image.build", "image.pull");
  private static final String ANY = "";

  private final IndexStore store;
  private final IndexRights rights;
  private final ManifestService manifests;
  private final ManifestParts parts;
  private final PartStore partStore;
  private final AuditTrail audit;
  private final Containers containers;

  @Inject
  CustodyService(IndexStore store, IndexRights rights, ManifestService manifests, ManifestParts parts, PartStore partStore, AuditTrail audit, Containers containers) {
    this.store = store;
    this.rights = rights;
    this.manifests = manifests;
    this.parts = parts;
    this.partStore = partStore;
    this.audit = audit;
    this.containers = containers;
  }

  @Override
  public Custody custody(Caller caller, String name, String reference) {
    RepositoryRow repository = rights.readable(Visitor.known(caller), name, "index.list");
    parts.complete(repository.id());
    ManifestRow manifest = find(repository, reference);
    List<String> ids = imageIds(repository, manifest);
    // Others than members learn of their own team what the trail would show them anyway.
    List<Long> pullers = caller.sees(repository.team()) ? null : List.of(caller.team());
    List<Long> owners = caller.role() == Role.ADMINISTRATOR ? null : List.of(repository.team(), caller.team());
    return new Custody(
        name, manifest.digest(), ids, ids.isEmpty() ? List.of() : steps(new TraceFilter(ORIGINS, List.of(ANY), ids, owners, true, MAX_SHOWN)),
        steps(new TraceFilter(List.of("index.push"), List.of(name + "@" + manifest.digest()), List.of(ANY), null, true, MAX_SHOWN)),
        steps(new TraceFilter(List.of("index.pull"), List.of(name + ":", name + "@"), List.of(manifest.digest()), pullers, false, MAX_SHOWN)), runs(caller, ids));
  }

  private ManifestRow find(RepositoryRow repository, String reference) {
    if (!Address.isDigest(reference)) {
      return manifests.in(repository, reference);
    }
    String digest = new ContentDigest(reference).text();
    return store.manifest(repository.id(), digest).or(() -> withConfig(repository, digest)).orElseGet(() -> manifests.in(repository, reference));
  }

  private Optional<ManifestRow> withConfig(RepositoryRow repository, String id) {
    return partStore
        .manifestWith(repository.id(), id)
        .flatMap(digest -> store.manifest(repository.id(), digest))
        .filter(row -> parts.document(row).config().filter(each -> each.digest().text().equals(id)).isPresent());
  }

  private List<String> imageIds(RepositoryRow repository, ManifestRow manifest) {
    ManifestDocument document = parts.document(manifest);
    Stream<ManifestDocument> children =
        document.children().stream().flatMap(each -> store.manifest(repository.id(), each.digest().text()).stream()).limit(MAX_CHILDREN).map(parts::document);
    return Stream.concat(Stream.of(document), children)
        .flatMap(each -> each.config().stream())
        .flatMap(each -> store.blob(repository.id(), each.digest().text()).stream())
        .map(BlobRow::stored)
        .distinct()
        .toList();
  }

  private List<Step> steps(TraceFilter filter) {
    return audit.trace(filter).stream().map(CustodyService::step).toList();
  }

  private static Step step(AuditRow row) {
    return new Step(row.action().substring(row.action().indexOf('.') + 1), row.object(), row.account(), row.team(), row.way(), row.at());
  }

  /** Administrators see those of all teams. */
  private List<Run> runs(Caller caller, List<String> ids) {
    return containers.list(caller, new ContainerFilter(true, true, 0, Map.of())).stream().filter(each -> ids.contains(each.imageId())).limit(MAX_SHOWN).map(CustodyService::run).toList();
  }

  private static Run run(Container each) {
    return new Run(each.id(), each.name(), each.teamName(), each.creator(), each.startedBy(), each.state(), each.createdAt(), each.startedAt(), each.removedAt());
  }
}
