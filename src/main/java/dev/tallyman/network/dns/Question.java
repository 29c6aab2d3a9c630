package dev.tallyman.network.dns;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * The one question of a query (RFC 1035, section 4.1.2).
 *
 * @param name in lower case, labels joined by dots, without the last dot; empty = the root
 * @param type as in {@link Message}
 * @param isInternet class IN
 * @param end offset behind the question
 */
record Question(String name, int type, boolean isInternet, int end) {
  private static final int MAX_NAME_BYTES = 255;
  private static final int MAX_LABEL_BYTES = 63;
  private static final int INTERNET = 1;

  /** @param packet a whole message; its indices stay; @return absent for what is no standard query of one question */
  static Optional<Question> of(ByteBuf packet) {
    if (packet.readableBytes() < Message.HEADER_BYTES || (packet.getUnsignedByte(2) & 0xf8) != 0 || packet.getUnsignedShort(4) != 1) {
      return Optional.empty();
    }
    StringBuilder name = new StringBuilder();
    int at = Message.HEADER_BYTES;
    while (true) {
      if (at >= packet.readableBytes()) {
        return Optional.empty();
      }
      int length = packet.getUnsignedByte(at++);
      if (length == 0) {
        break;
      }
      // A pointer cannot stand in a question: there is nothing before it to point to.
      if (length > MAX_LABEL_BYTES || at + length > packet.readableBytes() || at + length - Message.HEADER_BYTES >= MAX_NAME_BYTES) {
        return Optional.empty();
      }
      name.append(name.isEmpty() ? "" : ".").append(packet.toString(at, length, StandardCharsets.ISO_8859_1));
      at += length;
    }
    if (at + 4 > packet.readableBytes()) {
      return Optional.empty();
    }
    return Optional.of(new Question(name.toString().toLowerCase(Locale.ROOT), packet.getUnsignedShort(at), packet.getUnsignedShort(at + 2) == INTERNET, at + 4));
  }
}
