package dev.tallyman.image;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.event.Event;
import dev.tallyman.event.Events;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

@ApplicationScoped
class ImagePartService implements ImageParts {
  private static final String TAR = "application/vnd.oci.image.layer.v1.tar";

  private final ImageStore store;
  private final RegistryFacts facts;
  private final ImageLookup lookup;
  private final ImageInventory inventory;
  private final LayerIntake intake;
  private final BlobStore blobs;
  private final AuditTrail audit;
  private final Events events;

  @Inject
  ImagePartService(
      ImageStore store, RegistryFacts facts, ImageLookup lookup, ImageInventory inventory, LayerIntake intake, BlobStore blobs, AuditTrail audit, Events events) {
    this.store = store;
    this.facts = facts;
    this.lookup = lookup;
    this.inventory = inventory;
    this.intake = intake;
    this.blobs = blobs;
    this.audit = audit;
    this.events = events;
  }

  private record TakenPart(LayerIntake.Taken taken) implements Part {
    @Override
    public String diffId() {
      return taken.diffId().toString();
    }

    @Override
    public void close() {
      taken.close();
    }
  }

  @Override
  public boolean hasLayer(Caller caller, String diffId) {
    return facts.teamHas(caller.team(), Digest.parse(diffId));
  }

  @Override
  public Part take(Caller caller, InputStream blob, String blobDigest, String diffId) {
    caller.require(Role.MEMBER, "bring in an image");
    Digest expectedBlob = Digest.parse(blobDigest);
    Digest expectedDiffId = Digest.parse(diffId);
    LayerIntake.Taken taken = intake.take(blob);
    if (!taken.source().equals(expectedBlob) || !taken.diffId().equals(expectedDiffId)) {
      taken.close();
      throw new TallymanException(
          ErrorKind.INVALID, "filesystem layer verification failed for digest " + blobDigest + ": the bytes have the digest " + taken.source() + " and, uncompressed, " + taken.diffId());
    }
    return new TakenPart(taken);
  }

  @Override
  public List<String> diffIds(byte[] config) {
    return ImageDocument.parse(config).diffIds().stream().map(Digest::toString).toList();
  }

  @Override
  public Platform platform(byte[] config) {
    ImageDocument document = ImageDocument.parse(config);
    return Platform.ofConfig(config, document.os(), document.architecture());
  }

  @Override
  public Optional<Images.Image> find(Caller caller, String id) {
    return store.image(caller.team(), Digest.parse(id)).map(lookup::image);
  }

  @Override
  public Images.Image register(Caller caller, Arrival arrival) {
    caller.require(Role.MEMBER, "bring in an image");
    ImageDocument document = ImageDocument.parse(arrival.config());
    Map<String, LayerIntake.Taken> taken = arrival.parts().stream().collect(Collectors.toMap(Part::diffId, part -> ((TakenPart) part).taken(), (first, second) -> first));
    List<NewImage.Layer> layers = document.diffIds().stream().map(diffId -> new NewImage.Layer(diffId, taken.get(diffId.toString()))).toList();
    NewImage image = new NewImage(document, layers, tags(arrival), null);
    List<Images.Image> shown = new ArrayList<>();
    String name = name(arrival);
    inventory.register(
        caller, List.of(image),
        rows -> {
          ImageStore.ImageRow row = rows.get(0).row();
          if (!arrival.repository().isEmpty()) {
            facts.addDigest(row.key(), arrival.repository(), Digest.parse(arrival.manifestDigest()));
          }
          addCopies(arrival.copies());
          shown.add(lookup.image(row));
          audit.done(caller, "image.pull", name, row.id() + " as " + arrival.manifestDigest() + with(arrival.storedLogin()));
        });
    events.publish(new Event(caller, "image", "pull", name, caller.team(), Map.of("name", arrival.repository()), Instant.now()));
    return shown.get(0);
  }

  private static List<ImageReference> tags(Arrival arrival) {
    return arrival.tag() == null ? List.of() : List.of(ImageReference.of(arrival.repository(), arrival.tag()));
  }

  private static String name(Arrival arrival) {
    if (arrival.repository().isEmpty()) {
      return "(no name)";
    }
    ImageReference name = ImageReference.parse(arrival.repository());
    return arrival.tag() == null ? name.familiarName() + "@" + arrival.manifestDigest() : name.familiarName() + ":" + arrival.tag();
  }

  @Override
  public void remember(Caller caller, String image, String repository, String manifestDigest, List<Copy> copies, String storedLogin) {
    QuarkusTransaction.requiringNew()
        .run(
            () -> {
              ImageStore.ImageRow row = lookup.require(caller, image);
              facts.addDigest(row.key(), repository, Digest.parse(manifestDigest));
              addCopies(copies);
              audit.done(caller, "image.push", image, repository + "@" + manifestDigest + with(storedLogin));
            });
    events.publish(new Event(caller, "image", "push", image, caller.team(), Map.of("name", ImageReference.parse(repository).familiarName()), Instant.now()));
  }

  private static String with(String storedLogin) {
    return storedLogin.isEmpty() ? "" : ", with the stored log-in of " + storedLogin;
  }

  private void addCopies(List<Copy> copies) {
    copies.forEach(each -> store.layerByDiffId(Digest.parse(each.diffId())).ifPresent(layer -> facts.addCopy(layer.id(), each)));
  }

  @Override
  public List<Layer> layers(Caller caller, String image) {
    caller.require(Role.VIEWER, "read an image");
    return store.layersOf(lookup.require(caller, image).key()).stream().map(this::layer).toList();
  }

  private Layer layer(ImageStore.LayerRow row) {
    if (!blobs.has(row.blob(), row.blobBytes())) {
      throw new TallymanException(ErrorKind.INTERNAL, "cannot read the image: its layer " + row.diffId() + " is damaged; load or pull it again");
    }
    try {
      Compression compression = compression(row.diffId().toString(), row.blob().toString());
      String mediaType = compression == Compression.GZIP || compression == Compression.ZSTD ? TAR + "+" + compression.name().toLowerCase(Locale.ROOT) : TAR;
      return new Layer(row.id(), row.diffId().toString(), row.blob().toString(), row.blobBytes(), isPacked(mediaType), mediaType);
    } catch (IOException e) {
      throw StorageFailure.of(e);
    }
  }

  private static boolean isPacked(String mediaType) {
    return mediaType.endsWith("gzip") || mediaType.endsWith("zstd");
  }

  private Compression compression(String diffId, String blob) throws IOException {
    return blob.equals(diffId) ? Compression.NONE : blobs.compression(Digest.parse(blob));
  }

  @Override
  public FileChannel open(Layer layer) throws IOException {
    return blobs.open(Digest.parse(layer.blobDigest()));
  }

  @Override
  public Compressed compress(Layer layer) throws IOException {
    return CompressedDraft.of(blobs, Digest.parse(layer.blobDigest()), compression(layer.diffId(), layer.blobDigest()));
  }

  @Override
  public Optional<Copy> copyIn(Layer layer, String repository) {
    return copies(layer).filter(each -> each.repository().equals(repository)).findFirst();
  }

  @Override
  public List<Copy> copiesAt(Layer layer, String domain) {
    return copies(layer).filter(each -> each.repository().startsWith(domain + "/")).toList();
  }

  private Stream<Copy> copies(Layer layer) {
    return facts.copies(layer.key()).stream().filter(each -> isPacked(each.mediaType()));
  }
}
