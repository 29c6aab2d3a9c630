package dev.tallyman.image;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A checked image that the inventory does not name yet.
 *
 * @param layers bottom first, with the diff ids of the document
 * @param parent {@code sha256:…} of the image it was made from, absent if unknown
 */
record NewImage(ImageDocument document, List<Layer> layers, List<ImageReference> tags, @Nullable String parent) {
  /** @param taken its bytes; absent when the inventory must have the layer already */
  record Layer(Digest diffId, LayerIntake.@Nullable Taken taken) {}
}
