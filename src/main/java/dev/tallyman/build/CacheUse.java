package dev.tallyman.build;

import java.util.List;

/**
 * Caches beside the team's own, which a build reads from elsewhere, and where it leaves its own.
 *
 * @param imports names of images that carry one, the first asked first
 * @param isInline the image that is built carries one
 */
public record CacheUse(List<String> imports, List<Export> exports, boolean isInline) {
  public CacheUse {
    imports = List.copyOf(imports);
    exports = List.copyOf(exports);
  }

  /** @param reference of the image that is pushed; @param isWhole with the steps of all stages; @param isOptional the build is done even if it fails */
  public record Export(String reference, boolean isWhole, boolean isOptional) {}

  public static CacheUse none() {
    return new CacheUse(List.of(), List.of(), false);
  }
}
