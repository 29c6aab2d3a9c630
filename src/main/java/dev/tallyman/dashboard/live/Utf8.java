package dev.tallyman.dashboard.live;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Decodes text that comes in pieces; a character may be cut anywhere, and what is no UTF-8 becomes U+FFFD. */
final class Utf8 {
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPLACE).onUnmappableCharacter(CodingErrorAction.REPLACE);
  /** Beginning of a character whose rest has not come: three bytes at most. */
  private byte[] rest = new byte[0];

  String decode(ByteBuffer bytes) {
    ByteBuffer all = ByteBuffer.allocate(rest.length + bytes.remaining()).put(rest).put(bytes).flip();
    CharBuffer text = CharBuffer.allocate(all.remaining() + 1);
    decoder.reset().decode(all, text, false);
    rest = new byte[all.remaining()];
    all.get(rest);
    return text.flip().toString();
  }
}
