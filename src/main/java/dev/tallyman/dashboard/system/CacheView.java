package dev.tallyman.dashboard.system;

import dev.tallyman.build.Builds.CachedStep;
import java.time.Instant;
import java.util.List;

/**
 * What builds have kept, the newest first.
 *
 * @param seenAt what a build uses after that stays when the page's reader cleans up
 */
record CacheView(List<CachedStep> steps, Instant seenAt) {
  /** Rows of a table; a page with more is of no use to anybody. */
  private static final int SHOWN = 200;

  CacheView {
    steps = List.copyOf(steps);
  }

  public List<CachedStep> shown() {
    return steps.stream().limit(SHOWN).toList();
  }

  public int hidden() {
    return Math.max(0, steps.size() - SHOWN);
  }

  public long active() {
    return steps.stream().filter(CachedStep::isInUse).count();
  }

  public long bytes() {
    return steps.stream().mapToLong(CachedStep::bytes).sum();
  }

  public long unused() {
    return steps.size() - active();
  }

  public long unusedBytes() {
    return steps.stream().filter(each -> !each.isInUse()).mapToLong(CachedStep::bytes).sum();
  }
}
