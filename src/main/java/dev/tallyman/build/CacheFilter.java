package dev.tallyman.build;

import dev.tallyman.build.Builds.CachedStep;
import java.util.List;

/**
 * Which records of the build cache are meant, beside their type and age.
 *
 * @param id a part of it; empty = any
 * @param parent what it stands on; records here stand on none, so with one nothing is meant; empty = any
 * @param description the whole of it; empty = any
 * @param inUse what all of them say of whether it is in use; empty = either
 */
public record CacheFilter(String id, String parent, String description, List<Boolean> inUse) {
  public static final CacheFilter ALL = new CacheFilter("", "", "", List.of());

  boolean accepts(CachedStep step) {
    return step.id().contains(id) && parent.isEmpty() && (description.isEmpty() || description.equals(step.description())) && inUse.stream().allMatch(each -> each == step.isInUse());
  }
}
