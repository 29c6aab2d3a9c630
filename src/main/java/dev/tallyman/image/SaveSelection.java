package dev.tallyman.image;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which images and tags the names of a save stand for: a bare name for all tags of the repository, an id for an image without tags. */
@ApplicationScoped
class SaveSelection {
  private final ImageStore store;
  private final ImageLookup lookup;

  @Inject
  SaveSelection(ImageStore store, ImageLookup lookup) {
    this.store = store;
    this.lookup = lookup;
  }

  /** Each image once, in the order of the names. */
  List<ImageSaver.Chosen> choose(Caller caller, List<String> names) {
    if (names.isEmpty()) {
      throw new TallymanException(ErrorKind.INVALID, "cannot save images: no name was given");
    }
    Map<Long, ImageSaver.Chosen> chosen = new LinkedHashMap<>();
    names.forEach(name -> choose(caller, name, chosen));
    return List.copyOf(chosen.values());
  }

  private void choose(Caller caller, String name, Map<Long, ImageSaver.Chosen> chosen) {
    List<ImageReference> tags = wholeRepository(caller, name);
    if (tags.isEmpty()) {
      ImageStore.ImageRow row = lookup.require(caller, name);
      add(row, store.tagsOf(row.key()).stream().filter(tag -> isNamed(tag, name)).findFirst().orElse(null), chosen);
    }
    tags.forEach(tag -> add(lookup.require(caller, tag.familiar()), tag, chosen));
  }

  private static boolean isNamed(ImageReference tag, String name) {
    return !isId(name) && ImageReference.parse(name).orLatest().equals(tag);
  }

  private static boolean isId(String name) {
    return Digest.isHex(name) || name.startsWith("sha256:");
  }

  private List<ImageReference> wholeRepository(Caller caller, String name) {
    if (isId(name)) {
      return List.of();
    }
    ImageReference reference = ImageReference.parse(name);
    if (reference.tag() != null || reference.digest() != null) {
      return List.of();
    }
    return store.tags(caller.team()).stream().map(ImageStore.TagRow::reference).filter(tag -> tag.repository().equals(reference.repository())).toList();
  }

  private void add(ImageStore.ImageRow row, @Nullable ImageReference tag, Map<Long, ImageSaver.Chosen> chosen) {
    ImageSaver.Chosen image = chosen.computeIfAbsent(row.key(), key -> new ImageSaver.Chosen(store.document(row), store.layersOf(key), new ArrayList<>()));
    if (tag != null && !image.tags().contains(tag)) {
      image.tags().add(tag);
    }
  }
}
