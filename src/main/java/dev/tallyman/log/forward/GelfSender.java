package dev.tallyman.log.forward;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/** GELF 1.1: JSON, by UDP packed and in chunks, by TCP each with a NUL behind it. */
final class GelfSender implements Sender {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  /** As dockerd: fits a frame of an ethernet with room for tunnels. */
  private static final int CHUNK_BYTES = 1420;

  private static final int CHUNK_HEAD_BYTES = 12;
  private static final int ERROR = 3;
  private static final int INFORMATION = 6;

  private final Wire wire;
  private final Map<String, String> fields;
  private final String host;
  private final Packing packing;

  /** @param type gzip, zlib or none; @param level of zlib, -1 = its own choice */
  record Packing(String type, int level) {}

  /** @param fields with their underscores; packing is for datagrams only */
  GelfSender(Wire wire, String host, Map<String, String> fields, Packing packing) {
    this.wire = wire;
    this.host = host;
    this.fields = Map.copyOf(fields);
    this.packing = packing;
  }

  @Override
  public void send(List<Line> lines) throws IOException {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    for (Line each : lines) {
      byte[] message = MAPPER.writeValueAsBytes(message(each));
      if (wire.isDatagram()) {
        sendDatagrams(packed(message));
      } else {
        stream.writeBytes(message);
        stream.write(0);
      }
    }
    if (stream.size() > 0) {
      wire.write(stream.toByteArray());
    }
  }

  private ObjectNode message(Line line) {
    ObjectNode message = MAPPER.createObjectNode().put("version", "1.1").put("host", host);
    String text = line.text();
    message.put("short_message", text.isEmpty() ? " " : text); // an empty one is refused by receivers
    message.put("timestamp", BigDecimal.valueOf(Math.floorDiv(line.timeNanos(), 1_000_000L), 3)).put("level", line.isError() ? ERROR : INFORMATION);
    fields.forEach(message::put);
    return message;
  }

  private byte[] packed(byte[] message) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = packer(packed)) {
      out.write(message);
    }
    return packed.toByteArray();
  }

  private OutputStream packer(ByteArrayOutputStream to) throws IOException {
    return switch (packing.type()) {
      case "none" -> to;
      case "zlib" -> new DeflaterOutputStream(to, new Deflater(packing.level()));
      default ->
          new GZIPOutputStream(to) {
            {
              def.setLevel(packing.level());
            }
          };
    };
  }

  private void sendDatagrams(byte[] message) throws IOException {
    if (message.length <= CHUNK_BYTES) {
      wire.write(message);
      return;
    }
    int room = CHUNK_BYTES - CHUNK_HEAD_BYTES;
    int count = (message.length + room - 1) / room; // a line has 16 KiB: far below the 128 that there may be
    long id = ThreadLocalRandom.current().nextLong();
    for (int i = 0; i < count; i++) {
      int length = Math.min(room, message.length - i * room);
      wire.write(ByteBuffer.allocate(CHUNK_HEAD_BYTES + length).put((byte) 0x1e).put((byte) 0x0f).putLong(id).put((byte) i).put((byte) count).put(message, i * room, length).array());
    }
  }

  @Override
  public void check() throws IOException {
    wire.check();
  }

  @Override
  public boolean isSure() {
    return wire.isDatagram(); // it will never be known better
  }

  @Override
  public void close() throws IOException {
    wire.close();
  }
}
