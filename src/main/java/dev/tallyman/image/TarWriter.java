package dev.tallyman.image;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;

/**
 * Plain ustar, always the same bytes for the same content: owner root, the times that are given. Names stay below 100 ASCII characters; sizes above 8 GiB use
 * GNU's base 256.
 */
final class TarWriter {
  private static final int BUFFER_BYTES = 1 << 18;
  private static final long LARGEST_OCTAL = (1L << 33) - 1;

  private final OutputStream out;
  private final byte[] buffer = new byte[BUFFER_BYTES];

  TarWriter(OutputStream out) {
    this.out = out;
  }

  void directory(String name, Instant modifiedAt) throws IOException {
    header(name, '5', 0, "0000755", modifiedAt);
  }

  void file(String name, byte[] content, Instant modifiedAt) throws IOException {
    header(name, '0', content.length, "0000644", modifiedAt);
    out.write(content);
    pad(content.length);
  }

  /** Copies exactly {@code size} bytes; a shorter file is an error, so that a damaged blob is found out. */
  void file(String name, FileChannel content, long size, Instant modifiedAt) throws IOException {
    header(name, '0', size, "0000644", modifiedAt);
    long left = size;
    while (left > 0) {
      int count = content.read(ByteBuffer.wrap(buffer, 0, (int) Math.min(buffer.length, left)));
      if (count < 0) {
        throw new IOException("a layer on disk is shorter than it was");
      }
      out.write(buffer, 0, count);
      left -= count;
    }
    pad(size);
  }

  /** Ends the archive; the stream stays open. */
  void finish() throws IOException {
    out.write(new byte[2 * TarReader.BLOCK_BYTES]);
    out.flush();
  }

  private void pad(long size) throws IOException {
    out.write(new byte[(int) ((TarReader.BLOCK_BYTES - size % TarReader.BLOCK_BYTES) % TarReader.BLOCK_BYTES)]);
  }

  private void header(String name, char type, long size, String mode, Instant modifiedAt) throws IOException {
    byte[] block = new byte[TarReader.BLOCK_BYTES];
    if (name.length() > 100) {
      throw new IllegalArgumentException("name too long for a plain header: " + name);
    }
    put(block, 0, name);
    put(block, 100, mode);
    put(block, 108, "0000000");
    put(block, 116, "0000000");
    putSize(block, size);
    put(block, 136, String.format(Locale.ROOT, "%011o", Math.min(Math.max(modifiedAt.getEpochSecond(), 0), LARGEST_OCTAL)));
    block[156] = (byte) type;
    put(block, 257, "ustar");
    put(block, 263, "00");
    Arrays.fill(block, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte each : block) {
      sum += each & 0xff;
    }
    put(block, 148, String.format(Locale.ROOT, "%06o", sum));
    block[154] = 0;
    out.write(block);
  }

  private static void putSize(byte[] block, long size) {
    if (size <= LARGEST_OCTAL) {
      put(block, 124, String.format(Locale.ROOT, "%011o", size));
      return;
    }
    ByteBuffer.wrap(block).putLong(128, size);
    block[124] = (byte) 0x80;
  }

  private static void put(byte[] block, int offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, block, offset, bytes.length);
  }
}
