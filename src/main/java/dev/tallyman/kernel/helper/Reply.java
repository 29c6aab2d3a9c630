package dev.tallyman.kernel.helper;

import dev.tallyman.kernel.ResolverSockets;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One parsed reply. Fields keep their order. @param resolver descriptors that came with it */
record Reply(Status status, List<Field> fields, @Nullable ResolverSockets resolver) {
  /** @param value of a number as it stands; 0 for others; @param text of an id or text; empty for others */
  record Field(Tag tag, long value, String text) {}

  Reply {
    fields = List.copyOf(fields);
  }

  Reply(Status status, List<Field> fields) {
    this(status, fields, null);
  }

  /** The same with the descriptors that came with it. */
  Reply with(ResolverSockets sockets) {
    return new Reply(status, fields, sockets);
  }

  /** @throws MalformedReplyException when the packet is not exactly a reply to the given verb */
  static Reply parse(byte[] packet, Verb verb) {
    ByteBuffer in = ByteBuffer.wrap(packet).order(ByteOrder.LITTLE_ENDIAN);
    if (packet.length < Protocol.HEADER_BYTES) {
      throw new MalformedReplyException("it has only " + packet.length + " bytes");
    }
    expect("magic", Protocol.MAGIC, in.getInt());
    expect("version", Protocol.VERSION, in.getShort());
    expect("verb", verb.number(), in.getShort());
    Status status = Status.of(in.getInt());
    expect("length", in.remaining() - 4, in.getInt());
    List<Field> fields = new ArrayList<>();
    while (in.hasRemaining()) {
      fields.add(field(in));
    }
    return new Reply(status, fields);
  }

  private static Field field(ByteBuffer in) {
    if (in.remaining() < Protocol.FIELD_HEADER_BYTES) {
      throw new MalformedReplyException("a field's header is cut off");
    }
    Tag tag = Tag.of(Short.toUnsignedInt(in.getShort()));
    expect("filler", 0, in.getShort());
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new MalformedReplyException("field " + tag + " is cut off");
    }
    return switch (tag.form()) {
      case NUMBER -> {
        expect("length of " + tag, 4, length);
        yield new Field(tag, Integer.toUnsignedLong(in.getInt()), "");
      }
      case LONG -> {
        expect("length of " + tag, 8, length);
        yield new Field(tag, in.getLong(), "");
      }
      case ID -> {
        String id = text(tag, in, length);
        if (!Request.isId(id)) {
          throw new MalformedReplyException("field " + tag + " is no id");
        }
        yield new Field(tag, 0, id);
      }
      case TEXT -> new Field(tag, 0, text(tag, in, length));
      case RECORD -> {
        in.position(in.position() + length);
        yield new Field(tag, 0, "");
      }
    };
  }

  private static String text(Tag tag, ByteBuffer in, int length) {
    ByteBuffer bytes = in.slice(in.position(), length);
    in.position(in.position() + length);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedReplyException("field " + tag + " is not UTF-8");
    }
  }

  private static void expect(String what, int wanted, int found) {
    if (wanted != found) {
      throw new MalformedReplyException(what + " is " + found + " instead of " + wanted);
    }
  }

  Optional<Field> first(Tag tag) {
    return fields.stream().filter(each -> each.tag() == tag).findFirst();
  }

  String text(Tag tag) {
    return first(tag).map(Field::text).orElse("");
  }

  long number(Tag tag) {
    return first(tag).map(Field::value).orElse(0L);
  }

  List<String> all(Tag tag) {
    return fields.stream().filter(each -> each.tag() == tag).map(Field::text).toList();
  }
}
