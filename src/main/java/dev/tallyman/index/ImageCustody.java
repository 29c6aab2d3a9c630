package dev.tallyman.index;

import dev.tallyman.container.ContainerState;
import dev.tallyman.identity.Caller;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Through whose hands an image went. Looking is no pull. */
public interface ImageCustody {
  /** @param what import, load, commit, build, pull or push; @param name under which it was done; @param way in, e.g. engine or index */
  record Step(String what, String name, String by, String team, String way, Instant at) {}

  /** @param startedAt absent before the first start; @param removedAt absent while it is there */
  record Run(
      String container, String name, String team, String createdBy, String startedBy, ContainerState state, Instant createdAt, @Nullable Instant startedAt, @Nullable Instant removedAt) {}

  /**
   * At most 100 of each.
   *
   * @param imageIds of the manifest's configuration, or of those of an index's first children; none for what the repository has not
   * @param origins how it came to this server, and pushes: first ones first; @param pulls newest first; @param runs likewise
   */
  record Custody(String repository, String digest, List<String> imageIds, List<Step> origins, List<Step> pushes, List<Step> pulls, List<Run> runs) {}

  /** Reads the whole trail. @param reference tag, digest or image id; NOT_FOUND if there is none */
  Custody custody(Caller caller, String name, String reference);
}
