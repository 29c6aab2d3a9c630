package dev.tallyman.dashboard.repository;

import dev.tallyman.index.ConfigView;
import dev.tallyman.index.Repositories.Details;
import dev.tallyman.index.RepositoryImages.Image;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the page of one image shows. @param reference tag or digest by which it was asked for */
record ImageView(Details repository, Image image, String reference) {
  /** @param sizeBytes of the layer it made, compressed; absent where layers and steps do not match, or it made none */
  record Step(String what, String comment, @Nullable Instant at, boolean isEmptyLayer, @Nullable Long sizeBytes) {}

  public boolean isByDigest() {
    return reference.indexOf(':') >= 0;
  }

  /** Behind the repository's name, as docker takes it. */
  public String suffix() {
    return (isByDigest() ? "@" : ":") + reference;
  }

  public String repositoryPath() {
    return RepositoryView.path(repository.name());
  }

  /** What it is, where it is no image: as its maker said. */
  public String kind() {
    return image.config() != null || image.artifactType() == null ? image.mediaType() : image.artifactType();
  }

  public @Nullable Instant madeAt() {
    return image.config() == null ? null : time(image.config().createdAt());
  }

  /** First ones first. */
  public List<Step> history() {
    List<ConfigView.Step> steps = image.config() == null ? List.of() : image.config().history();
    boolean isComplete = steps.stream().filter(each -> !each.isEmptyLayer()).count() == image.layers().size();
    List<Step> shown = new ArrayList<>();
    int layer = 0;
    for (ConfigView.Step each : steps) {
      Long size = isComplete && !each.isEmptyLayer() ? image.layers().get(layer++).sizeBytes() : null;
      shown.add(new Step(each.createdBy(), each.comment(), time(each.createdAt()), each.isEmptyLayer(), size));
    }
    return shown;
  }

  /** Its maker may have written anything. */
  private static @Nullable Instant time(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      return null;
    }
  }
}
