package dev.tallyman.image;

import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.Layers;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Brings disk and inventory together after a start: removes what a killed server left half done, unpacks again what is missing, and marks
 * what cannot be mended. Ends in the same state however often it is interrupted.
 */
@ApplicationScoped
class ImageReconciliation {
  private static final Logger LOG = Logger.getLogger(ImageReconciliation.class);
  private static final int AFTER_MIGRATION = 500;
  private static final int AFTER_CONTAINERS = 3000;
  /** An inventory that knows nothing beside a full store has been lost or exchanged; nothing is deleted on its word. */
  private static final int MOST_UNKNOWN_WITHOUT_INVENTORY = 8;

  private final ImageStore store;
  private final BlobStore blobs;
  private final Layers layers;
  private final ImageService images;
  private final Instance<BlobHolder> holders;

  @Inject
  ImageReconciliation(ImageStore store, BlobStore blobs, Layers layers, ImageService images, Instance<BlobHolder> holders) {
    this.store = store;
    this.blobs = blobs;
    this.layers = layers;
    this.images = images;
    this.holders = holders;
  }

  /** Before requests come in: drafts and layers without a row may belong to an import later on. */
  void onStart(@Observes @Priority(AFTER_MIGRATION) StartupEvent start) {
    reconcile();
  }

  /** Asked earlier, the container inventory would know of nobody who still stands on a hidden image. */
  void onContainersKnown(@Observes @Priority(AFTER_CONTAINERS) StartupEvent start) {
    images.collectHidden();
  }

  void reconcile() {
    try {
      blobs.clearDrafts();
      List<ImageStore.LayerRow> known = store.layers();
      removeUnknownBlobs(known);
      List<String> unpacked = layers.list();
      removeUnknownLayers(known, unpacked);
      layers.finishRemovals();
      mend(known, new HashSet<>(unpacked));
    } catch (IOException e) {
      LOG.error("cannot compare the image store with the inventory; it stays as it is", e);
    } catch (TallymanException e) {
      // Readiness tells why the kernel part does not answer; the next start tries again.
      LOG.error("cannot compare the unpacked layers with the inventory; they stay as they are", e);
    }
  }

  private void removeUnknownBlobs(List<ImageStore.LayerRow> known) throws IOException {
    Set<Digest> named = new HashSet<>();
    known.forEach(each -> named.add(each.blob()));
    holders.forEach(each -> each.held().forEach(digest -> named.add(Digest.parse(digest))));
    List<Digest> unknown = blobs.list().stream().filter(each -> !named.contains(each)).toList();
    if (isSuspicious(known, unknown.size())) {
      LOG.errorf("the inventory names no layer, but %d blobs are on disk: nothing is removed; restore the database from a backup", unknown.size());
      return;
    }
    unknown.forEach(blobs::delete);
    if (!unknown.isEmpty()) {
      LOG.infof("removed %d blobs that no image and no repository names", unknown.size());
    }
  }

  private void removeUnknownLayers(List<ImageStore.LayerRow> known, List<String> unpacked) {
    Set<String> named = new HashSet<>();
    known.forEach(each -> named.add(each.store()));
    List<String> unknown = unpacked.stream().filter(each -> !named.contains(each)).toList();
    if (isSuspicious(known, unknown.size())) {
      LOG.errorf("the inventory names no layer, but %d are unpacked: nothing is removed; restore the database from a backup", unknown.size());
      return;
    }
    unknown.forEach(layers::remove);
    if (!unknown.isEmpty()) {
      LOG.infof("removed %d unpacked layers that no image names", unknown.size());
    }
  }

  private static boolean isSuspicious(List<ImageStore.LayerRow> known, int unknown) {
    return known.isEmpty() && unknown > MOST_UNKNOWN_WITHOUT_INVENTORY;
  }

  private void mend(List<ImageStore.LayerRow> known, Set<String> unpacked) {
    for (ImageStore.LayerRow layer : known) {
      boolean isDamaged = !blobs.has(layer.blob(), layer.blobBytes()) || (!unpacked.contains(layer.store()) && !unpackAgain(layer));
      if (isDamaged) {
        LOG.errorf("layer %s is damaged; load an image that has it to repair it", layer.diffId());
      }
      if (isDamaged != layer.isDamaged()) {
        QuarkusTransaction.requiringNew().run(() -> store.markDamaged(layer.id(), isDamaged));
      }
    }
  }

  /** @return false if the blob does not give the layer */
  private boolean unpackAgain(ImageStore.LayerRow layer) {
    LOG.warnf("layer %s is not unpacked; unpacking it from its blob", layer.diffId());
    try (FileChannel blob = blobs.open(layer.blob()); var plain = new DigestingStream(blobs.compression(layer.blob()).unpack(Channels.newInputStream(blob)))) {
      layers.unpack(layer.store(), plain);
      if (plain.finish().equals(layer.diffId())) {
        return true;
      }
      layers.remove(layer.store());
    } catch (IOException | TallymanException e) {
      LOG.errorf(e, "layer %s could not be unpacked again", layer.diffId());
    }
    return false;
  }
}
