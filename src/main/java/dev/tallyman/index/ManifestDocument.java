package dev.tallyman.index;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the Index needs to know of a manifest or an index.
 *
 * @param config of a manifest; @param layers of a manifest, without those with {@code urls} or of a type that is not handed on: they lie elsewhere
 * @param children manifests of an index. They may be pushed later, or never: an index may be sparse
 * @param artifactType of the document, or its configuration's type (image-spec, "Guidelines for Artifact Usage")
 * @param annotations as they stand, an object; absent if there are none
 */
record ManifestDocument(String mediaType, Optional<Descriptor> config, List<Descriptor> layers, List<Descriptor> children, @Nullable String subject, @Nullable String artifactType, @Nullable JsonNode annotations) {
  static final int MAX_BYTES = 4 << 20;
  private static final int MAX_DESCRIPTORS = 1000;
  private static final Set<String> INDEXES = Set.of("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json");
  private static final Set<String> IMAGES = Set.of("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json");
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  /** @param platform {@code os/architecture[/variant]}; empty if none is given */
  record Descriptor(ContentDigest digest, long bytes, String mediaType, String platform) {}

  /** Configuration and layers: what the repository must have. */
  List<Descriptor> blobs() {
    return Stream.concat(config.stream(), layers.stream()).toList();
  }

  /** @param contentType of the request, absent = the document's own; MANIFEST_INVALID for what is no manifest */
  static ManifestDocument parse(byte[] bytes, @Nullable String contentType) {
    JsonNode root;
    try {
      root = JSON.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw invalid("it is not JSON, or has a key twice");
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory cannot fail", e);
    }
    if (root == null || !root.isObject() || root.path("schemaVersion").asInt() != 2) {
      throw invalid("it must be an object with schemaVersion 2");
    }
    String own = text(root, "mediaType");
    String given = contentType == null ? own : contentType.split(";", 2)[0].strip();
    if (given == null || (own != null && !own.equals(given))) {
      throw invalid("its mediaType and the request's Content-Type differ");
    }
    boolean isIndex = INDEXES.contains(given);
    if (!isIndex && !IMAGES.contains(given)) {
      throw invalid("its type is none of OCI's and Docker's manifests and indexes");
    }
    if (root.has(isIndex ? "layers" : "manifests") || isIndex && root.has("config")) {
      throw invalid("it is a manifest and an index at once, and readers would differ about which");
    }
    return new ManifestDocument(given, isIndex ? Optional.empty() : Optional.of(descriptor(root.path("config"))), isIndex ? List.of() : descriptors(root, "layers"), isIndex ? descriptors(root, "manifests") : List.of(), subject(root), artifactType(root, isIndex), annotations(root));
  }

  private static List<Descriptor> descriptors(JsonNode root, String field) {
    JsonNode array = root.path(field);
    if (!array.isArray() || array.size() > MAX_DESCRIPTORS) {
      throw invalid("it needs a list " + field + " of at most " + MAX_DESCRIPTORS);
    }
    List<Descriptor> found = new ArrayList<>();
    for (JsonNode each : array) {
      Descriptor descriptor = descriptor(each);
      if (each.path("urls").isEmpty() && !isElsewhere(String.valueOf(text(each, "mediaType")))) {
        found.add(descriptor);
      }
    }
    return found;
  }

  /** Layers that nobody may hand on are pushed by nobody. */
  private static boolean isElsewhere(String mediaType) {
    return mediaType.startsWith("application/vnd.oci.image.layer.nondistributable.") || mediaType.startsWith("application/vnd.docker.image.rootfs.foreign.");
  }

  private static Descriptor descriptor(JsonNode node) {
    String digest = text(node, "digest");
    JsonNode size = node.path("size");
    if (digest == null || !size.canConvertToLong() || !size.isIntegralNumber() || size.asLong() < 0) {
      throw invalid("a descriptor needs digest and size");
    }
    JsonNode platform = node.path("platform");
    String type = text(node, "mediaType");
    return new Descriptor(new ContentDigest(digest), size.asLong(), type == null ? "" : type, platform.isObject() ? ConfigView.platform(platform) : "");
  }

  private static @Nullable String subject(JsonNode root) {
    JsonNode subject = root.path("subject");
    return subject.isMissingNode() || subject.isNull() ? null : descriptor(subject).digest().text();
  }

  private static @Nullable String artifactType(JsonNode root, boolean isIndex) {
    String type = text(root, "artifactType");
    String found = type != null && !type.isEmpty() ? type : isIndex ? null : text(root.path("config"), "mediaType");
    if (found != null && found.length() > 255) {
      throw invalid("its artifactType is longer than 255 characters");
    }
    return found;
  }

  private static @Nullable JsonNode annotations(JsonNode root) {
    JsonNode annotations = root.path("annotations");
    return annotations.isObject() && !annotations.isEmpty() ? annotations : null;
  }

  private static @Nullable String text(JsonNode node, String field) {
    JsonNode value = node.path(field);
    if (!value.isMissingNode() && !value.isNull() && !value.isTextual()) {
      throw invalid(field + " must be a string");
    }
    return value.isTextual() ? value.asText() : null;
  }

  private static IndexException invalid(String why) {
    return IndexException.invalid("MANIFEST_INVALID", "the manifest is refused: " + why);
  }
}
