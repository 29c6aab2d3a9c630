package dev.tallyman.image;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes what docker save writes since version 25: an OCI image layout with manifest.json and repositories beside it. Documents come
 * first, blobs after them, and nothing depends on the time of the saving, so that the same images give the same bytes: as with dockerd,
 * an image's configuration and layers are as old as the image says, and what describes them is of 1970.
 */
@ApplicationScoped
class ImageSaver {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String BLOBS = "blobs/sha256/";
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";

  /** @param tags those asked for, not all that the image has */
  record Chosen(ImageDocument document, List<ImageStore.LayerRow> layers, List<ImageReference> tags) {}

  private record Document(byte[] bytes, Instant modifiedAt) {}

  private final BlobStore blobs;

  @Inject
  ImageSaver(BlobStore blobs) {
    this.blobs = blobs;
  }

  /** @throws TallymanException INTERNAL before the first byte if a layer is not on disk */
  void save(List<Chosen> images, OutputStream out) throws IOException {
    requireBlobs(images);
    TarWriter tar = new TarWriter(out);
    Map<Digest, Document> documents = new LinkedHashMap<>();
    Instant latest = Instant.EPOCH;
    ArrayNode index = JSON.arrayNode();
    ArrayNode legacy = JSON.arrayNode();
    for (Chosen image : images) {
      byte[] config = image.document().json().getBytes(StandardCharsets.UTF_8);
      documents.put(image.document().id(), new Document(config, image.document().createdAt()));
      byte[] manifest = StrictJson.write(manifest(image, config.length));
      documents.put(Digest.of(manifest), new Document(manifest, Instant.EPOCH));
      addToIndex(index, image, manifest);
      legacy.add(legacy(image));
      latest = latest.isAfter(image.document().createdAt()) ? latest : image.document().createdAt();
    }
    ObjectNode layout = JSON.objectNode().put("imageLayoutVersion", "1.0.0");
    ObjectNode whole = JSON.objectNode().put("schemaVersion", 2).put("mediaType", "application/vnd.oci.image.index.v1+json");
    whole.set("manifests", index);
    tar.file("oci-layout", StrictJson.write(layout), Instant.EPOCH);
    tar.file("index.json", StrictJson.write(whole), Instant.EPOCH);
    tar.file("manifest.json", StrictJson.write(legacy), Instant.EPOCH);
    tar.file("repositories", StrictJson.write(repositories(images)), Instant.EPOCH);
    tar.directory("blobs/", latest);
    tar.directory(BLOBS, latest);
    for (Map.Entry<Digest, Document> each : documents.entrySet()) {
      tar.file(BLOBS + each.getKey().hex(), each.getValue().bytes(), each.getValue().modifiedAt());
    }
    writeLayers(tar, images);
    tar.finish();
  }

  private void requireBlobs(List<Chosen> images) {
    for (Chosen image : images) {
      for (ImageStore.LayerRow layer : image.layers()) {
        if (!blobs.has(layer.blob(), layer.blobBytes())) {
          throw new TallymanException(ErrorKind.INTERNAL, "cannot save image " + image.document().id().shortened() + ": its layer " + layer.diffId() + " is damaged; load it again");
        }
      }
    }
  }

  private void writeLayers(TarWriter tar, List<Chosen> images) throws IOException {
    Set<Digest> written = new HashSet<>();
    for (Chosen image : images) {
      for (ImageStore.LayerRow layer : image.layers()) {
        if (written.add(layer.blob())) {
          try (FileChannel content = blobs.open(layer.blob())) {
            tar.file(BLOBS + layer.blob().hex(), content, layer.blobBytes(), image.document().createdAt());
          }
        }
      }
    }
  }

  private ObjectNode manifest(Chosen image, long configBytes) {
    ObjectNode manifest = JSON.objectNode().put("schemaVersion", 2).put("mediaType", MANIFEST);
    manifest.set("config", descriptor(CONFIG, image.document().id(), configBytes));
    ArrayNode layers = manifest.putArray("layers");
    image.layers().forEach(each -> layers.add(layer(each)));
    return manifest;
  }

  private ObjectNode layer(ImageStore.LayerRow layer) {
    return descriptor(mediaType(layer), layer.blob(), layer.blobBytes());
  }

  private String mediaType(ImageStore.LayerRow layer) {
    if (layer.blob().equals(layer.diffId())) {
      return LAYER;
    }
    try {
      return switch (blobs.compression(layer.blob())) {
        case GZIP -> LAYER + "+gzip";
        case ZSTD -> LAYER + "+zstd";
        case NONE, XZ, BZIP2 -> LAYER; // of the last two only from servers that kept them as they came
      };
    } catch (IOException e) {
      throw StorageFailure.of(e);
    }
  }

  private static ObjectNode descriptor(String mediaType, Digest digest, long size) {
    return JSON.objectNode().put("mediaType", mediaType).put("digest", digest.toString()).put("size", size);
  }

  /** One entry for each tag, as tools that read a layout expect. */
  private static void addToIndex(ArrayNode index, Chosen image, byte[] manifest) {
    if (image.tags().isEmpty()) {
      index.add(descriptor(MANIFEST, Digest.of(manifest), manifest.length));
    }
    for (ImageReference tag : image.tags()) {
      ObjectNode entry = descriptor(MANIFEST, Digest.of(manifest), manifest.length);
      entry.putObject("annotations").put("io.containerd.image.name", tag.toString()).put("org.opencontainers.image.ref.name", String.valueOf(tag.tag()));
      index.add(entry);
    }
  }

  private ObjectNode legacy(Chosen image) {
    ObjectNode entry = JSON.objectNode().put("Config", BLOBS + image.document().id().hex());
    if (image.tags().isEmpty()) {
      entry.putNull("RepoTags");
    } else {
      ArrayNode tags = entry.putArray("RepoTags");
      image.tags().forEach(each -> tags.add(each.familiar()));
    }
    ArrayNode layers = entry.putArray("Layers");
    image.layers().forEach(each -> layers.add(BLOBS + each.blob().hex()));
    ObjectNode sources = entry.putObject("LayerSources");
    image.layers().forEach(each -> sources.set(each.diffId().toString(), layer(each)));
    return entry;
  }

  /** The oldest format: repository, tag, hex of the top layer. */
  private static ObjectNode repositories(List<Chosen> images) {
    Map<String, ObjectNode> sorted = new TreeMap<>();
    for (Chosen image : images) {
      if (!image.layers().isEmpty()) {
        String top = image.layers().get(image.layers().size() - 1).blob().hex();
        image.tags().forEach(each -> sorted.computeIfAbsent(each.familiarName(), name -> JSON.objectNode()).put(String.valueOf(each.tag()), top));
      }
    }
    ObjectNode all = JSON.objectNode();
    sorted.forEach(all::set);
    return all;
  }
}
