package dev.tallyman.image;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Writes one gzip member (RFC 1952) for speed: level 1, and what looks random, as archives and media do, is stored as it is. That costs 5
 * bytes in 64 KiB and a hundredth of the time that a search for repetitions takes, which would find none.
 */
final class FastGzip extends OutputStream {
  /** The most that a stored block of RFC 1951 holds. */
  private static final int BLOCK_BYTES = 65_535;

  private static final int OUT_BYTES = 1 << 16;
  private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 4, (byte) 255};
  /** A last block with nothing in it. */
  private static final byte[] EMPTY_END = {3, 0};

  private final OutputStream out;
  private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
  private final CRC32 sum = new CRC32();
  private final byte[] buffer = new byte[OUT_BYTES];
  private final ByteSpread spread = new ByteSpread();
  private long size;
  private boolean isDeflating;

  /** @param out stays open */
  FastGzip(OutputStream out) throws IOException {
    this.out = out;
    out.write(HEADER);
  }

  @Override
  public void write(int single) throws IOException {
    write(new byte[] {(byte) single}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    sum.update(bytes, offset, length);
    size += length;
    for (int at = offset; at < offset + length; at += BLOCK_BYTES) {
      int count = Math.min(BLOCK_BYTES, offset + length - at);
      if (spread.isEven(bytes, at, count)) {
        store(bytes, at, count);
      } else {
        deflate(bytes, at, count);
      }
    }
  }

  private void store(byte[] bytes, int offset, int count) throws IOException {
    if (isDeflating) {
      drain(Deflater.SYNC_FLUSH);
      // What it remembers would lie at other distances behind a stored block.
      deflater.reset();
      isDeflating = false;
    }
    out.write(new byte[] {0, (byte) count, (byte) (count >> 8), (byte) ~count, (byte) (~count >> 8)});
    out.write(bytes, offset, count);
  }

  private void deflate(byte[] bytes, int offset, int count) throws IOException {
    isDeflating = true;
    deflater.setInput(bytes, offset, count);
    drain(Deflater.NO_FLUSH);
  }

  private void drain(int flush) throws IOException {
    int count;
    do {
      count = deflater.deflate(buffer, 0, buffer.length, flush);
      out.write(buffer, 0, count);
    } while (count == buffer.length || !deflater.needsInput());
  }

  @Override
  public void close() throws IOException {
    try {
      if (isDeflating) {
        deflater.finish();
        while (!deflater.finished()) {
          out.write(buffer, 0, deflater.deflate(buffer, 0, buffer.length));
        }
      } else {
        out.write(EMPTY_END);
      }
      writeInt(sum.getValue());
      writeInt(size);
    } finally {
      deflater.end();
    }
  }

  private void writeInt(long value) throws IOException {
    out.write(new byte[] {(byte) value, (byte) (value >> 8), (byte) (value >> 16), (byte) (value >> 24)});
  }
}
