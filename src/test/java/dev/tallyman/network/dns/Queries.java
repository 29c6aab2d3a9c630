package dev.tallyman.network.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** Questions for tests. */
final class Queries {
  private Queries() {}

  static ByteBuf of(int id, String name, int type) {
    ByteBuf query = Unpooled.buffer().writeShort(id).writeShort(0x0100).writeShort(1).writeShort(0).writeShort(0).writeShort(0);
    for (String label : name.isEmpty() ? new String[0] : name.split("\\.")) {
      query.writeByte(label.length()).writeCharSequence(label, StandardCharsets.ISO_8859_1);
    }
    return query.writeByte(0).writeShort(type).writeShort(1);
  }
}
