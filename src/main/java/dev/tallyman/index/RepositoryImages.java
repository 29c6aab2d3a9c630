package dev.tallyman.index;

import dev.tallyman.identity.Caller;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tags and manifests of a repository as people look at them. Looking is no pull. */
public interface RepositoryImages {
  /**
   * @param sizeBytes compressed, without its manifests; of an index what its children have in this repository
   * @param platforms {@code os/architecture[/variant]}, at most 20; none for artifacts
   * @param lastPulledAt by this tag, to the minute; absent if never
   * @param referrers how many manifests of the repository are about this one, e.g. its signatures
   */
  record Tag(
      String name, String digest, String mediaType, long sizeBytes, List<String> platforms, String pushedBy, Instant pushedAt, @Nullable Instant lastPulledAt, long referrers) {}

  /** @param isThere the repository has it */
  record Part(String digest, String mediaType, long sizeBytes, String platform, boolean isThere) {}

  /** A manifest that is about another one. @param artifactType what it is, as its maker said; empty if he did not */
  record Referrer(String digest, String artifactType, String pushedBy, Instant pushedAt) {}

  /**
   * @param config absent for indexes and artifacts; @param layers bottom first; @param children of an index
   * @param tags at most 1000; @param referrers at most 100, first ones first; nobody has checked what they say
   */
  record Image(
      String repository, String digest, String mediaType, @Nullable String artifactType, @Nullable String subject, long sizeBytes, List<String> tags, String pushedBy, Instant pushedAt,
      @Nullable Instant lastPulledAt, @Nullable ConfigView config, List<Part> layers, List<Part> children, List<Referrer> referrers) {}

  /** @param after tags up to this one are left out; @param limit 1..100, because each one's documents are read */
  List<Tag> tags(Caller caller, String name, String after, int limit);

  /** @param reference tag or digest; NOT_FOUND if there is none */
  Image image(Caller caller, String name, String reference);
}
