package dev.tallyman.container;

import org.jspecify.annotations.Nullable;

/**
 * Places where crash tests let the server die as if killed. With {@code TALLYMAN_CRASH_AT=<name>} in its environment the process ends at
 * once, without any clean-up, when it comes to the place of that name. The names are those of the reliability plan: what has just happened.
 */
enum CrashPoint {
  CREATE_RESERVED,
  CREATE_COMMITTED,
  START_LEASED,
  START_RUNNING,
  START_COMMITTED,
  STOP_COMMITTED,
  STOP_SIGNALLED,
  END_SEEN,
  END_COMMITTED,
  END_CLEANED,
  RESTART_DUE,
  REMOVE_COMMITTED,
  REMOVE_CLEANED,
  RECONCILE_HALF;

  private static final @Nullable String CHOSEN = System.getenv("TALLYMAN_CRASH_AT");

  void reached() {
    if (name().equals(CHOSEN)) {
      Runtime.getRuntime().halt(137);
    }
  }
}
