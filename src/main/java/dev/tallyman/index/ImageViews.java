package dev.tallyman.index;

import dev.tallyman.identity.Caller;
import dev.tallyman.index.IndexStore.ManifestRow;
import dev.tallyman.index.IndexStore.RepositoryRow;
import dev.tallyman.index.ManifestDocument.Descriptor;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;

@ApplicationScoped
class ImageViews implements RepositoryImages {
  private static final int MAX_SHOWN_TAGS = 1000;
  private static final int MAX_PLATFORMS = 20;
  private static final int MAX_REFERRERS = 100;

  private final IndexStore store;
  private final TagStore tags;
  private final PartStore partStore;
  private final ManifestParts parts;
  private final ManifestService manifests;
  private final IndexRights rights;

  @Inject
  ImageViews(IndexStore store, TagStore tags, PartStore partStore, ManifestParts parts, ManifestService manifests, IndexRights rights) {
    this.store = store;
    this.tags = tags;
    this.partStore = partStore;
    this.parts = parts;
    this.manifests = manifests;
    this.rights = rights;
  }

  @Override
  public List<Tag> tags(Caller caller, String name, String after, int limit) {
    RepositoryRow repository = rights.readable(Visitor.known(caller), name, "index.list");
    parts.complete(repository.id());
    return tags.tags(repository.id(), after, limit).stream().map(each -> tag(repository, each)).toList();
  }

  private Tag tag(RepositoryRow repository, TagStore.TagRow row) {
    ManifestRow manifest = row.manifest();
    return new Tag(
        row.name(), manifest.digest(), manifest.mediaType(), partStore.bytes(repository.id(), manifest.id()), platforms(repository, manifest), row.pushedBy(), row.pushedAt(), row.pulledAt(),
        tags.countReferrers(repository.id(), manifest.digest()));
  }

  private List<String> platforms(RepositoryRow repository, ManifestRow row) {
    ManifestDocument document = parts.document(row);
    List<String> found =
        document.children().isEmpty()
            ? parts.config(repository.id(), document).map(ConfigView::platform).stream().toList()
            : document.children().stream().map(Descriptor::platform).filter(each -> !each.isEmpty()).distinct().toList();
    return found.subList(0, Math.min(MAX_PLATFORMS, found.size()));
  }

  @Override
  public Image image(Caller caller, String name, String reference) {
    RepositoryRow repository = rights.readable(Visitor.known(caller), name, "index.list");
    ManifestRow row = manifests.in(repository, reference);
    parts.complete(repository.id());
    ManifestDocument document = parts.document(row);
    TagStore.Pushed pushed = tags.pushed(row.id()).orElseThrow(() -> IndexException.absent("MANIFEST_UNKNOWN", "the repository has no manifest " + reference));
    return new Image(
        name, row.digest(), row.mediaType(), row.artifactType(), row.subject(), partStore.bytes(repository.id(), row.id()), tags.tagsOf(row.id(), MAX_SHOWN_TAGS), pushed.by(), pushed.at(), pushed.pulledAt(),
        parts.config(repository.id(), document).orElse(null), document.layers().stream().map(each -> part(each, store.blob(repository.id(), each.digest().text()).isPresent())).toList(),
        document.children().stream().map(each -> part(each, store.manifest(repository.id(), each.digest().text()).isPresent())).toList(),
        tags.referrers(repository.id(), row.digest(), MAX_REFERRERS));
  }

  private static Part part(Descriptor descriptor, boolean isThere) {
    return new Part(descriptor.digest().text(), descriptor.mediaType(), descriptor.bytes(), descriptor.platform(), isThere);
  }
}
