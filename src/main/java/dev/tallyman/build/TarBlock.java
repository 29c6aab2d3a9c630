package dev.tallyman.build;

import java.nio.charset.StandardCharsets;

/** Fields of a tar's header that are written here (ustar). */
final class TarBlock {
  static final int BYTES = 512;
  static final int MTIME = 136;
  static final int MTIME_LENGTH = 12;
  private static final int CHECKSUM = 148;
  private static final int CHECKSUM_LENGTH = 8;

  private TarBlock() {}

  /** Digits up to a closing NUL. */
  static void octal(byte[] block, int offset, int length, long number) {
    String digits = Long.toOctalString(number);
    String padded = "0".repeat(length - 1 - digits.length()) + digits;
    System.arraycopy(padded.getBytes(StandardCharsets.US_ASCII), 0, block, offset, length - 1);
  }

  /** Puts the checksum of the header in its place, when the rest is there. */
  static void seal(byte[] block) {
    int sum = 0;
    for (int i = 0; i < BYTES; i++) {
      sum += i >= CHECKSUM && i < CHECKSUM + CHECKSUM_LENGTH ? ' ' : block[i] & 0xff;
    }
    String digits = Integer.toOctalString(sum);
    byte[] field = ("0".repeat(6 - digits.length()) + digits + "\0 ").getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(field, 0, block, CHECKSUM, CHECKSUM_LENGTH);
  }
}
