package dev.tallyman.identity;

/** By which door a caller came in. */
public enum Way {
  BROWSER,
  REST,
  /** The Docker Engine API, on the unix socket or over HTTP. */
  DOCKER,
  /** The Docker Index: the OCI distribution API at /v2/. */
  INDEX,
  /** The server itself: reconciliation, restart policies, schedules. */
  SYSTEM
}
