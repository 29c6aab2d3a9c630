package dev.tallyman.index;

import dev.tallyman.identity.Caller;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The work of retention rules, done or tried out. */
public interface RetentionRuns {
  /** @param why no condition of the rule keeps it: a reason for each, with {@code "; "} between them */
  record Going(String tag, String digest, Instant pushedAt, @Nullable Instant lastPulledAt, String why) {}

  /** @param removed tags that went, or would; @param manifests likewise; @param tags the first 1,000 of them, last pushed first */
  record Outcome(String repository, boolean dryRun, long kept, long removed, long manifests, List<Going> tags) {}

  /**
   * Members of the team only.
   *
   * @param tried a rule to try out instead of the repository's own; with dryRun only
   * @throws dev.tallyman.error.TallymanException CONFLICT without a rule
   */
  Outcome run(Caller caller, String name, boolean dryRun, @Nullable RetentionRule tried);
}
