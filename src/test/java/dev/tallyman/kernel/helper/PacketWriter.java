package dev.tallyman.kernel.helper;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes replies as the helper does, well-formed or not. */
final class PacketWriter {
  private final ByteBuffer buffer = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);

  PacketWriter(Verb verb, int status) {
    buffer.putInt(0x594c4c54).putShort((short) 1).putShort((short) verb.number()).putInt(status).putInt(0);
  }

  PacketWriter raw(int tag, int filler, int length, byte... bytes) {
    buffer.putShort((short) tag).putShort((short) filler).putInt(length).put(bytes);
    return this;
  }

  PacketWriter text(Tag tag, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    return raw(tag.number(), 0, bytes.length, bytes);
  }

  PacketWriter number(Tag tag, int value) {
    return raw(tag.number(), 0, 4, ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
  }

  PacketWriter longNumber(Tag tag, long value) {
    return raw(tag.number(), 0, 8, ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
  }

  byte[] bytes() {
    buffer.putInt(12, buffer.position() - 16);
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  Reply reply(Verb verb) {
    return Reply.parse(bytes(), verb);
  }
}
