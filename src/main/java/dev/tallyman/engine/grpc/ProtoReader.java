package dev.tallyman.engine.grpc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Reads one message of Protocol Buffers, field after field. Every method throws {@link DamagedMessageException} for bytes that are no message. */
public final class ProtoReader {
  private static final int LONGEST_VARINT = 10;

  private final ByteBuffer in;
  private int type;

  public ProtoReader(byte[] message) {
    this(ByteBuffer.wrap(message));
  }

  private ProtoReader(ByteBuffer in) {
    this.in = in;
  }

  /** Number of the next field, 0 at the end. Its value must be taken or skipped. */
  public int next() throws IOException {
    if (!in.hasRemaining()) {
      return 0;
    }
    long tag = raw();
    type = (int) (tag & 7);
    long field = tag >>> 3;
    if (field == 0 || field > Integer.MAX_VALUE >> 2) {
      throw damaged();
    }
    return (int) field;
  }

  public long number() throws IOException {
    expect(ProtoWriter.VARINT);
    return raw();
  }

  /** A view of the message's own bytes. */
  public ByteBuffer bytes() throws IOException {
    expect(ProtoWriter.BYTES);
    return slice(raw());
  }

  public String text() throws IOException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes()).toString();
    } catch (CharacterCodingException e) {
      throw new DamagedMessageException("a text of the client is not in UTF-8", e);
    }
  }

  public ProtoReader message() throws IOException {
    return new ProtoReader(bytes());
  }

  public void skip() throws IOException {
    switch (type) {
      case ProtoWriter.VARINT -> raw();
      case ProtoWriter.FIXED64 -> slice(Long.BYTES);
      case ProtoWriter.BYTES -> slice(raw());
      case ProtoWriter.FIXED32 -> slice(Integer.BYTES);
      default -> throw damaged();
    }
  }

  private void expect(int wanted) throws IOException {
    if (type != wanted) {
      throw damaged();
    }
  }

  private ByteBuffer slice(long length) throws IOException {
    if (length < 0 || length > in.remaining()) {
      throw damaged();
    }
    ByteBuffer slice = in.slice(in.position(), (int) length);
    in.position(in.position() + (int) length);
    return slice;
  }

  private long raw() throws IOException {
    long value = 0;
    for (int i = 0; i < LONGEST_VARINT && in.hasRemaining(); i++) {
      byte part = in.get();
      value |= (part & 0x7fL) << 7 * i;
      if (part >= 0) {
        return value;
      }
    }
    throw damaged();
  }

  private static IOException damaged() {
    return new DamagedMessageException("the client sent a damaged message", null);
  }
}
