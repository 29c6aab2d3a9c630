package dev.tallyman.distribution;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.image.ImageParts;
import dev.tallyman.image.StrictJson;
import java.util.List;

/** Manifests of images that leave this server. */
final class ManifestText {
  static final String OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";
  private static final String OCI_ZSTD_LAYER = "application/vnd.oci.image.layer.v1.tar+zstd";
  private static final String DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip";
  private static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
  private static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private ManifestText() {}

  /** @param config digest of the configuration; @param layers bottom first; @param isOci false: in Docker's own schema */
  static byte[] of(String config, long configBytes, List<ImageParts.Copy> layers, boolean isOci) {
    ObjectNode manifest = JSON.objectNode().put("schemaVersion", 2).put("mediaType", isOci ? Manifest.OCI_MANIFEST : Manifest.DOCKER_MANIFEST);
    manifest.set("config", descriptor(isOci ? OCI_CONFIG : DOCKER_CONFIG, config, configBytes));
    ArrayNode list = manifest.putArray("layers");
    layers.forEach(each -> list.add(descriptor(mediaType(each, isOci), each.digest(), each.sizeBytes())));
    return StrictJson.write(manifest);
  }

  private static String mediaType(ImageParts.Copy layer, boolean isOci) {
    if (layer.mediaType().endsWith("zstd")) {
      return OCI_ZSTD_LAYER;
    }
    return isOci ? OCI_LAYER : DOCKER_LAYER;
  }

  private static ObjectNode descriptor(String mediaType, String digest, long size) {
    return JSON.objectNode().put("mediaType", mediaType).put("size", size).put("digest", digest);
  }
}
