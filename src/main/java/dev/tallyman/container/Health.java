package dev.tallyman.container;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * How a container feels: what its health check said last.
 *
 * @param failingStreak checks that failed one after the other, those of the start period not counted
 * @param log the last checks, oldest first, at most {@link #LOG_LENGTH}
 */
public record Health(HealthStatus status, int failingStreak, List<Check> log) {
  /** As many as Docker keeps. */
  public static final int LOG_LENGTH = 5;

  public Health {
    log = List.copyOf(log);
  }

  /** @param exitCode 0 = healthy; -1 if the command did not run or took too long; @param output at most 4096 bytes, then three dots */
  public record Check(Instant start, Instant end, int exitCode, String output) {}

  /** A run begins; the log of the last one stays. */
  static Health atStart(List<Check> log) {
    return new Health(HealthStatus.STARTING, 0, log);
  }

  /** Nobody checks any more. Docker calls that unhealthy, and tools rely on it. */
  Health atEnd() {
    return new Health(HealthStatus.UNHEALTHY, failingStreak, log);
  }

  /**
   * What it is after one more check, by Docker's rules.
   *
   * @param isForgiven true in the start period: a failure does not count before the first success
   * @param retries failures in a row that make it unhealthy, at least 1
   */
  public Health after(Check check, boolean isForgiven, int retries) {
    List<Check> longer = new ArrayList<>(log.subList(Math.max(0, log.size() - LOG_LENGTH + 1), log.size()));
    longer.add(check);
    if (check.exitCode() == 0) {
      return new Health(HealthStatus.HEALTHY, 0, longer);
    }
    if (status == HealthStatus.STARTING && isForgiven) {
      return new Health(status, failingStreak, longer);
    }
    int streak = failingStreak + 1;
    return new Health(streak >= retries ? HealthStatus.UNHEALTHY : status, streak, longer);
  }
}
