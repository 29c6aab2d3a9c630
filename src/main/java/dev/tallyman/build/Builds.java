package dev.tallyman.build;

import dev.tallyman.identity.Caller;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Builds images from Dockerfiles. For members. Methods block. */
public interface Builds {
  /**
   * Runs a build to its end.
   *
   * @param context a tar, plain or packed with gzip, zstd or xz
   * @param cancellation by which it can be ended from elsewhere
   * @return id of the image
   * @throws BuildException when a command failed; CONFLICT when it was cancelled
   */
  String build(Caller caller, BuildRequest request, InputStream context, BuildOutput output, Cancellation cancellation);

  /** As {@link #build(Caller, BuildRequest, InputStream, BuildOutput, Cancellation)}, with files that are taken from the client. */
  String build(Caller caller, BuildRequest request, ClientFiles files, BuildOutput output, Cancellation cancellation);

  /** Takes no more from the client than what tells what would be built. For members. */
  Recipe recipe(Caller caller, String dockerfile, ClientFiles files, BuildOutput output, Cancellation cancellation);

  /** @param dockerfile its text; @param ignore text of the ignore file; absent: there is none */
  record Recipe(String dockerfile, @Nullable String ignore) {}

  /** Ends a build of the team. An id that is not known is no error, as with dockerd. */
  void cancel(Caller caller, String id);

  /** What the team's cache has, newest first. */
  List<CachedStep> cache(Caller caller);

  /**
   * Forgets steps and takes away what only they need.
   *
   * @param isAll false: those that images with a name, or containers, are made of stay
   */
  default Pruned prune(Caller caller, boolean isAll, Instant usedBefore, long keepBytes) {
    return prune(caller, isAll, usedBefore, keepBytes, "", CacheFilter.ALL);
  }

  /** @param type {@code regular} for steps, {@code exec.cachemount} for caches that commands mount, {@code source.local} for contexts of clients, {@code source.http} for files that builds fetched; empty = all. INVALID for another */
  Pruned prune(Caller caller, boolean isAll, Instant usedBefore, long keepBytes, String type, CacheFilter filter);

  /** @param image whose top layer it is; empty for what is no step; @param type as of prune; @param bytes that the step added; @param isInUse a named image or a container has it */
  record CachedStep(String id, String image, String description, long bytes, Instant createdAt, Instant lastUsedAt, int uses, boolean isInUse, String type) {}

  record Pruned(List<String> ids, long bytes) {}
}
