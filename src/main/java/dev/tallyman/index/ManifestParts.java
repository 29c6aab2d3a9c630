package dev.tallyman.index;

import dev.tallyman.image.SharedBlobs;
import dev.tallyman.index.IndexStore.ManifestRow;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.util.List;

/** Bytes of manifests, and what they name. */
@ApplicationScoped
class ManifestParts {
  private final PartStore parts;
  private final SharedBlobs blobs;

  @Inject
  ManifestParts(PartStore parts, SharedBlobs blobs) {
    this.parts = parts;
    this.blobs = blobs;
  }

  byte[] bytes(ManifestRow row) {
    try (FileChannel channel = blobs.open(row.stored())) {
      return Channels.newInputStream(channel).readNBytes(ManifestDocument.MAX_BYTES);
    } catch (IOException e) {
      throw new IllegalStateException("the bytes of manifest " + row.digest() + " cannot be read", e);
    }
  }

  ManifestDocument document(ManifestRow row) {
    return ManifestDocument.parse(bytes(row), row.mediaType());
  }

  /** Writes down the parts of manifests that came before they were written down at a push. Not inside a transaction. */
  void complete(long repository) {
    for (ManifestRow row : parts.notTakenApart(repository)) {
      ManifestDocument document = document(row);
      blobs.change(
          List.of(),
          () -> {
            QuarkusTransaction.requiringNew().run(() -> addIfThere(repository, row, document));
            return true;
          });
    }
  }

  private void addIfThere(long repository, ManifestRow row, ManifestDocument document) {
    // It may have been deleted meanwhile.
    if (parts.notTakenApart(repository).stream().anyMatch(each -> each.id() == row.id())) {
      parts.add(row.id(), document);
    }
  }
}
