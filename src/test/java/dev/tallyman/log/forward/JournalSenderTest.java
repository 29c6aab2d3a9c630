package dev.tallyman.log.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Entries as the journal reads them. */
class JournalSenderTest {
  private static final Map<String, String> OWN = Map.of("CONTAINER_NAME", "web", "SYSLOG_IDENTIFIER", "tag");

  private final List<byte[]> sent = new ArrayList<>();
  @TempDir Path folder;

  private final Wire wire =
      new Wire() {
        @Override
        public void write(byte[] bytes) {
          sent.add(bytes);
        }

        @Override
        public void check() {}

        @Override
        public boolean isDatagram() {
          return true;
        }

        @Override
        public void close() {}
      };

  private Map<String, String> send(Map<String, String> extra, Line line) throws IOException {
    sent.clear();
    new JournalSender(wire, OWN, extra).send(List.of(line));
    assertEquals(1, sent.size());
    return read(sent.get(0));
  }

  /** As journald does. */
  private static Map<String, String> read(byte[] entry) {
    Map<String, String> fields = new LinkedHashMap<>();
    ByteBuffer left = ByteBuffer.wrap(entry).order(ByteOrder.LITTLE_ENDIAN);
    while (left.hasRemaining()) {
      StringBuilder name = new StringBuilder();
      byte each = left.get();
      while (each != '=' && each != '\n') {
        name.append((char) each);
        each = left.get();
      }
      byte[] value;
      if (each == '\n') {
        value = new byte[Math.toIntExact(left.getLong())];
        left.get(value);
      } else {
        int end = left.position();
        while (entry[end] != '\n') {
          end++;
        }
        value = new byte[end - left.position()];
        left.get(value);
      }
      assertEquals('\n', left.get());
      assertEquals(null, fields.put(name.toString(), new String(value, StandardCharsets.UTF_8)), name + " twice");
    }
    return fields;
  }

  private static Line line(String text, boolean isError) {
    return SyslogFormatTest.line(text, isError);
  }

  @Test
  void anEntryHasTheFieldsOfTheContainerAndTheLine() throws IOException {
    Map<String, String> out = send(Map.of("com.example.colour", "red"), line("hällo", false));

    assertEquals("hällo", out.get("MESSAGE"));
    assertEquals("6", out.get("PRIORITY"));
    assertEquals("web", out.get("CONTAINER_NAME"));
    assertEquals("tag", out.get("SYSLOG_IDENTIFIER"));
    assertEquals("red", out.get("COM_EXAMPLE_COLOUR"));
    assertTrue(out.get("SYSLOG_TIMESTAMP").startsWith("2026-03-05T01:02:03"), out.toString());
    assertFalse(out.containsKey("CONTAINER_PARTIAL_MESSAGE"));
    assertEquals("3", send(Map.of(), line("x", true)).get("PRIORITY"));
    assertEquals("true", send(Map.of(), new Line(false, 0, new byte[] {'x'}, true)).get("CONTAINER_PARTIAL_MESSAGE"));
  }

  @Test
  void aValueCannotForgeFields() throws IOException {
    Map<String, String> out = send(Map.of("note", "a\nPRIORITY=0\n_UID=0"), line("=\r\u0000x", false));

    assertEquals("a\nPRIORITY=0\n_UID=0", out.get("NOTE"));
    assertEquals("6", out.get("PRIORITY"));
    assertEquals("=\r\u0000x", out.get("MESSAGE"));
    assertFalse(out.containsKey("_UID"));
  }

  @Test
  void aLabelCannotBeAFieldOfOurs() throws IOException {
    Map<String, String> out = send(Map.of("container.name", "other", "MESSAGE", "other", "_priority", "0", "syslog_identifier", "sshd", "1st", "x", "n".repeat(65), "x", "__", "x"), line("x", false));

    assertEquals(List.of("MESSAGE", "PRIORITY", "SYSLOG_TIMESTAMP", "CONTAINER_NAME", "SYSLOG_IDENTIFIER"), out.keySet().stream().sorted(java.util.Comparator.comparing(List.of("MESSAGE", "PRIORITY", "SYSLOG_TIMESTAMP", "CONTAINER_NAME", "SYSLOG_IDENTIFIER")::indexOf)).toList());
    assertEquals("web", out.get("CONTAINER_NAME"));
    assertEquals("x", out.get("MESSAGE"));
  }

  @Test
  void anEntryFitsASocketWhateverTheLabels() throws IOException {
    Map<String, String> many = new LinkedHashMap<>();
    for (int i = 0; i < 100; i++) {
      many.put("big" + i, "ä".repeat(10_000));
    }
    many.put("small", "x");

    Map<String, String> out = send(many, line("x", false));

    assertTrue(sent.get(0).length < 100_000);
    assertEquals("x", out.get("SMALL"));
    assertTrue(out.containsKey("BIG0"));
  }

  @Test
  void saysThatNobodyIsThere() {
    IOException why = assertThrows(IOException.class, () -> new UnixDatagramWire(folder.resolve("socket").toString()).close());
    assertTrue(String.valueOf(why.getMessage()).contains("No such file or directory"), why.toString());
    assertThrows(IOException.class, () -> new UnixDatagramWire("/" + "x".repeat(200)).close());
  }
}
