package dev.tallyman.image;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The use cases of images: rights, the order of things, audit and events. */
@ApplicationScoped
class ImageService implements Images {
  private final ImageStore store;
  private final ImageLookup lookup;
  private final ImageListing listing;
  private final ImageInventory inventory;
  private final LayerIntake intake;
  private final SaveSelection selection;
  private final ImageSaver saver;
  private final ImageLimits limits;
  private final AuditTrail audit;
  private final ImageEvents events;
  private final ImagePruning pruning;

  /** A new image as it was when its transaction ended. @param renamed ids of images that lost a tag to it */
  private record Visible(Image image, Map<ImageReference, String> renamed) {}

  @Inject
  ImageService(
      ImageStore store, ImageLookup lookup, ImageListing listing, ImageInventory inventory, LayerIntake intake, SaveSelection selection, ImageSaver saver, ImageLimits limits, AuditTrail audit,
      ImageEvents events, ImagePruning pruning) {
    this.store = store;
    this.lookup = lookup;
    this.listing = listing;
    this.inventory = inventory;
    this.intake = intake;
    this.selection = selection;
    this.saver = saver;
    this.limits = limits;
    this.audit = audit;
    this.events = events;
    this.pruning = pruning;
  }

  @Override
  public Image importTar(Caller caller, InputStream tar, @Nullable String reference, Platform platform, List<String> changes, String message) {
    String object = reference == null ? "(no name)" : reference;
    return audited(
        caller, "image.import", object,
        () -> {
          caller.require(Role.MEMBER, "import an image");
          platform.requireLinux();
          List<ImageReference> tags = newTags(reference);
          ImageConfig config = ConfigChanges.apply(ImageConfig.empty(), changes);
          String comment = message.isEmpty() ? "Imported from -" : message;
          try (LayerIntake.Taken layer = intake.take(tar)) {
            ImageDocument document = ImageBuilder.imported(config, platform, layer.diffId(), now(), comment);
            NewImage image = new NewImage(document, List.of(new NewImage.Layer(layer.diffId(), layer)), tags, null);
            return register(caller, List.of(image), "image.import", "import").get(0).image();
          }
        });
  }

  @Override
  public List<Image> load(Caller caller, InputStream tar, String architecture, Consumer<String> progress) {
    return audited(
        caller, "image.load", "archive",
        () -> {
          caller.require(Role.MEMBER, "load images");
          try (Spool spool = new Spool(intake, limits, blob -> store.layerByBlob(blob).filter(each -> !each.isDamaged()).map(ImageStore.LayerRow::diffId))) {
            spool.readAll(tar);
            List<NewImage> found = architecture.isEmpty()
                ? ArchiveIndex.read(spool, Platform.here().architecture(), limits.imagesMax())
                : ArchiveIndex.readOnly(spool, architecture, limits.imagesMax());
            return loaded(caller, found, progress);
          }
        });
  }

  private List<Image> loaded(Caller caller, List<NewImage> found, Consumer<String> progress) {
    List<Visible> visible = register(caller, found, "image.load", "load");
    for (int i = 0; i < found.size(); i++) {
      Visible each = visible.get(i);
      each.renamed().forEach((tag, id) -> progress.accept("The image " + tag.familiar() + " already exists, renaming the old one with ID " + id + " to empty string"));
      found.get(i).tags().forEach(tag -> progress.accept("Loaded image: " + tag.familiar()));
      if (found.get(i).tags().isEmpty()) {
        progress.accept("Loaded image ID: " + each.image().id());
      }
    }
    return visible.stream().map(Visible::image).toList();
  }

  @Override
  public void save(Caller caller, List<String> names, OutputStream out) {
    audited(
        caller, "image.save", String.join(", ", names),
        () -> {
          caller.require(Role.VIEWER, "save images");
          List<ImageSaver.Chosen> chosen = selection.choose(caller, names);
          try {
            saver.save(chosen, out);
          } catch (IOException e) {
            throw new TallymanException(ErrorKind.UNAVAILABLE, "cannot save images: the archive could not be written to its end", e);
          }
          audit.done(caller, "image.save", String.join(", ", names), chosen.size() + " images");
          chosen.forEach(each -> events.publish(caller, "save", each.document().id().toString()));
          return null;
        });
  }

  @Override
  public List<Image> list(Caller caller, ImageFilter filter) {
    caller.require(Role.VIEWER, "list images");
    return listing.list(caller, filter);
  }

  @Override
  public Image inspect(Caller caller, String name) {
    caller.require(Role.VIEWER, "inspect an image");
    return lookup.image(lookup.require(caller, name));
  }

  @Override
  public Optional<String> idOf(Caller caller, String name) {
    caller.require(Role.VIEWER, "inspect an image");
    return lookup.find(caller, name).map(ImageStore.ImageRow::id);
  }

  @Override
  public List<HistoryEntry> history(Caller caller, String name) {
    caller.require(Role.VIEWER, "see the history of an image");
    return listing.history(lookup.require(caller, name));
  }

  @Override
  public void tag(Caller caller, String name, String repository, String tag) {
    audited(
        caller, "image.tag", name,
        () -> {
          caller.require(Role.MEMBER, "tag an image");
          ImageReference reference = ImageReference.of(repository, tag).requireTag();
          ImageStore.ImageRow row =
              inventory.change(
                  orphans -> {
                    ImageStore.ImageRow found = lookup.require(caller, name);
                    store.moveTag(caller.team(), reference, found.key(), caller.accountName());
                    audit.done(caller, "image.tag", reference.familiar(), found.id());
                    return found;
                  });
          events.publish(caller, "tag", row.id(), reference.familiar());
          return null;
        });
  }

  @Override
  public List<Removal> remove(Caller caller, String name, boolean isForced, boolean prunesParents) {
    return audited(
        caller, "image.remove", name,
        () -> {
          caller.require(Role.MEMBER, "remove an image");
          ImageStore.ImageRow row = lookup.require(caller, name);
          ImageRemoval.Outcome outcome =
              inventory.change(
                  orphans -> {
                    collectHidden(orphans);
                    int collected = orphans.size();
                    ImageRemoval.Outcome result = removal(caller, orphans).remove(lookup.require(caller, name), name, isForced, prunesParents);
                    audit.done(caller, "image.remove", name, describe(result) + (collected > 0 ? "; collected " + collected + " unused layers" : ""));
                    return result;
                  });
          publish(caller, row, outcome);
          return outcome.removals();
        });
  }

  private ImageRemoval removal(Caller caller, List<ImageStore.LayerRow> orphans) {
    return new ImageRemoval(store, pruning::usersOf, caller, orphans);
  }

  private void collectHidden(List<ImageStore.LayerRow> orphans) {
    pruning.forgotten().forEach(each -> orphans.addAll(store.deleteImage(each.key())));
  }

  /** Images that a forced removal left for a container which is gone by now. */
  void collectHidden() {
    inventory.change(
        orphans -> {
          collectHidden(orphans);
          orphans.addAll(store.deleteUnusedLayers());
          return null;
        });
  }

  @Override
  public Map<String, Long> layerSizes() {
    return store.layerSizes();
  }

  @Override
  public List<String> prunable(Caller caller, boolean onlyDangling) {
    caller.require(Role.VIEWER, "list images");
    return store.images(caller.team()).stream().filter(row -> pruning.isPrunable(row, onlyDangling, List.of(), null)).map(ImageStore.ImageRow::id).toList();
  }

  @Override
  public long reclaimable(Caller caller, Set<String> ids) {
    caller.require(Role.VIEWER, "list images");
    return pruning.reclaimable(caller, ids);
  }

  @Override
  public Pruned prune(Caller caller, boolean onlyDangling, List<String> labels, @Nullable Instant until) {
    return prune(caller, onlyDangling ? "dangling" : "unused", row -> pruning.isPrunable(row, onlyDangling, labels, until));
  }

  @Override
  public Pruned prune(Caller caller, Set<String> ids) {
    return prune(caller, "chosen", row -> ids.contains(row.id()) && pruning.isUnused(row));
  }

  private Pruned prune(Caller caller, String which, Predicate<ImageStore.ImageRow> wanted) {
    return audited(
        caller, "image.prune", which,
        () -> {
          caller.require(Role.MEMBER, "prune images");
          List<ImageRemoval.Outcome> outcomes = new ArrayList<>();
          Pruned pruned =
              inventory.change(
                  orphans -> {
                    collectHidden(orphans);
                    store.images(caller.team()).stream().filter(wanted).forEach(row -> outcomes.add(prune(caller, row, orphans)));
                    List<Removal> removals = outcomes.stream().flatMap(each -> each.removals().stream()).toList();
                    long bytes = orphans.stream().mapToLong(ImageStore.LayerRow::unpackedBytes).sum();
                    audit.done(caller, "image.prune", which, removals.size() + " removed, " + bytes + " bytes");
                    return new Pruned(removals, bytes);
                  });
          outcomes.forEach(each -> publish(caller, each));
          events.publish(caller, "prune", "", Map.of("reclaimed", String.valueOf(pruned.reclaimedBytes())));
          return pruned;
        });
  }

  private ImageRemoval.Outcome prune(Caller caller, ImageStore.ImageRow row, List<ImageStore.LayerRow> orphans) {
    // Forced, because several tags go at once; that nobody uses the image was asked in this transaction.
    return removal(caller, orphans).remove(row, row.id(), true, false);
  }

  @Override
  public Image commit(Caller caller, @Nullable String parent, InputStream layerTar, ImageConfig config, @Nullable String reference, Origin origin) {
    return audited(
        caller, "image.commit", reference == null ? "(no name)" : reference,
        () -> {
          caller.require(Role.MEMBER, "commit an image");
          List<ImageReference> tags = newTags(reference);
          ImageStore.ImageRow below = parent == null ? null : lookup.require(caller, parent);
          try (CommitLayer layer = CommitLayer.take(intake, layerTar)) {
            NewImage image = layer.onTopOf(below == null ? null : store.document(below), config, tags, origin, now());
            return register(caller, List.of(image), "image.commit", "create").get(0).image();
          }
        });
  }

  private List<ImageReference> newTags(@Nullable String reference) {
    if (reference == null || reference.isEmpty()) {
      return List.of();
    }
    return List.of(ImageReference.parse(reference).orLatest().requireTag());
  }

  private List<Visible> register(Caller caller, List<NewImage> images, String action, String event) {
    List<Visible> shown = new ArrayList<>();
    inventory.register(
        caller, images,
        rows -> {
          rows.forEach(each -> shown.add(new Visible(lookup.image(each.row()), each.renamed())));
          images.forEach(each -> audit.done(caller, action, nameOf(each), each.document().id().toString()));
        });
    images.forEach(
        each -> {
          String id = each.document().id().toString();
          List<String> tags = each.tags().stream().map(ImageReference::familiar).toList();
          // As with dockerd: what is loaded has the tags that its archive tells, an import tells them first, a commit afterwards.
          if (event.equals("import")) {
            tags.forEach(tag -> events.publish(caller, "tag", id, tag));
          }
          events.publish(caller, event, id);
          if (event.equals("create")) {
            tags.forEach(tag -> events.publish(caller, "tag", id, tag));
          }
        });
    return List.copyOf(shown);
  }

  private static String nameOf(NewImage image) {
    return image.tags().isEmpty() ? image.document().id().toString() : image.tags().get(0).familiar();
  }

  private static String describe(ImageRemoval.Outcome outcome) {
    return "untagged " + outcome.untagged().size() + ", deleted " + outcome.deleted().size() + " images";
  }

  private void publish(Caller caller, ImageStore.ImageRow row, ImageRemoval.Outcome outcome) {
    outcome.untagged().forEach(each -> events.publish(caller, "untag", row.id()));
    publish(caller, outcome);
  }

  private void publish(Caller caller, ImageRemoval.Outcome outcome) {
    outcome.deleted().forEach(each -> events.publish(caller, "delete", each));
  }

  private <T> T audited(Caller caller, String action, String object, Supplier<T> work) {
    try {
      return work.get();
    } catch (RuntimeException e) {
      audit.failed(caller, action, object, e);
      throw e;
    }
  }

  /** Microseconds are what the database keeps; the configuration shall not claim more. */
  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MICROS);
  }
}
