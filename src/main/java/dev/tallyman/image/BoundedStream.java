package dev.tallyman.image;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.io.InputStream;

/** Refuses to read more than a limit; closing it leaves the source open. */
final class BoundedStream extends ChunkedStream {
  private final InputStream in;
  private final long most;
  private final String what;
  private long count;

  BoundedStream(InputStream in, long most, String what) {
    this.in = in;
    this.most = most;
    this.what = what;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int read = in.read(bytes, offset, length);
    count += Math.max(read, 0);
    if (count > most) {
      throw new TallymanException(ErrorKind.EXHAUSTED, "cannot read " + what + ": it is larger than " + most + " bytes");
    }
    return read;
  }

  long count() {
    return count;
  }
}
