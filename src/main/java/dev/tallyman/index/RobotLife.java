package dev.tallyman.index;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How long secrets of robots may live.
 *
 * @param maxDays the longest that the administrator of the server allows; 0 = any time, and no end, too
 */
record RobotLife(int maxDays) {
  /** Ten years: what is to live longer has no end. */
  private static final int LONGEST_DAYS = 3650;

  RobotLife {
    if (maxDays < 0) {
      throw new IllegalArgumentException("tallyman.index.robot-max-days is negative: " + maxDays);
    }
  }

  /** @param days 0 = without an end; @return absent = without an end; INVALID for what is not allowed */
  @Nullable Instant end(int days, Instant now) {
    int longest = maxDays == 0 ? LONGEST_DAYS : maxDays;
    int shortest = maxDays == 0 ? 0 : 1;
    if (days < shortest || days > longest) {
      throw IndexException.invalid(
          "UNSUPPORTED", "the secret of a robot may live " + shortest + " to " + longest + " days" + (maxDays == 0 ? " (0: without an end)" : "; the server's tallyman.index.robot-max-days allows no longer"));
    }
    return days == 0 ? null : now.plus(Duration.ofDays(days));
  }
}
