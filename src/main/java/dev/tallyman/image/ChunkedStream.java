package dev.tallyman.image;

import java.io.IOException;
import java.io.InputStream;

/** Base of streams that look at what passes through them: one way of reading for all bytes, and a reader's close does not reach the source. */
public abstract class ChunkedStream extends InputStream {
  private static final int SKIPPED_AT_ONCE = 1 << 16;

  @Override
  public final int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public abstract int read(byte[] bytes, int offset, int length) throws IOException;

  /** What is skipped is looked at as well. */
  @Override
  public final long skip(long wanted) throws IOException {
    byte[] buffer = new byte[(int) Math.min(Math.max(wanted, 0), SKIPPED_AT_ONCE)];
    return buffer.length == 0 ? 0 : Math.max(read(buffer, 0, buffer.length), 0);
  }
}
