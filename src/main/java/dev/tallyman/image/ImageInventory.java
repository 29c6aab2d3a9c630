package dev.tallyman.image;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.Layers;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Keeps rows and bytes in step. Bytes are on disk before the row that names them is committed, and go only after the row is gone; one lock
 * keeps a removal from taking the bytes that an import just found to be there already.
 */
@ApplicationScoped
class ImageInventory {
  private static final Logger LOG = Logger.getLogger(ImageInventory.class);

  private final ImageStore store;
  private final BlobStore blobs;
  private final Layers layers;
  private final Instance<BlobHolder> holders;
  private final ReentrantLock lock = new ReentrantLock();

  @Inject
  ImageInventory(ImageStore store, BlobStore blobs, Layers layers, Instance<BlobHolder> holders) {
    this.store = store;
    this.blobs = blobs;
    this.layers = layers;
    this.holders = holders;
  }

  /** What became of a new image. @param renamed ids of images that lost a tag to it, by that tag */
  record Registered(ImageStore.ImageRow row, Map<ImageReference, String> renamed) {}

  /**
   * Makes images visible to the caller's team, all or none.
   *
   * @param inTransaction e.g. the audit rows
   */
  List<Registered> register(Caller caller, List<NewImage> images, Consumer<List<Registered>> inTransaction) {
    lock.lock();
    try {
      Map<Digest, LayerIntake.Taken> published = publish(images);
      ImageCrashPoint.BLOBS_PUBLISHED.reached();
      try {
        List<Registered> registered =
            QuarkusTransaction.requiringNew()
                .call(
                    () -> {
                      Map<Digest, Long> keys = new HashMap<>();
                      List<Registered> all = new ArrayList<>();
                      images.forEach(each -> all.add(add(caller, each, keys)));
                      inTransaction.accept(all);
                      return all;
                    });
        ImageCrashPoint.IMAGE_COMMITTED.reached();
        published.values().forEach(LayerIntake.Taken::keep);
        return registered;
      } catch (RuntimeException e) {
        published.values().forEach(this::takeBack);
        throw e;
      }
    } finally {
      lock.unlock();
    }
  }

  private Map<Digest, LayerIntake.Taken> publish(List<NewImage> images) {
    Map<Digest, LayerIntake.Taken> published = new LinkedHashMap<>();
    for (NewImage image : images) {
      for (NewImage.Layer layer : image.layers()) {
        boolean isNeeded = layer.taken() != null && !published.containsKey(layer.diffId()) && store.layerByDiffId(layer.diffId()).filter(each -> !each.isDamaged()).isEmpty();
        if (isNeeded) {
          publish(layer.taken());
          published.put(layer.diffId(), layer.taken());
        }
      }
    }
    return published;
  }

  private static void publish(LayerIntake.Taken taken) {
    try {
      taken.publish();
    } catch (StorageFailure e) {
      throw StorageFailure.of(e);
    }
  }

  /** After a failed commit: nobody may know whether it reached the disk, so what a row names stays. */
  private void takeBack(LayerIntake.Taken taken) {
    try {
      Optional<ImageStore.LayerRow> row = store.layerByDiffId(taken.diffId());
      if (row.isEmpty()) {
        deleteUnheld(taken.blob());
      } else if (row.get().store().equals(taken.store())) {
        taken.keep();
      }
    } catch (RuntimeException e) {
      taken.keep();
      LOG.warnf(e, "layer %s stays on disk until the next start", taken.diffId());
    }
  }

  private Registered add(Caller caller, NewImage image, Map<Digest, Long> keys) {
    List<Long> layerKeys = image.layers().stream().map(each -> keys.computeIfAbsent(each.diffId(), diffId -> layerKey(each))).toList();
    long key = store.addImage(caller.team(), image.document(), image.parent(), caller.accountName(), layerKeys);
    Map<ImageReference, String> renamed = new LinkedHashMap<>();
    for (ImageReference tag : image.tags()) {
      store.moveTag(caller.team(), tag, key, caller.accountName()).ifPresent(before -> renamed.put(tag, before));
    }
    return new Registered(store.image(caller.team(), image.document().id()).orElseThrow(), renamed);
  }

  private long layerKey(NewImage.Layer layer) {
    Optional<ImageStore.LayerRow> row = store.layerByDiffId(layer.diffId());
    if (row.isPresent()) {
      if (row.get().isDamaged() && layer.taken() != null) {
        store.replaceLayer(row.get().id(), layer.taken());
      }
      return row.get().id();
    }
    if (layer.taken() == null) {
      throw new TallymanException(ErrorKind.CONFLICT, "layer " + layer.diffId() + " was removed meanwhile; try again");
    }
    return store.addLayer(layer.taken());
  }

  /**
   * Runs a change of tags or a removal in a transaction.
   *
   * @param work gets a list to which it adds the layers whose rows it deleted
   */
  <T> T change(Function<List<ImageStore.LayerRow>, T> work) {
    List<ImageStore.LayerRow> orphans = new ArrayList<>();
    T result;
    lock.lock();
    try {
      result = QuarkusTransaction.requiringNew().call(() -> work.apply(orphans));
      if (!orphans.isEmpty()) {
        ImageCrashPoint.IMAGE_REMOVED.reached();
      }
      orphans.forEach(each -> deleteUnheld(each.blob()));
    } finally {
      lock.unlock();
    }
    orphans.forEach(this::removeUnpacked);
    if (!orphans.isEmpty()) {
      ImageCrashPoint.LAYERS_PUT_AWAY.reached();
    }
    return result;
  }

  /** Runs work that nothing which publishes or deletes blobs may come between. */
  <T> T exclusively(Supplier<T> work) {
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  /** Removes a blob that nobody names any more. Only inside {@link #exclusively}, {@link #change} or {@link #register}, after the rows are gone. */
  void deleteUnheld(Digest blob) {
    boolean isHeld = isLayer(blob) || holders.stream().anyMatch(each -> each.holds(blob.toString()));
    if (!isHeld) {
      blobs.delete(blob);
    }
  }

  boolean isLayer(Digest blob) {
    return store.hasBlob(blob);
  }

  private void removeUnpacked(ImageStore.LayerRow layer) {
    try {
      layers.remove(layer.store());
    } catch (TallymanException e) {
      LOG.warnf(e, "cannot remove the unpacked layer %s; the next start does", layer.diffId());
    }
  }
}
