package dev.tallyman.build;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tallyman.build.MountPlaces.Fate;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;

class LayerFilterTest {
  private static final String LONG = "deep/" + "x".repeat(180);

  private static byte[] layer(String... names) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8")) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      for (String name : names) {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        byte[] content = name.endsWith("/") || name.endsWith("empty") ? new byte[0] : ("in " + name).repeat(200).getBytes();
        entry.setSize(content.length);
        entry.addPaxHeader("SCHILY.xattr.user.a", "of " + name);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] filtered(byte[] layer, Map<String, Fate> fates) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new LayerFilter(entry -> fates.getOrDefault(entry.path(), Fate.KEPT), Long.MAX_VALUE).copy(new ByteArrayInputStream(layer), out);
    return out.toByteArray();
  }

  private static List<String> names(byte[] layer) throws IOException {
    List<String> names = new ArrayList<>();
    try (TarArchiveInputStream tar = new TarArchiveInputStream(new ByteArrayInputStream(layer))) {
      TarArchiveEntry entry;
      while ((entry = tar.getNextEntry()) != null) {
        assertEquals("of " + entry.getName(), entry.getExtraPaxHeader("SCHILY.xattr.user.a"));
        tar.readAllBytes();
        names.add(entry.getName());
      }
    }
    return names;
  }

  @Test
  void leavesOutWhatIsDroppedAndKeepsTheRestAsItIs() throws IOException {
    byte[] layer = layer("a/", "a/file", "link", LONG, "z");

    assertEquals(List.of("a/", "a/file", LONG, "z"), names(filtered(layer, Map.of("/link", Fate.DROPPED))));
    assertEquals(List.of("a/", "a/file", "link", "z"), names(filtered(layer, Map.of("/" + LONG, Fate.DROPPED))));
  }

  @Test
  void keepsADirectoryOnlyForWhatIsBelowIt() throws IOException {
    Map<String, Fate> fates = Map.of("/opt", Fate.PENDING, "/opt/cache", Fate.PENDING, "/opt/ca", Fate.PENDING);

    assertEquals(List.of("z"), names(filtered(layer("opt/", "opt/cache/", "z"), fates)));
    assertEquals(List.of("opt/", "opt/cache/", "opt/cache/file"), names(filtered(layer("opt/", "opt/ca/", "opt/cache/", "opt/cache/file"), fates)));
    assertEquals(List.of("opt/", "opt/other"), names(filtered(layer("opt/", "opt/cache/", "opt/other"), fates)));
  }

  @Test
  void makesOfNothingWhatALayerWithoutChangesIs() throws IOException {
    assertArrayEquals(new byte[1024], filtered(layer("opt/"), Map.of("/opt", Fate.PENDING)));
  }

  @Test
  void refusesWhatEndsEarly() throws IOException {
    byte[] layer = layer("a", "b");

    assertThrows(IOException.class, () -> filtered(Arrays.copyOf(layer, 1600), Map.of()));
    assertThrows(IOException.class, () -> filtered(Arrays.copyOf(layer, 700), Map.of()));
  }

  @Test
  void letsNoTimeBeLaterThanTheOneThatIsAsked() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      for (long seconds : new long[] {0, 999, 1000, 2_000_000_000}) {
        TarArchiveEntry entry = new TarArchiveEntry("at" + seconds);
        entry.setModTime(seconds * 1000);
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    new LayerFilter(entry -> Fate.KEPT, 1000).copy(new ByteArrayInputStream(bytes.toByteArray()), out);

    List<Long> times = new ArrayList<>();
    try (TarArchiveInputStream tar = new TarArchiveInputStream(new ByteArrayInputStream(out.toByteArray()))) {
      TarArchiveEntry entry;
      while ((entry = tar.getNextEntry()) != null) {
        assertTrue(entry.isCheckSumOK());
        times.add(entry.getLastModifiedTime().toInstant().getEpochSecond());
      }
    }
    assertEquals(List.of(0L, 999L, 1000L, 1000L), times);
  }
}
