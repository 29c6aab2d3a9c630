package dev.tallyman.distribution;

import java.io.IOException;
import java.io.InputStream;

/** Blobs by their digest that somebody else keeps, as in an OCI layout. What it gives is not believed: whoever reads it checks digest and size. */
public interface ContentStore {
  /** For people. */
  String name();

  /** @param digest {@code sha256:…}. @throws IOException when it has none such */
  InputStream open(String digest) throws IOException;

  /** Leaves a blob there, unless it is there already. @param content of that digest and size, read once */
  void put(String digest, long size, InputStream content) throws IOException;
}
