package dev.tallyman.container;

import java.util.Locale;

public enum HealthStatus {
  /** There is no health check, or it has not run yet. */
  NONE,
  STARTING,
  HEALTHY,
  UNHEALTHY;

  /** Docker's word. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
