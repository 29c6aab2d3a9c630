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
import java.util.Optional;

/** Bytes of manifests, and what they name. */
@ApplicationScoped
class ManifestParts {
  private final IndexStore store;
  private final PartStore parts;
  private final SharedBlobs blobs;

  @Inject
  ManifestParts(IndexStore store, PartStore parts, SharedBlobs blobs) {
    this.store = store;
    this.parts = parts;
    this.blobs = blobs;
  }

  byte[] bytes(ManifestRow row) {
    return read(row.stored(), ManifestDocument.MAX_BYTES);
  }

  private byte[] read(String stored, int atMost) {
    try (FileChannel channel = blobs.open(stored)) {
      return Channels.newInputStream(channel).readNBytes(atMost);
    } catch (IOException e) {
      throw new IllegalStateException("the bytes of " + stored + " cannot be read", e);
    }
  }

  ManifestDocument document(ManifestRow row) {
    return ManifestDocument.parse(bytes(row), row.mediaType());
  }

  /** Absent for artifacts and indexes, and for what is too large to be a configuration. */
  Optional<ConfigView> config(long repository, ManifestDocument document) {
    return document.config().flatMap(each -> store.blob(repository, each.digest().text())).filter(each -> each.bytes() <= ConfigView.MAX_BYTES).flatMap(each -> ConfigView.parse(read(each.stored(), ConfigView.MAX_BYTES)));
  }

  /** Writes down what a pushed manifest names, and its labels. Inside the push's transaction. */
  void add(long repository, long manifest, ManifestDocument document) {
    parts.add(manifest, document);
    String labels = RepositoryLabels.of(document, config(repository, document));
    if (!labels.isEmpty()) {
      store.setLabels(repository, labels);
    }
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
