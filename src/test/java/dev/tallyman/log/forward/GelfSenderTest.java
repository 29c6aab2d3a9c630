package dev.tallyman.log.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.Test;

/** A receiver on loopback puts together what comes, as Graylog does. */
class GelfSenderTest {
  private static byte[] receive(DatagramSocket socket) throws IOException {
    Map<Integer, byte[]> chunks = new TreeMap<>();
    int count = 1;
    while (chunks.size() < count) {
      DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
      socket.receive(packet);
      byte[] bytes = Arrays.copyOf(packet.getData(), packet.getLength());
      assertTrue(bytes.length <= 1420, "a chunk of " + bytes.length);
      if (bytes[0] == 0x1e && bytes[1] == 0x0f) {
        count = bytes[11];
        chunks.put((int) bytes[10], Arrays.copyOfRange(bytes, 12, bytes.length));
      } else {
        return bytes;
      }
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    chunks.values().forEach(whole::writeBytes);
    return whole.toByteArray();
  }

  private static byte[] sent(String text, String packing) throws IOException {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        GelfSender sender = new GelfSender(new DatagramWire("127.0.0.1", socket.getLocalPort()), "box", Map.of("_colour", "red"), new GelfSender.Packing(packing, 9))) {
      socket.setSoTimeout(5000);
      sender.send(List.of(SyslogFormatTest.line(text, true)));
      return receive(socket);
    }
  }

  private static void check(JsonNode message, String text) {
    assertEquals(text, message.get("short_message").asText());
    assertEquals("1.1", message.get("version").asText());
    assertEquals("box", message.get("host").asText());
    assertEquals("red", message.get("_colour").asText());
    assertEquals(1772672523.456, message.get("timestamp").asDouble());
    assertEquals(3, message.get("level").asInt());
  }

  @Test
  void packsMessages() throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    check(mapper.readTree(new GZIPInputStream(new ByteArrayInputStream(sent("hé", "gzip")))), "hé");
    check(mapper.readTree(new InflaterInputStream(new ByteArrayInputStream(sent("hé", "zlib")))), "hé");
    check(mapper.readTree(sent("hé", "none")), "hé");
  }

  @Test
  void cutsLongMessagesIntoChunks() throws IOException {
    StringBuilder text = new StringBuilder();
    ThreadLocalRandom.current().ints(16_384, 'a', 'z').forEach(each -> text.append((char) each));

    check(new ObjectMapper().readTree(new GZIPInputStream(new ByteArrayInputStream(sent(text.toString(), "gzip")))), text.toString());
    check(new ObjectMapper().readTree(sent(text.toString(), "none")), text.toString());
  }
}
