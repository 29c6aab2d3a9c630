package dev.tallyman.image;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds images of the caller's team by what people write, in Docker's order: full id, reference, unique id prefix. */
@ApplicationScoped
class ImageLookup {
  private static final Pattern HEX_PREFIX = Pattern.compile("(?:sha256:)?([0-9a-f]{1,64})");

  private final ImageStore store;
  private final RegistryFacts facts;

  @Inject
  ImageLookup(ImageStore store, RegistryFacts facts) {
    this.store = store;
    this.facts = facts;
  }

  /** @throws TallymanException NOT_FOUND, or INVALID for what is neither a name nor an id */
  ImageStore.ImageRow require(Caller caller, String name) {
    Optional<ImageStore.ImageRow> byId = byFullId(caller, name);
    if (byId.isPresent()) {
      return byId.get();
    }
    if (Digest.isHex(name) || name.startsWith("sha256:")) {
      return byPrefix(caller, name).orElseThrow(() -> absent(name));
    }
    ImageReference reference = ImageReference.parse(name).orLatest();
    return byReference(caller, reference).or(() -> byPrefix(caller, name)).orElseThrow(() -> absent(reference.familiar()));
  }

  /** The same; empty for all that nothing is called by. */
  Optional<ImageStore.ImageRow> find(Caller caller, String name) {
    try {
      return Optional.of(require(caller, name));
    } catch (TallymanException e) {
      if (e.kind() == ErrorKind.NOT_FOUND || e.kind() == ErrorKind.INVALID) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private Optional<ImageStore.ImageRow> byFullId(Caller caller, String name) {
    if (Digest.isHex(name)) {
      return store.image(caller.team(), new Digest(name));
    }
    return Digest.isDigest(name) ? store.image(caller.team(), Digest.parse(name)) : Optional.empty();
  }

  private Optional<ImageStore.ImageRow> byReference(Caller caller, ImageReference reference) {
    if (reference.digest() == null) {
      return store.imageByTag(caller.team(), reference);
    }
    Digest digest = Digest.parse(reference.digest());
    Optional<ImageStore.ImageRow> pulled = facts.imageByDigest(caller.team(), reference.repository(), digest).flatMap(store::imageByKey);
    if (pulled.isPresent()) {
      return pulled;
    }
    // Images that were not pulled have no digest of their own in a repository; their id is one, if the repository has them.
    return store
        .image(caller.team(), digest)
        .filter(image -> store.tagsOf(image.key()).stream().anyMatch(tag -> tag.repository().equals(reference.repository())));
  }

  private Optional<ImageStore.ImageRow> byPrefix(Caller caller, String name) {
    var matcher = HEX_PREFIX.matcher(name);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    List<ImageStore.ImageRow> found = store.imagesByPrefix(caller.team(), matcher.group(1));
    if (found.size() > 1) {
      throw new TallymanException(ErrorKind.INVALID, "multiple IDs found with provided prefix: " + matcher.group(1));
    }
    return found.stream().findFirst();
  }

  static TallymanException absent(String name) {
    return new TallymanException(ErrorKind.NOT_FOUND, "No such image: " + Texts.shortened(name));
  }

  Images.Image image(ImageStore.ImageRow row) {
    return image(row, store.tagsOf(row.key()), facts.digestsOf(row.key()), store.layersOf(row.key()));
  }

  Images.Image image(ImageStore.ImageRow row, List<ImageReference> tags, List<String> repoDigests, List<ImageStore.LayerRow> layers) {
    ImageDocument document = store.document(row);
    return new Images.Image(
        row.id(), tags.stream().map(ImageReference::familiar).toList(), repoDigests, document.createdAt(), layers.stream().mapToLong(ImageStore.LayerRow::unpackedBytes).sum(),
        document.architecture(), document.os(), document.config(), document.diffIds().stream().map(Digest::toString).toList(),
        layers.stream().map(ImageStore.LayerRow::store).toList(), document.author(), document.shownComment(), row.team(), row.creator(), row.parent(), row.lastTaggedAt(), document.json());
  }

  /** Docker's label filter: {@code key} or {@code key=value}; all must match. */
  static boolean hasLabels(ImageDocument document, List<String> wanted) {
    Map<String, String> labels = document.config().labels();
    return wanted.stream()
        .allMatch(
            each -> {
              int equals = each.indexOf('=');
              return equals < 0 ? labels.containsKey(each) : each.substring(equals + 1).equals(labels.get(each.substring(0, equals)));
            });
  }
}
