package dev.tallyman.image;

import dev.tallyman.identity.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** Lists and histories. Four statements whatever the number of images. */
@ApplicationScoped
class ImageListing {
  private static final String MISSING = "<missing>";

  private final ImageStore store;
  private final RegistryFacts facts;
  private final ImageLookup lookup;

  @Inject
  ImageListing(ImageStore store, RegistryFacts facts, ImageLookup lookup) {
    this.store = store;
    this.facts = facts;
    this.lookup = lookup;
  }

  /** Newest first. With a filter by reference only the tags that match are shown. */
  List<Images.Image> list(Caller caller, Images.ImageFilter filter) {
    List<ReferencePattern> patterns = filter.references().stream().map(ReferencePattern::of).toList();
    Map<Long, List<ImageReference>> tags =
        store.tags(caller.team()).stream()
            .collect(Collectors.groupingBy(ImageStore.TagRow::image, Collectors.mapping(ImageStore.TagRow::reference, Collectors.toList())));
    Map<Long, List<ImageStore.LayerRow>> layers = store.layersByImage(caller.team());
    Map<Long, List<String>> repoDigests = facts.digestsByImage(caller.team());
    List<Images.Image> found = new ArrayList<>();
    List<ImageStore.ImageRow> rows = store.images(caller.team());
    Set<String> parents = filter.hasIntermediate() ? Set.of() : rows.stream().map(ImageStore.ImageRow::parent).filter(Objects::nonNull).collect(Collectors.toSet());
    for (ImageStore.ImageRow row : rows) {
      List<ImageReference> own = tags.getOrDefault(row.key(), List.of());
      List<ImageReference> shown = own.stream().filter(tag -> patterns.isEmpty() || patterns.stream().anyMatch(each -> each.matches(tag))).toList();
      boolean isNamed = (patterns.isEmpty() || !shown.isEmpty()) && !(own.isEmpty() && parents.contains(row.id()));
      // One that was removed a moment ago is not there any more, which is no failure of the list.
      if (isNamed && store.findDocument(row).filter(document -> isWanted(document, own, filter)).isPresent()) {
        found.add(lookup.image(row, shown, repoDigests.getOrDefault(row.key(), List.of()), layers.getOrDefault(row.key(), List.of())));
      }
    }
    found.sort(Comparator.comparing(Images.Image::createdAt).reversed());
    return List.copyOf(found);
  }

  private static boolean isWanted(ImageDocument document, List<ImageReference> tags, Images.ImageFilter filter) {
    return (filter.dangling() == null || filter.dangling() == tags.isEmpty())
        && (filter.before() == null || document.createdAt().isBefore(filter.before()))
        && (filter.since() == null || document.createdAt().isAfter(filter.since()))
        && ImageLookup.hasLabels(document, filter.labels());
  }

  /** Newest step first; only the top one carries the image's id, as in Docker. */
  List<Images.HistoryEntry> history(ImageStore.ImageRow row) {
    ImageDocument document = store.document(row);
    List<ImageStore.LayerRow> layers = store.layersOf(row.key());
    List<ImageDocument.Step> steps = document.history().isEmpty() ? unknownSteps(document) : document.history();
    List<Images.HistoryEntry> entries = new ArrayList<>();
    int layer = 0;
    for (ImageDocument.Step step : steps) {
      long size = step.isEmptyLayer() ? 0 : layers.get(layer++).unpackedBytes();
      entries.add(new Images.HistoryEntry(MISSING, step.createdAt(), step.createdBy(), List.of(), size, step.comment()));
    }
    if (!entries.isEmpty()) {
      int top = entries.size() - 1;
      Images.HistoryEntry last = entries.get(top);
      List<String> tags = store.tagsOf(row.key()).stream().map(ImageReference::familiar).toList();
      entries.set(top, new Images.HistoryEntry(row.id(), last.createdAt(), last.createdBy(), tags, last.sizeBytes(), last.comment()));
    }
    Collections.reverse(entries);
    return List.copyOf(entries);
  }

  /** Configurations without a history are valid; their layers are shown all the same. */
  private static List<ImageDocument.Step> unknownSteps(ImageDocument document) {
    return document.diffIds().stream().map(each -> new ImageDocument.Step(document.createdAt(), "", "", "", false)).toList();
  }
}
