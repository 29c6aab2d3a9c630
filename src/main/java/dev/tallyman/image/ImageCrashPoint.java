package dev.tallyman.image;

import org.jspecify.annotations.Nullable;

/** Places where crash tests let the server die as if killed, as the container package has them: what has just happened. */
enum ImageCrashPoint {
  /** Unpacked and written to a draft; no name but its random one. */
  LAYER_TAKEN,
  BLOBS_PUBLISHED,
  IMAGE_COMMITTED,
  /** Rows are gone, bytes are not. */
  IMAGE_REMOVED,
  /** The unpacked layers are put away; their files may still be there. */
  LAYERS_PUT_AWAY,
  /** Bytes of others than images are in the store under their digest; nothing names them. */
  SHARED_PUBLISHED,
  /** And now something does; nobody has been told. */
  SHARED_NAMED,
  /** Others than images have given up blobs: rows are gone, bytes are not. */
  NAMES_FORGOTTEN,
  /** Bytes of the first of them are gone. */
  FIRST_FORGOTTEN_DELETED;

  private static final @Nullable String CHOSEN = System.getenv("TALLYMAN_CRASH_AT");

  void reached() {
    if (name().equals(CHOSEN)) {
      Runtime.getRuntime().halt(137);
    }
  }
}
