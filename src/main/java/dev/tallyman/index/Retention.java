package dev.tallyman.index;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which tags of a repository stay: those that at least one of its conditions keeps. What is absent keeps nothing.
 *
 * @param keepLast this many tags that were pushed last, 1 to 10,000
 * @param keepPushedDays tags that were pushed within so many days, 1 to 3,650
 * @param keepPulledDays tags that were pulled within so many days, or whose manifest was
 * @param keepTags patterns of tags; may be empty
 */
record Retention(@Nullable Integer keepLast, @Nullable Integer keepPushedDays, @Nullable Integer keepPulledDays, TagPatterns keepTags) {
  private static final int MAX_TAGS = 10_000;
  private static final int MAX_DAYS = 3650;

  /** @throws IndexException INVALID, also without any condition: nothing would stay */
  Retention {
    requireWithin("keepLast", keepLast, MAX_TAGS);
    requireWithin("keepPushedDays", keepPushedDays, MAX_DAYS);
    requireWithin("keepPulledDays", keepPulledDays, MAX_DAYS);
    if (keepLast == null && keepPushedDays == null && keepPulledDays == null && keepTags.isEmpty()) {
      throw IndexException.invalid("UNSUPPORTED", "a retention rule needs keepLast, keepPushedDays, keepPulledDays or keepTags");
    }
  }

  RetentionRule rule() {
    return new RetentionRule(keepLast, keepPushedDays, keepPulledDays, keepTags.patterns());
  }

  /**
   * @param rank how many tags were pushed after it
   * @return why the tag goes; absent if it stays
   */
  Optional<String> reason(String tag, int rank, Instant pushedAt, @Nullable Instant pulledAt, Instant now) {
    List<String> reasons = new ArrayList<>();
    if (keepLast != null) {
      if (rank < keepLast) {
        return Optional.empty();
      }
      reasons.add("not among the last " + keepLast);
    }
    if (keepPushedDays != null) {
      if (isWithin(pushedAt, keepPushedDays, now)) {
        return Optional.empty();
      }
      reasons.add("not pushed within " + keepPushedDays + " days");
    }
    if (keepPulledDays != null) {
      if (pulledAt != null && isWithin(pulledAt, keepPulledDays, now)) {
        return Optional.empty();
      }
      reasons.add("not pulled within " + keepPulledDays + " days");
    }
    if (keepTags.matches(tag)) {
      return Optional.empty();
    }
    if (!keepTags.isEmpty()) {
      reasons.add("like none of " + keepTags);
    }
    return Optional.of(String.join("; ", reasons));
  }

  private static boolean isWithin(Instant at, int days, Instant now) {
    return at.isAfter(now.minus(Duration.ofDays(days)));
  }

  private static void requireWithin(String name, @Nullable Integer given, int max) {
    if (given != null && (given < 1 || given > max)) {
      throw IndexException.invalid("UNSUPPORTED", name + " must be 1 to " + max);
    }
  }

  /** For people. */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    if (keepLast != null) {
      parts.add("the last " + keepLast);
    }
    if (keepPushedDays != null) {
      parts.add("pushed within " + keepPushedDays + " days");
    }
    if (keepPulledDays != null) {
      parts.add("pulled within " + keepPulledDays + " days");
    }
    if (!keepTags.isEmpty()) {
      parts.add("tags " + keepTags);
    }
    return "keep " + String.join("; ", parts);
  }
}
