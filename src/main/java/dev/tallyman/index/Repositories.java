package dev.tallyman.index;

import dev.tallyman.identity.Caller;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Repositories of the Index as people see and set them. What a caller may not see is NOT_FOUND, like what is not there; refused attempts are in the audit trail. */
public interface Repositories {
  /**
   * @param isPublic every account may pull it; without an account only if tallyman.index.anonymous-reading is set
   * @param description a line for people; empty if there is none
   */
  record Summary(String name, boolean isPublic, String description) {}

  /** What is to become of a repository; what is absent stays. */
  record Changes(@Nullable Boolean isPublic, @Nullable String description, @Nullable String readme) {}

  /**
   * @param storedBytes of its different blobs and its manifests; other repositories may share them
   * @param mayChange the caller may push, delete and change it
   */
  record Details(
      String name, String team, boolean isPublic, String description, String readme, String createdBy, Instant createdAt, long tags, long manifests, long storedBytes, boolean mayChange) {}

  /**
   * @param storedBytes as in {@link Details}
   * @param pushedAt the last push of a manifest or tag that is still there; absent if there is none
   * @param pulledAt the last pull of a manifest that is still there, to the minute; absent if there was none
   * @param pulls how many manifests were read; a server that was killed may have lost those of its last half minute
   */
  record Listed(Summary summary, String team, long tags, long storedBytes, @Nullable Instant pushedAt, @Nullable Instant pulledAt, long pulls) {}

  /** @param term as in {@link RepositorySearch#search}; @param after names up to this one are left out; @param limit 1..100, because each one's figures are counted */
  List<Listed> page(Caller caller, String term, String after, int limit);

  Details details(Caller caller, String name);

  /** All of it or nothing. DENIED for those who are no members of its team; INVALID for texts that are too long or have control characters. */
  Summary change(Caller caller, String name, Changes changes);

  /** The repository with all tags and manifests. Uploads that are under way make it anew when they end. */
  void delete(Caller caller, String name);

  /** @param reference tag: only the tag goes; digest: the manifest with all its tags */
  void deleteImage(Caller caller, String name, String reference);
}
