package dev.tallyman.image;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** Hashes what is read. A reader's close does not end it; {@link #finish} reads the rest. */
final class DigestingStream extends ChunkedStream {
  private static final int DRAIN_BYTES = 1 << 18;

  private final InputStream in;
  private final MessageDigest sum = Digest.begin();

  DigestingStream(InputStream in) {
    this.in = in;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int count = in.read(bytes, offset, length);
    if (count > 0) {
      sum.update(bytes, offset, count);
    }
    return count;
  }

  /** @return the digest of everything up to the end of the source */
  Digest finish() throws IOException {
    byte[] buffer = new byte[DRAIN_BYTES];
    while (read(buffer, 0, buffer.length) >= 0) {
      // Reading is what counts.
    }
    return Digest.finish(sum);
  }
}
