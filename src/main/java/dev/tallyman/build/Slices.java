package dev.tallyman.build;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * A file without a name in which contexts have their bytes. What was written once is never changed, so contexts may share it, and with it the files that
 * they have in common; its disk is free again when the last that uses it is closed.
 */
final class Slices {
  private final FileChannel file;
  private long end;
  private int uses = 1;

  /** @param file empty; it is closed with the last use, of which whoever makes this has the first */
  Slices(FileChannel file) {
    this.file = file;
  }

  FileChannel file() {
    return file;
  }

  /** A use more, to be given back by {@link #release}. @return false when there is none left, or the file can no longer be read */
  synchronized boolean share() {
    if (uses == 0 || !file.isOpen()) {
      return false;
    }
    uses++;
    return true;
  }

  synchronized void release() {
    if (--uses == 0) {
      try {
        file.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  synchronized int uses() {
    return uses;
  }

  /** A place for so many bytes, which nobody else has. */
  synchronized long place(long bytes) {
    long at = end;
    end += bytes;
    return at;
  }

  /** How large the file is. */
  synchronized long bytes() {
    return end;
  }

  void write(ByteBuffer piece, long at) throws IOException {
    long next = at;
    while (piece.hasRemaining()) {
      next += file.write(piece, next);
    }
  }

  OutputStream output(long at) {
    return new OutputStream() {
      private long next = at;

      @Override
      public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        Slices.this.write(ByteBuffer.wrap(bytes, offset, length), next);
        next += length;
      }
    };
  }

  /** Need not be closed. */
  InputStream input(long at, long length) {
    return new InputStream() {
      private long next = at;
      private final long last = at + length;

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] bytes, int offset, int count) throws IOException {
        if (next >= last) {
          return -1;
        }
        int read = file.read(ByteBuffer.wrap(bytes, offset, (int) Math.min(count, last - next)), next);
        next += Math.max(read, 0);
        return read;
      }
    };
  }

  /** Takes bytes of another file over. @return where they are now */
  long copy(Slices from, long at, long length) throws IOException {
    long to = place(Math.max(length, 1));
    try (OutputStream out = output(to)) {
      if (from.input(at, length).transferTo(out) != length) {
        throw new IOException("a kept file is shorter than it was");
      }
    }
    return to;
  }
}
