package dev.tallyman.image;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.InputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

@ApplicationScoped
class ImageStepService implements ImageSteps {
  private final ImageStore store;
  private final ImageLookup lookup;
  private final ImageInventory inventory;
  private final LayerIntake intake;
  private final RegistryFacts facts;
  private final ImageEvents events;

  @Inject
  ImageStepService(ImageStore store, ImageLookup lookup, ImageInventory inventory, LayerIntake intake, RegistryFacts facts, ImageEvents events) {
    this.facts = facts;
    this.store = store;
    this.lookup = lookup;
    this.inventory = inventory;
    this.intake = intake;
    this.events = events;
  }

  private record TakenFiles(CommitLayer layer) implements Files {
    @Override
    public long sizeBytes() {
      return layer.sizeBytes();
    }

    @Override
    public void close() {
      layer.close();
    }
  }

  @Override
  public Files take(Caller caller, InputStream tar) {
    caller.require(Role.MEMBER, "build an image");
    return new TakenFiles(CommitLayer.take(intake, tar));
  }

  @Override
  public Files known(Caller caller, String image, String diffId) {
    caller.require(Role.MEMBER, "build an image");
    Digest wanted = Digest.parse(diffId);
    return new TakenFiles(
        store.layersOf(lookup.require(caller, image).key()).stream()
            .filter(each -> each.diffId().equals(wanted) && !each.isDamaged())
            .findFirst()
            .map(each -> CommitLayer.known(wanted, each.unpackedBytes()))
            .orElseThrow(() -> new TallymanException(ErrorKind.NOT_FOUND, "the image " + image + " has no layer " + diffId)));
  }

  @Override
  public Images.Image gather(Caller caller, List<String> diffIds, ImageConfig config) {
    caller.require(Role.MEMBER, "build an image");
    ImageDocument document = null;
    List<NewImage.Layer> layers = new ArrayList<>();
    for (String each : diffIds) {
      Digest diffId = Digest.parse(each);
      if (!facts.teamHas(caller.team(), diffId)) {
        throw new TallymanException(ErrorKind.NOT_FOUND, "no image of the team has the layer " + each);
      }
      // At no time: the same layers make the same image.
      document = CommitLayer.known(diffId, 0).onTopOf(document, config, GATHERED, "", GATHERED, Instant.EPOCH).document();
      layers.add(new NewImage.Layer(diffId, null));
    }
    if (document == null) {
      throw new TallymanException(ErrorKind.INVALID, "an image of no layers cannot be gathered");
    }
    return lookup.image(inventory.register(caller, List.of(new NewImage(document, layers, List.of(), null)), rows -> {}).get(0).row());
  }

  @Override
  public List<Images.Image> add(Caller caller, @Nullable String parent, List<Step> steps, Consumer<List<Images.Image>> also) {
    caller.require(Role.MEMBER, "build an image");
    ImageDocument below = parent == null ? null : store.document(lookup.require(caller, parent));
    List<NewImage> images = new ArrayList<>();
    for (Step step : steps) {
      CommitLayer layer = step.files() == null ? CommitLayer.none() : ((TakenFiles) step.files()).layer();
      Instant at = step.createdAt() == null ? Instant.now().truncatedTo(ChronoUnit.MICROS) : step.createdAt();
      NewImage image = layer.onTopOf(below, step.config(), step.createdBy(), step.author(), step.comment(), at);
      below = image.document();
      images.add(image);
    }
    List<Images.Image> shown = new ArrayList<>();
    inventory.register(
        caller, images,
        rows -> {
          rows.forEach(each -> shown.add(lookup.image(each.row())));
          also.accept(List.copyOf(shown));
        });
    return List.copyOf(shown);
  }

  @Override
  public void name(Caller caller, String image, List<String> references, Runnable also) {
    caller.require(Role.MEMBER, "tag an image");
    List<ImageReference> tags = references.stream().map(ImageStepService::newTag).toList();
    String id =
        inventory.change(
            orphans -> {
              ImageStore.ImageRow row = lookup.require(caller, image);
              tags.forEach(tag -> store.moveTag(caller.team(), tag, row.key(), caller.accountName()));
              also.run();
              return row.id();
            });
    events.publish(caller, "create", id);
    tags.forEach(tag -> events.publish(caller, "tag", id, tag.familiar()));
  }

  @Override
  public List<String> checkNames(List<String> references) {
    return references.stream().map(each -> newTag(each).familiar()).toList();
  }

  private static ImageReference newTag(String reference) {
    return ImageReference.parse(reference).orLatest().requireTag();
  }
}
