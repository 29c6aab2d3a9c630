package dev.tallyman.index;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which tags of a repository stay, as people write and read it: those that at least one of its conditions keeps. What is absent keeps nothing; a rule with nothing in it is none.
 *
 * @param keepLast this many tags that were pushed last, 1 to 10,000
 * @param keepPushedDays tags that were pushed within so many days, 1 to 3,650
 * @param keepPulledDays tags that were pulled within so many days, or whose manifest was
 * @param keepTags names of tags, {@code *} for any text
 */
public record RetentionRule(@Nullable Integer keepLast, @Nullable Integer keepPushedDays, @Nullable Integer keepPulledDays, @Nullable List<String> keepTags) {
  boolean hasNothing() {
    return keepLast == null && keepPushedDays == null && keepPulledDays == null && (keepTags == null || keepTags.isEmpty());
  }

  Retention parsed() {
    return new Retention(keepLast, keepPushedDays, keepPulledDays, keepTags == null ? TagPatterns.NONE : new TagPatterns(keepTags));
  }
}
