package dev.tallyman.kernel.helper;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.KernelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Builds the packet of one request. Values that the protocol cannot carry are refused here, with the field's name. */
final class Request {
  private static final int FIRST_BYTES = 1024;

  private final Verb verb;
  private ByteBuffer buffer = ByteBuffer.allocate(FIRST_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  private Request(Verb verb) {
    this.verb = verb;
    buffer.position(Protocol.HEADER_BYTES);
  }

  static Request of(Verb verb) {
    return new Request(verb);
  }

  Verb verb() {
    return verb;
  }

  Request id(Tag tag, String id) {
    require(tag, Tag.Form.ID);
    if (!isId(id)) {
      throw invalid(tag, "is not an id of " + Protocol.ID_CHARS + " hex characters");
    }
    return field(tag, id.getBytes(StandardCharsets.US_ASCII));
  }

  static boolean isId(String id) {
    if (id.length() != Protocol.ID_CHARS) {
      return false;
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }

  Request text(Tag tag, String value) {
    require(tag, Tag.Form.TEXT);
    if (value.indexOf('\0') >= 0) {
      throw invalid(tag, "contains a NUL character");
    }
    return field(tag, value.getBytes(StandardCharsets.UTF_8));
  }

  /** Leaves the field out when the text is empty. */
  Request textIfAny(Tag tag, String value) {
    return value.isEmpty() ? this : text(tag, value);
  }

  Request texts(Tag tag, List<String> values) {
    values.forEach(each -> text(tag, each));
    return this;
  }

  Request number(Tag tag, long value) {
    require(tag, Tag.Form.NUMBER);
    if (value < 0 || value > 0xffffffffL) {
      throw invalid(tag, "is out of range: " + value);
    }
    reserve(Protocol.FIELD_HEADER_BYTES + 4);
    head(tag, 4);
    buffer.putInt((int) value);
    return this;
  }

  /** @param value unsigned: -1 is all ones */
  Request longNumber(Tag tag, long value) {
    require(tag, Tag.Form.LONG);
    reserve(Protocol.FIELD_HEADER_BYTES + 8);
    head(tag, 8);
    buffer.putLong(value);
    return this;
  }

  /** Leaves the field out when the value is 0, "not set". Refuses negative values. */
  Request longIfSet(Tag tag, long value) {
    if (value < 0) {
      throw invalid(tag, "is negative");
    }
    return value == 0 ? this : longNumber(tag, value);
  }

  Request numberIfSet(Tag tag, long value) {
    return value == 0 ? this : number(tag, value);
  }

  Request record(Tag tag, byte[] value) {
    require(tag, Tag.Form.RECORD);
    return field(tag, value);
  }

  private Request field(Tag tag, byte[] value) {
    reserve(Protocol.FIELD_HEADER_BYTES + value.length);
    head(tag, value.length);
    buffer.put(value);
    return this;
  }

  private void head(Tag tag, int length) {
    buffer.putShort((short) tag.number()).putShort((short) 0).putInt(length);
  }

  private void reserve(int more) {
    int needed = buffer.position() + more;
    if (needed > Protocol.PACKET_MAX_BYTES) {
      throw new KernelException(
          ErrorKind.INVALID, "the request is too large: arguments, environment and the other settings may have " + Protocol.PACKET_MAX_BYTES / 1024 + " KiB together");
    }
    if (needed > buffer.capacity()) {
      ByteBuffer larger = ByteBuffer.allocate(Math.min(Protocol.PACKET_MAX_BYTES, Math.max(needed, buffer.capacity() * 4))).order(ByteOrder.LITTLE_ENDIAN);
      buffer = larger.put(buffer.flip());
    }
  }

  byte[] packet() {
    buffer
        .putInt(0, Protocol.MAGIC)
        .putShort(4, (short) Protocol.VERSION)
        .putShort(6, (short) verb.number())
        .putInt(8, 0)
        .putInt(12, buffer.position() - Protocol.HEADER_BYTES);
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  private static void require(Tag tag, Tag.Form form) {
    if (tag.form() != form) {
      throw new IllegalArgumentException(tag + " is a field of the form " + tag.form());
    }
  }

  private static KernelException invalid(Tag tag, String reason) {
    return new KernelException(ErrorKind.INVALID, Words.of(tag) + " " + reason);
  }
}
