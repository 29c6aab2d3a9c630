package dev.tallyman.distribution;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.Platform;
import dev.tallyman.image.StrictJson;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A manifest or an index, checked (image-spec, manifest.md and image-index.md; Docker's schema 2).
 *
 * @param config absent for an index
 * @param layers bottom first; empty for an index
 * @param entries of an index; empty for a manifest
 */
record Manifest(String mediaType, String digest, long size, @Nullable Descriptor config, List<Descriptor> layers, List<Entry> entries) {
  static final String DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
  static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  static final String DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
  static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
  static final String ACCEPTED = String.join(", ", OCI_INDEX, DOCKER_LIST, OCI_MANIFEST, DOCKER_MANIFEST);
  static final int LARGEST = 4 << 20;

  private static final Set<String> KNOWN = Set.of(DOCKER_MANIFEST, OCI_MANIFEST, DOCKER_LIST, OCI_INDEX);
  private static final Set<String> LAYER_TYPES =
      Set.of(
          "application/vnd.docker.image.rootfs.diff.tar.gzip", "application/vnd.docker.image.rootfs.diff.tar", "application/vnd.docker.image.rootfs.diff.tar.zstd",
          "application/vnd.oci.image.layer.v1.tar", "application/vnd.oci.image.layer.v1.tar+gzip", "application/vnd.oci.image.layer.v1.tar+zstd");
  private static final Set<String> CONFIG_TYPES = Set.of("application/vnd.docker.container.image.v1+json", "application/vnd.oci.image.config.v1+json");
  private static final int MOST_LAYERS = 127;
  private static final int MOST_ENTRIES = 1000;
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

  /** @param size bytes */
  record Descriptor(String mediaType, String digest, long size) {}

  record Entry(Descriptor descriptor, Platform platform) {}

  boolean isIndex() {
    return config == null;
  }

  /**
   * @param contentType of the answer; empty for a file
   * @throws TallymanException INVALID
   */
  static Manifest parse(byte[] bytes, String contentType) {
    JsonNode root = StrictJson.parseObject(bytes, "the manifest");
    if (root.path("schemaVersion").asInt() != 2) {
      throw invalid("its schema version is " + root.path("schemaVersion").asInt() + "; images of before 2016 are not supported, push it again with a newer tool");
    }
    String type = type(root, contentType);
    String digest = digestOf(bytes);
    if (type.equals(OCI_INDEX) || type.equals(DOCKER_LIST)) {
      requireAbsent(root, "layers", "config");
      return new Manifest(type, digest, bytes.length, null, List.of(), entries(root.path("manifests")));
    }
    requireAbsent(root, "manifests");
    Descriptor config = descriptor(root.path("config"));
    if (!CONFIG_TYPES.contains(config.mediaType())) {
      throw invalid("it is no container image but a " + shortened(config.mediaType()) + ", which cannot be run");
    }
    return new Manifest(type, digest, bytes.length, config, layers(root.path("layers")), List.of());
  }

  /** The document's own word and the answer's must agree: two readers that disagree are how one thing is checked and another is run. */
  private static String type(JsonNode root, String contentType) {
    String said = contentType.contains(";") ? contentType.substring(0, contentType.indexOf(';')).strip() : contentType.strip();
    String own = root.path("mediaType").asText("");
    if (KNOWN.contains(said) && !own.isEmpty() && !own.equals(said)) {
      throw invalid("the registry calls it " + said + ", but it calls itself " + shortened(own));
    }
    String type = KNOWN.contains(said) ? said : said.isEmpty() && own.isEmpty() ? typeByFields(root) : own;
    if (!KNOWN.contains(type)) {
      throw invalid("its type " + shortened(type.isEmpty() ? said : type) + " is not supported");
    }
    return type;
  }

  /** Documents of OCI need not name their type, and files have no other place for it. One with the fields of both is refused by what is read next. */
  private static String typeByFields(JsonNode root) {
    if (root.has("manifests")) {
      return OCI_INDEX;
    }
    return root.has("config") && root.has("layers") ? OCI_MANIFEST : "";
  }

  private static void requireAbsent(JsonNode root, String... fields) {
    for (String field : fields) {
      if (!root.path(field).isMissingNode()) {
        throw invalid("it has the field " + field + ", which another kind of document has");
      }
    }
  }

  private static List<Descriptor> layers(JsonNode list) {
    if (!list.isArray() || list.size() > MOST_LAYERS) {
      throw invalid("its layers are no list of at most " + MOST_LAYERS);
    }
    List<Descriptor> layers = new ArrayList<>();
    for (JsonNode each : list) {
      Descriptor layer = descriptor(each);
      if (!LAYER_TYPES.contains(layer.mediaType())) {
        throw invalid("a layer has the type " + shortened(layer.mediaType()) + ", which is not supported");
      }
      layers.add(layer);
    }
    return List.copyOf(layers);
  }

  private static List<Entry> entries(JsonNode list) {
    if (!list.isArray() || list.size() > MOST_ENTRIES) {
      throw invalid("its manifests are no list of at most " + MOST_ENTRIES);
    }
    List<Entry> entries = new ArrayList<>();
    for (JsonNode each : list) {
      JsonNode platform = each.path("platform");
      entries.add(new Entry(descriptor(each), new Platform(platform.path("os").asText(""), platform.path("architecture").asText(""), platform.path("variant").asText(""))));
    }
    return List.copyOf(entries);
  }

  private static Descriptor descriptor(JsonNode node) {
    String digest = node.path("digest").asText("");
    JsonNode size = node.path("size");
    if (!DIGEST.matcher(digest).matches() || !size.isIntegralNumber() || !size.canConvertToLong() || size.asLong() < 0) {
      throw invalid("a descriptor has no sha256 digest or no size");
    }
    return new Descriptor(node.path("mediaType").asText(""), digest, size.asLong());
  }

  /** @throws TallymanException NOT_FOUND in Docker's words */
  Descriptor choose(Platform wanted) {
    return entries.stream().filter(each -> wanted.runs(each.platform())).min(Comparator.comparing(Entry::platform, wanted.closest())).map(Entry::descriptor)
        .orElseThrow(() -> new TallymanException(ErrorKind.NOT_FOUND, "no matching manifest for " + wanted + " in the manifest list entries"));
  }

  static String digestOf(byte[] bytes) {
    try {
      return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static String shortened(String text) {
    String plain = text.replaceAll("\\p{Cntrl}", " ");
    return plain.isEmpty() ? "(none)" : plain.length() > 100 ? plain.substring(0, 100) + "…" : plain;
  }

  private static TallymanException invalid(String why) {
    return new TallymanException(ErrorKind.INVALID, "invalid manifest: " + why);
  }
}
