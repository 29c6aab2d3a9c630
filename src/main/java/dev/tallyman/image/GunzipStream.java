package dev.tallyman.image;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads all members of a gzip file (RFC 1952). The JDK's own class recurses once per empty member and guesses from available() whether
 * another follows; other libraries keep a file name of any length. Both matter for archives of strangers and for network streams.
 */
final class GunzipStream extends InputStream {
  private static final int BUFFER_BYTES = 1 << 18;
  private static final int LONGEST_NAME = 1 << 16;
  private static final int HAS_CHECKSUM = 2;
  private static final int HAS_EXTRA = 4;
  private static final int HAS_NAME = 8;
  private static final int HAS_COMMENT = 16;
  private static final int RESERVED_FLAGS = 0xe0;

  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private final Inflater inflater = new Inflater(true);
  private final CRC32 sum = new CRC32();
  private int at;
  private int end;
  private boolean isEnded;

  GunzipStream(InputStream in) throws IOException {
    this.in = in;
    readHeader();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    while (!isEnded && length > 0) {
      int count = inflate(bytes, offset, length);
      sum.update(bytes, offset, count);
      if (inflater.finished()) {
        nextMember();
      }
      if (count > 0) {
        return count;
      }
    }
    return length == 0 ? 0 : -1;
  }

  private int inflate(byte[] bytes, int offset, int length) throws IOException {
    if (inflater.needsInput() && !inflater.finished()) {
      fill();
      inflater.setInput(buffer, at, end - at);
    }
    try {
      int count = inflater.inflate(bytes, offset, length);
      if (inflater.needsDictionary()) {
        throw new IOException("damaged gzip stream: it asks for a dictionary");
      }
      return count;
    } catch (DataFormatException e) {
      throw new IOException("damaged gzip stream", e);
    }
  }

  private void nextMember() throws IOException {
    at = end - inflater.getRemaining();
    long expectedSum = readInt();
    long expectedSize = readInt();
    if (expectedSum != sum.getValue() || expectedSize != (inflater.getBytesWritten() & 0xffffffffL)) {
      throw new IOException("damaged gzip stream: its checksum does not match");
    }
    if (at == end && !tryFill()) {
      isEnded = true;
      return;
    }
    inflater.reset();
    sum.reset();
    readHeader();
  }

  private void readHeader() throws IOException {
    if (readByte() != 0x1f || readByte() != 0x8b || readByte() != 8) {
      throw new IOException("damaged gzip stream: no member begins where one should");
    }
    int flags = readByte();
    if ((flags & RESERVED_FLAGS) != 0) {
      throw new IOException("damaged gzip stream: unknown flags");
    }
    skip(6);
    if ((flags & HAS_EXTRA) != 0) {
      skip(readByte() | readByte() << 8);
    }
    if ((flags & HAS_NAME) != 0) {
      skipText();
    }
    if ((flags & HAS_COMMENT) != 0) {
      skipText();
    }
    if ((flags & HAS_CHECKSUM) != 0) {
      skip(2);
    }
    inflater.setInput(buffer, at, end - at);
  }

  private void skip(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      readByte();
    }
  }

  private void skipText() throws IOException {
    for (int i = 0; i < LONGEST_NAME; i++) {
      if (readByte() == 0) {
        return;
      }
    }
    throw new IOException("damaged gzip stream: a name in its header is too long");
  }

  private long readInt() throws IOException {
    return readByte() | (long) readByte() << 8 | (long) readByte() << 16 | (long) readByte() << 24;
  }

  private int readByte() throws IOException {
    if (at == end) {
      fill();
    }
    return buffer[at++] & 0xff;
  }

  private void fill() throws IOException {
    if (!tryFill()) {
      throw new EOFException("damaged gzip stream: it ends early");
    }
  }

  private boolean tryFill() throws IOException {
    int count = in.read(buffer, 0, buffer.length);
    at = 0;
    end = Math.max(count, 0);
    return count > 0;
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    in.close();
  }
}
