package dev.tallyman.engine.grpc;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Writes one message of Protocol Buffers. As in proto3, what has its default value is left out. */
public final class ProtoWriter {
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int BYTES = 2;
  static final int FIXED32 = 5;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Of the types int64, uint32, bool and of enumerations. */
  public ProtoWriter number(int field, long value) {
    if (value != 0) {
      tag(field, VARINT);
      raw(value);
    }
    return this;
  }

  public ProtoWriter bytes(int field, byte[] value) {
    if (value.length > 0) {
      embedded(field, value);
    }
    return this;
  }

  public ProtoWriter text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  /** A message in the message; it is there even when it is empty. */
  public ProtoWriter message(int field, ProtoWriter value) {
    embedded(field, value.toBytes());
    return this;
  }

  public ProtoWriter time(int field, Instant value) {
    return message(field, new ProtoWriter().number(1, value.getEpochSecond()).number(2, value.getNano()));
  }

  public byte[] toBytes() {
    return out.toByteArray();
  }

  private void embedded(int field, byte[] value) {
    tag(field, BYTES);
    raw(value.length);
    out.writeBytes(value);
  }

  private void tag(int field, int type) {
    raw((long) field << 3 | type);
  }

  private void raw(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
  }
}
