package dev.tallyman.build;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tallyman.image.TarReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;

class LayerTarTest {
  /** Version 2, effective, with bytes that are no UTF-8. */
  private static final String CAPABILITY = "\u0001\0\0\u0002\u0080\u0004\0\0\0\0\0\0\u00ff\0\0\0\0\0\0\0";

  private static byte[] archive(LayerTar.Head head, byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    LayerTar tar = new LayerTar(bytes);
    tar.entry(head);
    tar.content(new ByteArrayInputStream(content), content.length);
    tar.finish();
    return bytes.toByteArray();
  }

  private static LayerTar.Head file(String path, long size, long id, long mtime, Map<String, String> attributes) {
    return new LayerTar.Head(path, '0', "", size, 04755, id, id, mtime, attributes);
  }

  @Test
  void writesWhatIsReadAgain() throws IOException {
    String path = "deep/" + "ü".repeat(60) + "/" + "x".repeat(120);
    byte[] content = "content".repeat(100).getBytes(StandardCharsets.UTF_8);

    byte[] bytes = archive(file(path, content.length, 3_000_000, 1_700_000_000, Map.of("security.capability", CAPABILITY, "user.a", "b")), content);

    TarReader reader = new TarReader(new ByteArrayInputStream(bytes));
    TarReader.Entry entry = reader.next();
    assertEquals(new TarReader.Entry(path, TarReader.Kind.FILE, content.length, "", false, 04755, 1_700_000_000, 3_000_000, 3_000_000, Map.of("security.capability", CAPABILITY, "user.a", "b")), entry);
    assertArrayEquals(content, reader.content().readAllBytes());
    assertNull(reader.next());
  }

  @Test
  void othersReadIt() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    LayerTar tar = new LayerTar(bytes);
    tar.entry(new LayerTar.Head("d/", '5', "", 0, 0711, 1, 2, -5, Map.of()));
    tar.entry(new LayerTar.Head("d/l", '2', "t".repeat(200), 0, 0777, 1, 2, 5, Map.of()));
    tar.finish();

    try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      TarArchiveEntry directory = in.getNextEntry();
      assertEquals("d/ 711 1 2 -5 ''", directory.getName() + " " + Integer.toOctalString(directory.getMode() & 07777) + " " + directory.getLongUserId() + " " + directory.getLongGroupId()
          + " " + directory.getLastModifiedTime().toInstant().getEpochSecond() + " '" + directory.getUserName() + "'");
      assertEquals("t".repeat(200), in.getNextEntry().getLinkName());
      assertNull(in.getNextEntry());
    }
  }

  @Test
  void theSameEntryGivesTheSameBytes() throws IOException {
    Map<String, String> forth = new LinkedHashMap<>();
    Map<String, String> back = new LinkedHashMap<>();
    for (int i = 0; i < 20; i++) {
      forth.put("user." + i, "v" + i);
      back.put("user." + (19 - i), "v" + (19 - i));
    }

    assertArrayEquals(archive(file("a", 0, 0, 7, forth), new byte[0]), archive(file("a", 0, 0, 7, back), new byte[0]));
  }

  @Test
  void refusesAFileThatIsShorterThanItsEntry() {
    assertThrows(IOException.class, () -> new LayerTar(new ByteArrayOutputStream()).content(new ByteArrayInputStream(new byte[3]), 4));
  }
}
