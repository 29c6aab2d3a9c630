package dev.tallyman.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.Sandboxes.FileRow;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The part of the contract about files that are copied into and out of containers. */
abstract class FilesContract {
  private static final Instant TIME = Instant.ofEpochSecond(1_600_000_000);

  private final List<String> prepared = new ArrayList<>();

  protected abstract Sandboxes sandboxes();

  /** Layers with a {@code sh} and the programs of busybox. */
  protected abstract List<String> layers();

  @AfterEach
  void removePrepared() {
    prepared.forEach(each -> sandboxes().remove(each));
  }

  private String fresh() {
    String id = SandboxBuilder.id();
    prepared.add(id);
    return id;
  }

  static byte[] tar(Consumer<Tar> content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Tar tar = new Tar(bytes)) {
      content.accept(tar);
    }
    return bytes.toByteArray();
  }

  /** Writes entries that belong to 1000:1001. */
  static final class Tar implements AutoCloseable {
    private final TarArchiveOutputStream out;

    Tar(ByteArrayOutputStream bytes) {
      out = new TarArchiveOutputStream(bytes);
    }

    Tar add(String name, byte type, int mode, String content) {
      byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
      TarArchiveEntry entry = new TarArchiveEntry(name, type);
      entry.setMode(mode);
      entry.setIds(1000, 1001);
      entry.setLastModifiedTime(java.nio.file.attribute.FileTime.from(TIME));
      boolean isFile = type == TarConstants.LF_NORMAL;
      if (type == TarConstants.LF_SYMLINK || type == TarConstants.LF_LINK) {
        entry.setLinkName(content);
      }
      entry.setSize(isFile ? bytes.length : 0);
      try {
        out.putArchiveEntry(entry);
        out.write(isFile ? bytes : new byte[0]);
        out.closeArchiveEntry();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return this;
    }

    @Override
    public void close() {
      try {
        out.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void put(String container, String path, byte[] tar) {
    sandboxes().put(container, layers(), path, "", false, new ByteArrayInputStream(tar));
  }

  private void putTree(String container) {
    put(
        container, "/",
        tar(to -> to.add("d/", TarConstants.LF_DIR, 0750, "").add("d/f", TarConstants.LF_NORMAL, 04711, "hi\n").add("d/l", TarConstants.LF_SYMLINK, 0777, "f")
            .add("dl", TarConstants.LF_SYMLINK, 0777, "/d").add("nowhere", TarConstants.LF_SYMLINK, 0777, "/gone")));
  }

  private Map<String, TarArchiveEntry> archive(String container, String path) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    List<FileRow> found = new ArrayList<>();
    sandboxes().get(container, layers(), path, false, found::add, out);
    assertEquals(1, found.size());
    Map<String, TarArchiveEntry> entries = new TreeMap<>();
    try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(out.toByteArray()), "UTF-8")) {
      TarArchiveEntry next;
      while ((next = in.getNextEntry()) != null) {
        entries.put(next.getName(), next);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return entries;
  }

  private static void fails(ErrorKind kind, String text, Runnable work) {
    KernelException e = assertThrows(KernelException.class, work::run);
    assertEquals(kind, e.kind(), e.getMessage());
    assertTrue(String.valueOf(e.getMessage()).contains(text), e.getMessage());
  }

  @Test
  void keepsWhatAnArchiveSays() {
    String box = fresh();

    putTree(box);

    assertEquals(new FileRow("f", 3, 0104711, TIME, 1000, 1001, ""), sandboxes().stat(box, layers(), "/d/f"));
    assertEquals(new FileRow("f", 3, 0104711, TIME, 1000, 1001, ""), sandboxes().stat(box, layers(), "dl/../d//./f"));
    assertEquals("/d/f", sandboxes().stat(box, layers(), "/d/l").link());
    assertEquals("/gone", sandboxes().stat(box, layers(), "/nowhere").link());
    assertEquals(0040750, sandboxes().stat(box, layers(), "/d").mode());
    TarArchiveEntry file = archive(box, "/d/f").get("f");
    assertEquals(04711, file.getMode() & 07777);
    assertEquals(1000, file.getLongUserId());
    assertEquals(1001, file.getLongGroupId());
    assertEquals(TIME, file.getLastModifiedTime().toInstant());
    assertEquals(3, sandboxes().size(box) - "f/d/gone".length(), "links count with their text");
    assertFalse(sandboxes().isEmpty(box));
    String other = fresh();
    assertTrue(sandboxes().isEmpty(other), "one that is not there");
    sandboxes().prepare(other);
    assertTrue(sandboxes().isEmpty(other), "one that was prepared");
    put(other, "/", tar(to -> to.add("folder/", TarConstants.LF_DIR, 0755, "")));
    assertFalse(sandboxes().isEmpty(other), "one with a folder only");
  }

  @Test
  void overwritesFilesThatAreThereAndMakesNothing() {
    String box = fresh();
    putTree(box);

    overwrite(box, "f", TarConstants.LF_NORMAL, "changed\n");

    assertEquals(8, sandboxes().stat(box, layers(), "/d/f").size());
    fails(ErrorKind.INVALID, "no file to write over", () -> overwrite(box, "new", TarConstants.LF_NORMAL, "x"));
    fails(ErrorKind.INVALID, "no file to write over", () -> overwrite(box, "l", TarConstants.LF_NORMAL, "x"));
    fails(ErrorKind.INVALID, "only files of the destination", () -> overwrite(box, "sub/f", TarConstants.LF_NORMAL, "x"));
    fails(ErrorKind.INVALID, "only files of the destination", () -> overwrite(box, "f", TarConstants.LF_SYMLINK, "/etc/passwd"));
    assertEquals(List.of("d/", "d/f", "d/l"), List.copyOf(archive(box, "/d").keySet()));
  }

  private void overwrite(String container, String name, byte type, String content) {
    sandboxes().overwrite(container, layers(), "/d", new ByteArrayInputStream(tar(to -> to.add(name, type, 0644, content))));
  }

  @Test
  void namesAPathAsDockerDoes() {
    String box = fresh();
    putTree(box);

    assertEquals(List.of("d/", "d/f", "d/l"), List.copyOf(archive(box, "/d").keySet()));
    assertEquals(List.of("./", "./f", "./l"), List.copyOf(archive(box, "/d/.").keySet()));
    assertEquals(List.of("./", "./f", "./l"), List.copyOf(archive(box, "/d/./").keySet()));
    assertEquals(List.of("dl/", "dl/f", "dl/l"), List.copyOf(archive(box, "/dl/").keySet()));
    assertEquals(List.of("dl"), List.copyOf(archive(box, "/dl").keySet()));
    assertEquals("/", sandboxes().stat(box, layers(), "/").name());
    assertEquals(".", sandboxes().stat(box, layers(), "/dl/.").name());
    assertTrue(sandboxes().stat(box, layers(), "/dl/").isDirectory());
    assertTrue(sandboxes().stat(box, layers(), "/dl").isLink());
  }

  @Test
  void listsADirectoryUntilTheReaderHasEnough() {
    String box = fresh();
    putTree(box);
    List<String> names = new ArrayList<>();
    List<FileRow> first = new ArrayList<>();

    sandboxes().list(box, layers(), "/dl/", row -> names.add(row.name() + (row.link().isEmpty() ? "" : " -> " + row.link())));
    sandboxes().list(box, layers(), "/", row -> !first.add(row));

    assertEquals("dl", names.remove(0));
    assertEquals(List.of("f", "l -> f"), names.stream().sorted().toList());
    assertEquals(List.of("/"), first.stream().map(FileRow::name).toList());
    fails(ErrorKind.INVALID, "not a directory", () -> sandboxes().list(box, layers(), "/d/f", row -> true));
  }

  @Test
  void writesTheBytesOfAFile() {
    String box = fresh();
    byte[] content = "x".repeat(3_000_000).getBytes(StandardCharsets.UTF_8);
    put(box, "/", tar(to -> to.add("big", TarConstants.LF_NORMAL, 0644, new String(content, StandardCharsets.UTF_8))));
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    sandboxes().get(box, layers(), "/big", true, row -> assertEquals(content.length, row.size()), out);

    assertArrayEquals(content, out.toByteArray());
    fails(ErrorKind.INVALID, "not a regular file", () -> sandboxes().get(box, layers(), "/bin", true, row -> {}, new ByteArrayOutputStream()));
  }

  @Test
  void tellsWhyAPathCannotBe() {
    String box = fresh();
    putTree(box);

    for (String each : List.of("/nope", "/nope/x", "/nowhere/")) {
      fails(ErrorKind.NOT_FOUND, "no such file", () -> sandboxes().stat(box, layers(), each));
      fails(ErrorKind.NOT_FOUND, "no such file", () -> archive(box, each));
      fails(ErrorKind.NOT_FOUND, "no such file", () -> put(box, each, tar(to -> {})));
    }
    fails(ErrorKind.INVALID, "/d/f: not a directory", () -> sandboxes().stat(box, layers(), "/d/f/"));
    fails(ErrorKind.INVALID, "extraction point is not a directory", () -> put(box, "/d/f", tar(to -> {})));
  }

  @Test
  void refusesArchivesThatLeaveTheDirectoryOrAreDamaged() {
    String box = fresh();
    putTree(box);

    fails(ErrorKind.INVALID, "\"../x\" is outside of \"/d\"", () -> put(box, "/d", tar(to -> to.add("../x", TarConstants.LF_NORMAL, 0644, "x"))));
    byte[] noise = new byte[3000];
    java.util.Arrays.fill(noise, (byte) 'x');
    fails(ErrorKind.INVALID, "", () -> put(box, "/d", noise));
    put(box, "/d", tar(to -> to.add("x", TarConstants.LF_NORMAL, 0644, "control")));
    assertEquals(7, sandboxes().stat(box, layers(), "/d/x").size());
    fails(ErrorKind.NOT_FOUND, "no such file", () -> sandboxes().stat(box, layers(), "/x"));
  }

  @Test
  void keepsKindsAndChangesOwnersWhenAsked() {
    String box = fresh();
    putTree(box);
    byte[] file = tar(to -> to.add("d", TarConstants.LF_NORMAL, 0600, "flat"));
    byte[] folder = tar(to -> to.add("f/", TarConstants.LF_DIR, 0755, ""));

    fails(ErrorKind.INVALID, "cannot overwrite directory \"/d\" with non-directory \"/\"", () -> sandboxes().put(box, layers(), "/", "", true, new ByteArrayInputStream(file)));
    fails(ErrorKind.INVALID, "cannot overwrite non-directory \"/d/f\" with directory \"/d\"", () -> sandboxes().put(box, layers(), "/d", "", true, new ByteArrayInputStream(folder)));
    sandboxes().put(box, layers(), "/d", "7:7", false, new ByteArrayInputStream(folder));

    FileRow row = sandboxes().stat(box, layers(), "/d/f");
    assertTrue(row.isDirectory());
    assertEquals(7, row.uid());
    assertEquals(7, row.gid());
  }

  @Test
  void showsARunningContainerWhatWasCopied() throws Exception {
    String box = fresh();
    put(box, "/", tar(to -> to.add("before", TarConstants.LF_NORMAL, 0644, "before\n")));
    SandboxBuilder builder = new SandboxBuilder(box, layers()).args("sh", "-c", "cat /before; cat; cat /after").stdinOnce().held();
    sandboxes().start(builder.build());
    StringBuilder output = new StringBuilder();

    try (MonitorConnection connection = sandboxes().connect(box)) {
      connection.subscribe(true, true);
      put(box, "/", tar(to -> to.add("after", TarConstants.LF_NORMAL, 0644, "after\n")));
      connection.endInput();
      MonitorConnection.Frame frame;
      while ((frame = connection.next()) instanceof MonitorConnection.Frame.Output next) {
        output.append(StandardCharsets.UTF_8.decode(next.bytes()));
      }
    }

    sandboxes().clean(box);
    assertEquals("before\nafter\n", output.toString());
    assertEquals(6, sandboxes().stat(box, layers(), "/after").size());
  }

  @Test
  void refusesToWriteToAReadOnlyRoot() {
    String box = fresh();
    sandboxes().start(new SandboxBuilder(box, layers()).args("sleep", "100").readOnly().build());

    fails(ErrorKind.DENIED, "container rootfs is marked read-only", () -> put(box, "/bin", tar(to -> to.add("x", TarConstants.LF_NORMAL, 0644, "x"))));

    assertTrue(sandboxes().stat(box, layers(), "/bin").isDirectory());
    sandboxes().clean(box);
  }
}
