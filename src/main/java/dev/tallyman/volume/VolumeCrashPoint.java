package dev.tallyman.volume;

import org.jspecify.annotations.Nullable;

/** Places where crash tests let the server die as if killed, with {@code TALLYMAN_CRASH_AT=<name>} in its environment. The names say what has just happened. */
enum VolumeCrashPoint {
  VOLUME_FOLDER_MADE,
  VOLUME_COMMITTED,
  VOLUME_REMOVE_COMMITTED,
  VOLUME_FOLDER_REMOVED;

  private static final @Nullable String CHOSEN = System.getenv("TALLYMAN_CRASH_AT");

  void reached() {
    if (name().equals(CHOSEN)) {
      Runtime.getRuntime().halt(137);
    }
  }
}
