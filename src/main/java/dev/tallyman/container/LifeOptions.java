package dev.tallyman.container;

import dev.tallyman.image.ImageConfig.Healthcheck;
import org.jspecify.annotations.Nullable;

/**
 * What a creator asked for about health and age; fixed at creation.
 *
 * @param healthcheck absent = the image's; each part of it that is zero or empty is the image's
 * @param onUnhealthy none, restart, stop or kill; empty = what the label {@link LifeRules#ACTION_LABEL} says
 * @param maxRuntime a duration such as {@code 90s} or {@code 1h30m}, or a number of seconds; empty = what the label {@link LifeRules#RUNTIME_LABEL} says
 */
public record LifeOptions(@Nullable Healthcheck healthcheck, String onUnhealthy, String maxRuntime) {
  public LifeOptions {
    onUnhealthy = onUnhealthy == null ? "" : onUnhealthy;
    maxRuntime = maxRuntime == null ? "" : maxRuntime;
  }

  public static LifeOptions none() {
    return new LifeOptions(null, "", "");
  }

  public static LifeOptions of(@Nullable Healthcheck healthcheck) {
    return new LifeOptions(healthcheck, "", "");
  }
}
