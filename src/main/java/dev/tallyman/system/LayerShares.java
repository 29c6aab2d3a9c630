package dev.tallyman.system;

import dev.tallyman.image.Images.Image;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What images have in common: a layer takes its room once, however many images it is part of. */
final class LayerShares {
  private final Map<String, Long> sizes;
  private final Map<String, Integer> uses = new HashMap<>();

  /** @param sizes of layers by name */
  LayerShares(List<Image> images, Map<String, Long> sizes) {
    this.sizes = sizes;
    images.forEach(image -> image.layers().stream().distinct().forEach(layer -> uses.merge(layer, 1, Integer::sum)));
  }

  /** Bytes of an image that another one has too. */
  long shared(Image image) {
    return bytes(image, true);
  }

  /** Bytes of an image that no other one has. */
  long unique(Image image) {
    return bytes(image, false);
  }

  private long bytes(Image image, boolean isShared) {
    return image.layers().stream().distinct().filter(layer -> isShared == uses.getOrDefault(layer, 0) > 1).mapToLong(this::size).sum();
  }

  /** Bytes of all layers together. */
  long total() {
    return uses.keySet().stream().mapToLong(this::size).sum();
  }

  private long size(String layer) {
    return sizes.getOrDefault(layer, 0L);
  }
}
