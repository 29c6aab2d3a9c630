package dev.tallyman.container;

import java.util.List;

/**
 * The image whose files a container has at a place, as it was when the container was made: a tag that moves, or a forced removal, changes nothing.
 *
 * @param id {@code sha256:…}
 * @param layers names in the kernel's store, bottom first
 */
public record MountedImage(String id, List<String> layers) {
  public MountedImage {
    layers = List.copyOf(layers);
  }
}
