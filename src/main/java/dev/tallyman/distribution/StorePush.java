package dev.tallyman.distribution;

import dev.tallyman.identity.Caller;
import dev.tallyman.image.ImageParts;
import dev.tallyman.image.Images;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** One image on its way into a content store, in the form of OCI: layer by layer, the manifest last. */
final class StorePush {
  private static final int SHORT_ID = 12;

  private final ImageParts parts;
  private final Caller caller;
  private final Images.Image image;
  private final TransferProgress progress;

  StorePush(ImageParts parts, Caller caller, Images.Image image, TransferProgress progress) {
    this.parts = parts;
    this.caller = caller;
    this.image = image;
    this.progress = progress;
  }

  Distribution.Stored to(ContentStore store) throws IOException {
    List<ImageParts.Copy> copies = new ArrayList<>();
    for (ImageParts.Layer each : parts.layers(caller, image.id())) {
      String id = each.diffId().substring("sha256:".length(), "sha256:".length() + SHORT_ID);
      progress.status(id, "Preparing");
      copies.add(send(store, each));
      progress.status(id, "Pushed");
    }
    byte[] config = image.configJson().getBytes(StandardCharsets.UTF_8);
    store.put(image.id(), config.length, new ByteArrayInputStream(config));
    byte[] manifest = ManifestText.of(image.id(), config.length, copies, true);
    Distribution.Stored stored = new Distribution.Stored(Manifest.OCI_MANIFEST, Manifest.digestOf(manifest), manifest.length);
    store.put(stored.digest(), manifest.length, new ByteArrayInputStream(manifest));
    return stored;
  }

  private ImageParts.Copy send(ContentStore store, ImageParts.Layer layer) throws IOException {
    if (layer.isPacked()) {
      try (InputStream in = Channels.newInputStream(parts.open(layer))) {
        store.put(layer.blobDigest(), layer.blobBytes(), in);
        return new ImageParts.Copy(layer.diffId(), "", layer.blobDigest(), layer.blobBytes(), layer.mediaType());
      }
    }
    try (ImageParts.Compressed compressed = parts.compress(layer); InputStream in = compressed.open()) {
      store.put(compressed.digest(), compressed.sizeBytes(), in);
      return new ImageParts.Copy(layer.diffId(), "", compressed.digest(), compressed.sizeBytes(), ManifestText.OCI_LAYER);
    }
  }
}
