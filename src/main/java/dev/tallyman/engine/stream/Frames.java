package dev.tallyman.engine.stream;

/** The frame header before each piece of output of a container without terminal: stream, three zeros, length (big-endian). */
public final class Frames {
  public static final int HEADER_BYTES = 8;

  private Frames() {}

  public static byte[] header(boolean isError, int length) {
    byte[] header = {(byte) (isError ? 2 : 1), 0, 0, 0, 0, 0, 0, 0};
    setLength(header, length);
    return header;
  }

  static void setLength(byte[] header, int length) {
    header[4] = (byte) (length >>> 24);
    header[5] = (byte) (length >>> 16);
    header[6] = (byte) (length >>> 8);
    header[7] = (byte) length;
  }
}
