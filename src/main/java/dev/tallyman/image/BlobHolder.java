package dev.tallyman.image;

import java.util.Set;

/** Who else names blobs of the store, besides layers of images. A blob goes when nobody does. */
public interface BlobHolder {
  /** @param blob {@code sha256:…}; asked after the rows that named it are gone */
  boolean holds(String blob);

  /** All that it names; asked at a start. */
  Set<String> held();
}
