package dev.tallyman.health;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The beginning of what a check writes, as much as Docker keeps of it. */
final class CappedOutput {
  static final int MAX_BYTES = 4096;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private boolean isCut;

  synchronized void add(ByteBuffer piece) {
    int length = Math.min(piece.remaining(), MAX_BYTES - bytes.size());
    isCut |= piece.remaining() > length;
    byte[] copy = new byte[length];
    piece.get(copy);
    bytes.writeBytes(copy);
  }

  synchronized String text() {
    String text = bytes.toString(StandardCharsets.UTF_8);
    return isCut ? text + "..." : text;
  }
}
