package dev.tallyman.build;

import dev.tallyman.distribution.ContentStore;
import java.util.List;

/**
 * Caches beside the team's own, which a build reads from elsewhere, and where it leaves its own.
 *
 * @param imports the first asked first
 * @param isInline the image that is built carries one
 */
public record CacheUse(List<Import> imports, List<Export> exports, boolean isInline) {
  public CacheUse {
    imports = List.copyOf(imports);
    exports = List.copyOf(exports);
  }

  /** An image that carries one. */
  public sealed interface Import {
    /** For people. */
    String name();

    /** @param name of it */
    record OfRegistry(String name) implements Import {}

    /** @param digest of its manifest */
    record OfStore(ContentStore store, String digest) implements Import {
      @Override
      public String name() {
        return store.name();
      }
    }
  }

  /** Where the image goes that carries one. */
  public sealed interface Target {
    /** For people. */
    String name();

    /** @param reference that it is pushed as */
    record Registry(String reference) implements Target {
      @Override
      public String name() {
        return "registry " + reference;
      }
    }

    record Store(ContentStore store) implements Target {
      @Override
      public String name() {
        return store.name();
      }
    }
  }

  /** @param isWhole with the steps of all stages; @param isOptional the build is done even if it fails */
  public record Export(Target target, boolean isWhole, boolean isOptional) {}

  /** Whether it tells others what its steps made. */
  boolean exportsAny() {
    return isInline || !exports.isEmpty();
  }

  public static CacheUse none() {
    return new CacheUse(List.of(), List.of(), false);
  }
}
