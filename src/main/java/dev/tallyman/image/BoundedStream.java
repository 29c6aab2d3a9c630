package dev.tallyman.image;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Refuses to read more than a limit; closing it leaves the source open. */
final class BoundedStream extends FilterInputStream {
  private final long most;
  private final String what;
  private long count;

  BoundedStream(InputStream in, long most, String what) {
    super(in);
    this.most = most;
    this.what = what;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int read = super.read(bytes, offset, length);
    count += Math.max(read, 0);
    if (count > most) {
      throw new TallymanException(ErrorKind.EXHAUSTED, "cannot read " + what + ": it is larger than " + most + " bytes");
    }
    return read;
  }

  @Override
  public long skip(long wanted) throws IOException {
    // FilterInputStream would skip past the count.
    byte[] buffer = new byte[(int) Math.min(Math.max(wanted, 0), 1 << 16)];
    return buffer.length == 0 ? 0 : Math.max(read(buffer, 0, buffer.length), 0);
  }

  long count() {
    return count;
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  @Override
  public void close() {
    // The source belongs to the caller.
  }
}
