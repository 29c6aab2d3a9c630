package dev.tallyman.engine.stream;

/** The frame header before each piece of output of a container without terminal: stream, three zeros, length (big-endian). */
public final class Frames {
  public static final int HEADER_BYTES = 8;

  private Frames() {}

  public static byte[] header(boolean isError, int length) {
    return new byte[] {
      (byte) (isError ? 2 : 1), 0, 0, 0, (byte) (length >>> 24), (byte) (length >>> 16), (byte) (length >>> 8), (byte) length
    };
  }
}
