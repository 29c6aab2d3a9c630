package dev.tallyman.container;

import dev.tallyman.image.ImageConfig.Healthcheck;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a container's health check and maximum run time are, with the image's defaults and the labels; fixed at creation.
 *
 * @param healthcheck as inspect shows it; absent if neither the creator nor the image has one
 * @param shell what runs a check of the form CMD-SHELL
 * @param maxRuntimeSeconds of one run; 0 = none
 */
public record LifePlan(@Nullable Healthcheck healthcheck, List<String> shell, HealthAction onUnhealthy, long maxRuntimeSeconds) {
  private static final long DEFAULT_INTERVAL_NANOS = 30_000_000_000L;
  private static final long DEFAULT_START_INTERVAL_NANOS = 5_000_000_000L;
  private static final int DEFAULT_RETRIES = 3;

  public LifePlan {
    shell = List.copyOf(shell);
  }

  static LifePlan none() {
    return new LifePlan(null, List.of(), HealthAction.NONE, 0);
  }

  public boolean hasCheck() {
    return healthcheck != null && !healthcheck.test().isEmpty() && !healthcheck.test().get(0).equals("NONE");
  }

  /** What runs, the shell included. Only with {@link #hasCheck}. */
  public List<String> command() {
    List<String> test = check().test();
    List<String> rest = test.subList(1, test.size());
    if (test.get(0).equals("CMD")) {
      return rest;
    }
    return java.util.stream.Stream.concat(shell.stream(), rest.stream()).toList();
  }

  public Duration interval() {
    return orDefault(check().intervalNanos(), DEFAULT_INTERVAL_NANOS);
  }

  public Duration timeout() {
    return orDefault(check().timeoutNanos(), DEFAULT_INTERVAL_NANOS);
  }

  public Duration startPeriod() {
    return Duration.ofNanos(check().startPeriodNanos());
  }

  /** Between checks in the start period, until the first success. */
  public Duration startInterval() {
    return orDefault(check().startIntervalNanos(), DEFAULT_START_INTERVAL_NANOS);
  }

  public int retries() {
    return check().retries() <= 0 ? DEFAULT_RETRIES : check().retries();
  }

  private Healthcheck check() {
    if (healthcheck == null) {
      throw new IllegalStateException("there is no health check");
    }
    return healthcheck;
  }

  private static Duration orDefault(long nanos, long absent) {
    return Duration.ofNanos(nanos == 0 ? absent : nanos);
  }
}
