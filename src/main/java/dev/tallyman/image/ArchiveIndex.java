package dev.tallyman.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tallyman.error.TallymanException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Which images a spooled archive holds: {@code manifest.json} of docker save if there, else {@code index.json} of an OCI layout. */
final class ArchiveIndex {
  private static final int DEEPEST_INDEX = 4;
  private static final String ATTESTATION = "vnd.docker.reference.type";
  private static final String WHOLE_NAME = "io.containerd.image.name";
  /** In the specification a word such as {@code latest}; some tools write a whole name. */
  private static final String REF_NAME = "org.opencontainers.image.ref.name";

  private final Spool spool;
  private final String architecture;
  private final int most;
  private final List<NewImage> found = new ArrayList<>();
  private int manifests;

  private ArchiveIndex(Spool spool, String architecture, int most) {
    this.spool = spool;
    this.architecture = architecture;
    this.most = most;
  }

  /** @param architecture chosen from an index of several platforms, in OCI's spelling */
  static List<NewImage> read(Spool spool, String architecture, int most) {
    return whole(spool, architecture, most).required();
  }

  /** Nothing of another architecture, also where the archive has one alone. */
  static List<NewImage> readOnly(Spool spool, String architecture, int most) {
    ArchiveIndex index = whole(spool, architecture, most);
    index.found.removeIf(each -> !each.document().architecture().equals(architecture));
    return index.required();
  }

  private static ArchiveIndex whole(Spool spool, String architecture, int most) {
    ArchiveIndex index = new ArchiveIndex(spool, architecture, most);
    byte[] legacy = spool.document("manifest.json").orElse(null);
    if (legacy != null) {
      index.readLegacy(StrictJson.parse(legacy, "manifest.json"));
    } else {
      byte[] layout = spool.document("index.json").orElseThrow(() -> Spool.invalid("it has neither manifest.json nor index.json"));
      index.readIndex(StrictJson.parseObject(layout, "index.json"), 0, null);
    }
    return index;
  }

  private List<NewImage> required() {
    if (found.isEmpty()) {
      throw Spool.invalid("it holds no image for linux/" + architecture);
    }
    return found;
  }

  private void readLegacy(JsonNode list) {
    if (!list.isArray()) {
      throw Spool.invalid("manifest.json is not a list");
    }
    for (JsonNode each : list) {
      JsonFields fields = new JsonFields(each, "manifest.json");
      countManifest();
      List<ImageReference> tags = fields.texts("RepoTags").stream().map(ArchiveIndex::tag).toList();
      List<String> layers = fields.texts("Layers");
      add(spool.requireDocument(fields.text("Config")), layers.size(), i -> spool.requireLayer(layers.get(i)), tags);
    }
  }

  private static ImageReference tag(String text) {
    ImageReference reference = ImageReference.parse(text);
    if (reference.tag() == null || reference.digest() != null) {
      throw Spool.invalid("invalid tag '" + Texts.shortened(text) + "'");
    }
    return reference.requireTag();
  }

  private void readIndex(JsonNode index, int depth, @Nullable ImageReference inherited) {
    if (depth > DEEPEST_INDEX) {
      throw Spool.invalid("indexes are nested too deep");
    }
    if (!index.path("manifests").isArray() || index.has("layers") || index.has("config")) {
      throw Spool.invalid("an index is not a list of manifests");
    }
    for (JsonNode each : index.path("manifests")) {
      countManifest();
      JsonFields descriptor = new JsonFields(each, "descriptor");
      if (!isWanted(each, descriptor)) {
        continue;
      }
      ImageReference name = name(each) == null ? inherited : name(each);
      readDescriptor(StrictJson.parseObject(document(each, descriptor), "a manifest"), depth, name);
    }
  }

  private void readDescriptor(JsonNode manifest, int depth, @Nullable ImageReference name) {
    if (manifest.has("manifests")) {
      readIndex(manifest, depth + 1, name);
      return;
    }
    if (!manifest.path("layers").isArray() || !manifest.path("config").isObject()) {
      throw Spool.invalid("a manifest has no config and layers");
    }
    JsonNode config = manifest.path("config");
    List<JsonNode> layers = new ArrayList<>();
    manifest.path("layers").forEach(layers::add);
    add(document(config, new JsonFields(config, "config descriptor")), layers.size(), i -> layer(layers.get(i)), name == null ? List.of() : List.of(name.orLatest()));
  }

  private byte[] document(JsonNode node, JsonFields descriptor) {
    byte[] bytes = spool.requireDocument(Digest.parse(descriptor.text("digest")));
    if (node.has("size") && descriptor.number("size") != bytes.length) {
      throw Spool.invalid("document " + descriptor.text("digest") + " has " + bytes.length + " bytes, not " + descriptor.number("size"));
    }
    return bytes;
  }

  private NewImage.Layer layer(JsonNode node) {
    JsonFields descriptor = new JsonFields(node, "layer descriptor");
    NewImage.Layer layer = spool.requireLayer(Digest.parse(descriptor.text("digest")));
    if (layer.taken() != null && node.has("size") && descriptor.number("size") != layer.taken().sourceBytes()) {
      throw Spool.invalid("layer " + descriptor.text("digest") + " has " + layer.taken().sourceBytes() + " bytes, not " + descriptor.number("size"));
    }
    return layer;
  }

  private boolean isWanted(JsonNode node, JsonFields descriptor) {
    if (node.path("annotations").has(ATTESTATION)) {
      return false;
    }
    JsonFields platform = new JsonFields(node.path("platform"), "platform");
    boolean isForOther = !platform.text("architecture").isEmpty() && (!platform.text("architecture").equals(architecture) || !platform.text("os").equals("linux"));
    return !isForOther && !descriptor.text("digest").isEmpty();
  }

  private static @Nullable ImageReference name(JsonNode descriptor) {
    JsonFields annotations = new JsonFields(descriptor.path("annotations"), "annotations");
    String whole = annotations.text(WHOLE_NAME);
    if (!whole.isEmpty()) {
      return ImageReference.parse(whole);
    }
    String word = annotations.text(REF_NAME);
    if (word.indexOf(':') < 0 && word.indexOf('/') < 0) {
      return null;
    }
    try {
      return ImageReference.parse(word);
    } catch (TallymanException e) {
      // Free text: what is no image name is no tag.
      return null;
    }
  }

  private void countManifest() {
    if (++manifests > most) {
      throw Spool.invalid("it names more than " + most + " images");
    }
  }

  private void add(byte[] config, int layerCount, IntFunction<NewImage.Layer> layerAt, List<ImageReference> tags) {
    ImageDocument document = ImageDocument.parse(config);
    if (document.diffIds().size() != layerCount) {
      throw Spool.invalid("image " + document.id() + " names " + document.diffIds().size() + " layers, but the archive gives it " + layerCount);
    }
    List<NewImage.Layer> layers = new ArrayList<>();
    for (int i = 0; i < layerCount; i++) {
      NewImage.Layer layer = layerAt.apply(i);
      if (!layer.diffId().equals(document.diffIds().get(i))) {
        throw Spool.invalid("layer " + (i + 1) + " of image " + document.id() + " is " + layer.diffId() + ", not " + document.diffIds().get(i));
      }
      layers.add(layer);
    }
    found.add(new NewImage(document, List.copyOf(layers), tags, null));
  }
}
