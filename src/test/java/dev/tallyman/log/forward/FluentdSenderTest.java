package dev.tallyman.log.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.ImmutableValue;
import org.msgpack.value.Value;

/** A receiver on loopback decodes what comes and answers. */
class FluentdSenderTest {
  private static final Line LINE = SyslogFormatTest.line("hé", false);

  /** @param answer bytes for the chunk's id; null = none, and the connection is closed */
  private static Value exchange(List<Line> lines, FluentdSender.Terms terms, Function<String, byte[]> answer) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Value> received =
          CompletableFuture.supplyAsync(
              () -> {
                try (Socket client = server.accept();
                    MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(client.getInputStream())) {
                  ImmutableValue message = unpacker.unpackValue();
                  byte[] reply = terms.isAcknowledged() ? answer.apply(chunk(message)) : null;
                  if (reply != null) {
                    client.getOutputStream().write(reply);
                  }
                  return message;
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      try (FluentdSender sender = new FluentdSender(SocketWire.plain(new Socket("127.0.0.1", server.getLocalPort())), terms, 5000)) {
        sender.send(lines);
        assertEquals(terms.isAcknowledged(), sender.isSure());
      }
      return received.get();
    }
  }

  private static String chunk(Value message) {
    return message.asArrayValue().get(2).asMapValue().map().values().iterator().next().asStringValue().asString();
  }

  private static byte[] map(String name, String value) {
    try (var packer = MessagePack.newDefaultBufferPacker()) {
      packer.packMapHeader(1).packString(name).packString(value);
      return packer.toByteArray();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static FluentdSender.Terms terms(boolean isPrecise, boolean isAcknowledged) {
    return new FluentdSender.Terms("a.tag", Map.of("container_id", "cafe"), isPrecise, isAcknowledged);
  }

  @Test
  void sendsRecordsAndWaitsForTheAcknowledgement() throws Exception {
    Line piece = new Line(true, LINE.timeNanos(), new byte[] {'x'}, true);

    Value message = exchange(List.of(LINE, piece), terms(false, true), chunk -> map("ack", chunk));

    assertEquals("a.tag", message.asArrayValue().get(0).asStringValue().asString());
    Value entries = message.asArrayValue().get(1);
    assertEquals("[1772672523,{\"container_id\":\"cafe\",\"source\":\"stdout\",\"log\":\"hé\"}]", entries.asArrayValue().get(0).toJson());
    assertEquals("[1772672523,{\"container_id\":\"cafe\",\"source\":\"stderr\",\"log\":\"x\",\"partial_message\":\"true\"}]", entries.asArrayValue().get(1).toJson());
  }

  @Test
  void timesMayBePrecise() throws Exception {
    Value message = exchange(List.of(LINE), terms(true, false), chunk -> null);

    var time = message.asArrayValue().get(1).asArrayValue().get(0).asArrayValue().get(0).asExtensionValue();
    assertEquals(0, time.getType());
    assertEquals(ByteBuffer.allocate(8).putInt(1_772_672_523).putInt(456_789_123).flip(), ByteBuffer.wrap(time.getData()));
    assertTrue(message.asArrayValue().get(2).asMapValue().map().isEmpty());
  }

  @Test
  void whatIsNotAcknowledgedHasNotArrived() {
    assertThrows(IOException.class, () -> exchange(List.of(LINE), terms(false, true), chunk -> map("ack", "another")));
    assertThrows(IOException.class, () -> exchange(List.of(LINE), terms(false, true), chunk -> map("nack", chunk)));
    assertThrows(IOException.class, () -> exchange(List.of(LINE), terms(false, true), chunk -> new byte[] {(byte) 0xdf, -1, -1, -1, -1}));
    assertThrows(IOException.class, () -> exchange(List.of(LINE), terms(false, true), chunk -> "HTTP/1.1 400".getBytes()));
    assertThrows(IOException.class, () -> exchange(List.of(LINE), terms(false, true), chunk -> null));
  }
}
