package dev.tallyman.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;

class TarReaderTest {
  @Test
  void readsWhatOthersWrite() throws IOException {
    String longName = "d/".repeat(90) + "ü.json";
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("a", Archives.bytes("one"));
    files.put(longName, new byte[1000]);

    TarReader reader = reader(Archives.tar(files));

    assertEquals("a", reader.next().name());
    assertArrayEquals(Archives.bytes("one"), reader.content().readAllBytes());
    TarReader.Entry entry = reader.next();
    assertEquals(new TarReader.Entry(longName, TarReader.Kind.FILE, 1000, "", false, entry.mode(), entry.mtimeSeconds(), entry.uid(), entry.gid()), entry);
    assertNull(reader.next());
  }

  @Test
  void takesAnArchiveThatEndsWithItsLastFile() throws IOException {
    byte[] whole = Archives.tar(new LinkedHashMap<>(Map.of("a", Archives.bytes("one"))));

    TarReader reader = reader(Arrays.copyOf(whole, 512 + 3));
    TarReader damaged = reader(Arrays.copyOf(whole, 512 + 2));

    assertEquals("a", reader.next().name());
    assertNull(reader.next());
    assertEquals("a", damaged.next().name());
    assertThrows(IOException.class, damaged::next);
  }

  @Test
  void readsGnuLongNamesAndLinks() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
      TarArchiveEntry link = new TarArchiveEntry("x".repeat(150), TarConstants.LF_SYMLINK);
      link.setLinkName("../" + "y".repeat(150));
      link.setMode(0640);
      link.setIds(7, 8);
      link.setModTime(12_000);
      tar.putArchiveEntry(link);
      tar.closeArchiveEntry();
    }

    assertEquals(new TarReader.Entry("x".repeat(150), TarReader.Kind.LINK, 0, "../" + "y".repeat(150), false, 0640, 12, 7, 8), reader(bytes.toByteArray()).next());
  }

  @Test
  void writesWhatOthersRead() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    TarWriter writer = new TarWriter(bytes);
    Instant created = Instant.parse("2026-11-30T08:01:31.5Z");
    writer.directory("blobs/", created);
    writer.file("blobs/x", Archives.bytes("content"), created);
    writer.file("blobs/old", new byte[0], Instant.MIN);
    writer.finish();

    try (TarArchiveInputStream tar = new TarArchiveInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertTrue(tar.getNextEntry().isDirectory());
      TarArchiveEntry file = tar.getNextEntry();
      assertEquals("blobs/x", file.getName());
      assertEquals(Instant.parse("2026-11-30T08:01:31Z"), file.getLastModifiedTime().toInstant());
      assertArrayEquals(Archives.bytes("content"), tar.readAllBytes());
      assertEquals(Instant.EPOCH, tar.getNextEntry().getLastModifiedTime().toInstant());
      assertNull(tar.getNextEntry());
    }
  }

  @Test
  void refusesDevicesAndOversizedExtensions() {
    assertEquals("an entry of the archive is no file, directory or link", refusal(entry("null", TarConstants.LF_CHR)));
    assertEquals("an entry of the archive is no file, directory or link", refusal(entry("pipe", TarConstants.LF_FIFO)));
    assertEquals("an extension record of the archive is too large", refusal(extension('x', 1 << 20)));
    assertEquals("an extension record of the archive is too large", refusal(extension('L', 1 << 20)));
    assertEquals("an extension record of the archive is too large", refusal(extension('g', 1 << 20)));
  }

  @Test
  void readsPipesWhereTheyAreAskedFor() throws IOException {
    TarReader reader = new TarReader(new ByteArrayInputStream(entry("pipe", TarConstants.LF_FIFO)), true);

    assertEquals(TarReader.Kind.PIPE, reader.next().kind());
    assertNull(reader.next());
  }

  @Test
  void refusesDamage() {
    byte[] good = Archives.tar(Map.of("a", new byte[2000]));
    byte[] flipped = good.clone();
    flipped[3] ^= 1;

    assertEquals("not a tar archive, or a damaged one", refusal(flipped));
    assertEquals("the archive ends early", refusal(Arrays.copyOf(good, 1000)));
    assertEquals("the archive ends early", refusal(Arrays.copyOf(good, 300)));
  }

  private static String refusal(byte[] archive) {
    TarReader reader = reader(archive);
    return assertThrows(
            IOException.class,
            () -> {
              while (reader.next() != null) {
                reader.content().readAllBytes();
              }
            })
        .getMessage();
  }

  private static TarReader reader(byte[] archive) {
    return new TarReader(new ByteArrayInputStream(archive));
  }

  private static byte[] entry(String name, byte type) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      tar.putArchiveEntry(new TarArchiveEntry(name, type));
      tar.closeArchiveEntry();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return bytes.toByteArray();
  }

  /** Only the header: the reader must refuse before it reads the content. */
  private static byte[] extension(char type, long size) {
    byte[] block = new byte[1024];
    TarArchiveEntry entry = new TarArchiveEntry("ext", (byte) type);
    entry.setSize(size);
    entry.writeEntryHeader(block);
    return block;
  }
}
