package dev.tallyman.testing;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.Sandboxes.FileRow;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.jspecify.annotations.Nullable;

/** The files of one container in memory: its layers with what it wrote on top, by absolute path. */
final class FakeFiles {
  private static final int LINKS = 40;
  private static final FakeLayers.Entry FOLDER = new FakeLayers.Entry(new TarArchiveEntry("folder/"), new byte[0]);

  private final FakeContainer container;
  private final Map<String, FakeLayers.Entry> all = new TreeMap<>();

  FakeFiles(FakeContainer container, List<List<FakeLayers.Entry>> layers) {
    this.container = container;
    add("/", FOLDER);
    for (List<FakeLayers.Entry> layer : layers) {
      layer.forEach(each -> add(clean("/" + each.header().getName()), each));
    }
    if (container.isRunning() && container.spec != null) {
      String resolv = "/etc/resolv.conf"; // a mount of its own: it is there, and no change of the container's
      add(resolv, written(resolv, container.spec.resolv().getBytes(StandardCharsets.UTF_8)));
    }
    synchronized (container.upper) {
      container.upper.forEach((path, content) -> add(path, container.copied.containsKey(path) ? container.copied.get(path) : written(path, content)));
    }
  }

  private static FakeLayers.Entry written(String path, byte @Nullable [] content) {
    if (content == null) {
      return FOLDER;
    }
    TarArchiveEntry header = new TarArchiveEntry(path.substring(1));
    header.setSize(content.length);
    header.setMode(0644);
    return new FakeLayers.Entry(header, content);
  }

  private void add(String path, FakeLayers.Entry entry) {
    for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
      all.putIfAbsent(path.substring(0, slash), FOLDER);
    }
    all.put(path, entry);
  }

  private static String clean(String path) {
    Deque<String> parts = new ArrayDeque<>();
    for (String each : path.split("/")) {
      if (each.equals("..")) {
        parts.pollLast();
      } else if (!each.isEmpty() && !each.equals(".")) {
        parts.addLast(each);
      }
    }
    return "/" + String.join("/", parts);
  }

  private static String join(String folder, String name) {
    return folder.equals("/") ? "/" + name : folder + "/" + name;
  }

  /** Follows every link of a clean path. */
  private String follow(String path) {
    String at = path;
    for (int links = 0; links < LINKS; links++) {
      String next = step(at);
      if (next.equals(at)) {
        return at;
      }
      at = next;
    }
    throw new KernelException(ErrorKind.INVALID, path + ": too many levels of symbolic links");
  }

  private String step(String path) {
    for (int slash = path.indexOf('/', 1); ; slash = path.indexOf('/', slash + 1)) {
      String head = slash < 0 ? path : path.substring(0, slash);
      FakeLayers.Entry entry = all.get(head);
      if (entry != null && entry.header().isSymbolicLink()) {
        String link = entry.header().getLinkName();
        String target = link.startsWith("/") ? link : head.substring(0, head.lastIndexOf('/')) + "/" + link;
        return clean(target + path.substring(head.length()));
      }
      if (slash < 0) {
        return path;
      }
    }
  }

  /** @param path where it is; @param name how an archive calls it */
  private record Found(String path, String name, FakeLayers.Entry entry) {}

  private Found find(String given) {
    if (given.isEmpty()) {
      throw new KernelException(ErrorKind.INVALID, "path cannot be empty");
    }
    String clean = clean(given);
    String name = clean.equals("/") ? "/" : clean.substring(clean.lastIndexOf('/') + 1);
    boolean isDotted = given.matches("(.*/)?\\./*");
    if (isDotted || given.endsWith("/")) {
      String path = follow(clean);
      return new Found(path, isDotted ? "." : name, requireFolder(path, clean + "/"));
    }
    if (clean.equals("/")) {
      return new Found("/", "/", all.get("/"));
    }
    String parent = follow(clean(clean.substring(0, clean.lastIndexOf('/'))));
    requireFolder(parent, clean);
    String path = join(parent, name);
    FakeLayers.Entry entry = all.get(path);
    if (entry == null) {
      throw new KernelException(ErrorKind.NOT_FOUND, "no such file");
    }
    return new Found(path, name, entry);
  }

  private FakeLayers.Entry requireFolder(String path, String given) {
    FakeLayers.Entry entry = all.get(path);
    if (entry == null) {
      throw new KernelException(ErrorKind.NOT_FOUND, "no such file");
    }
    if (!entry.header().isDirectory()) {
      throw new KernelException(ErrorKind.INVALID, given.replaceFirst("/+$", "") + ": not a directory");
    }
    return entry;
  }

  FileRow stat(String path) {
    Found found = find(path);
    return row(found.name(), found.entry(), found.entry().header().isSymbolicLink() ? follow(found.path()) : "");
  }

  List<FileRow> list(String path) {
    Found found = find(path);
    requireFolder(found.path(), path);
    List<FileRow> rows = new ArrayList<>(List.of(stat(path)));
    String prefix = found.path().equals("/") ? "/" : found.path() + "/";
    all.forEach((each, entry) -> {
      if (each.startsWith(prefix) && each.length() > prefix.length() && each.indexOf('/', prefix.length()) < 0) {
        rows.add(row(each.substring(prefix.length()), entry, entry.header().getLinkName()));
      }
    });
    return rows;
  }

  private static FileRow row(String name, FakeLayers.Entry entry, String link) {
    TarArchiveEntry header = entry.header();
    int kind = header.isDirectory() ? 0040000 : header.isSymbolicLink() ? 0120000 : header.isFIFO() ? 0010000 : 0100000;
    long size = header.isSymbolicLink() ? header.getLinkName().length() : entry.content().length;
    return new FileRow(name, size, kind | header.getMode() & 07777, header.getLastModifiedTime().toInstant(), (int) header.getLongUserId(), (int) header.getLongGroupId(), link);
  }

  void get(String path, boolean isContent, OutputStream out) {
    Found found = find(path);
    try {
      if (isContent) {
        if (found.entry().header().isDirectory() || found.entry().header().isSymbolicLink()) {
          throw new KernelException(ErrorKind.INVALID, path + ": not a regular file");
        }
        out.write(found.entry().content());
        return;
      }
      TarArchiveOutputStream tar = new TarArchiveOutputStream(out);
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      String lead = found.path().equals("/") && found.name().equals(".") ? "./" : found.name();
      for (Map.Entry<String, FakeLayers.Entry> each : all.entrySet()) {
        if (each.getKey().equals(found.path()) || each.getKey().startsWith(found.path().equals("/") ? "/" : found.path() + "/")) {
          write(tar, lead + each.getKey().substring(found.path().equals("/") ? 1 : found.path().length()), each.getValue());
        }
      }
      tar.finish();
      tar.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(TarArchiveOutputStream tar, String name, FakeLayers.Entry entry) throws IOException {
    TarArchiveEntry from = entry.header();
    byte type = from.isDirectory() ? TarConstants.LF_DIR : from.isSymbolicLink() ? TarConstants.LF_SYMLINK : from.isFIFO() ? TarConstants.LF_FIFO : TarConstants.LF_NORMAL;
    TarArchiveEntry header = new TarArchiveEntry(from.isDirectory() && !name.endsWith("/") ? name + "/" : name, type, true);
    header.setLinkName(from.getLinkName());
    header.setMode(from.getMode());
    header.setIds((int) from.getLongUserId(), (int) from.getLongGroupId());
    header.setSize(type == TarConstants.LF_NORMAL ? entry.content().length : 0);
    header.setLastModifiedTime(from.getLastModifiedTime());
    tar.putArchiveEntry(header);
    tar.write(type == TarConstants.LF_NORMAL ? entry.content() : new byte[0]);
    tar.closeArchiveEntry();
  }

  void put(String path, String owner, boolean keepsKind, InputStream in) {
    String folder = follow(clean(path));
    FakeLayers.Entry target = all.get(folder);
    if (target == null) {
      throw new KernelException(ErrorKind.NOT_FOUND, "no such file");
    }
    if (!target.header().isDirectory()) {
      throw new KernelException(ErrorKind.INVALID, "extraction point is not a directory");
    }
    if (container.isRunning() && container.spec != null && container.spec.flags().isReadOnly()) {
      throw new KernelException(ErrorKind.DENIED, "container rootfs is marked read-only");
    }
    try (TarArchiveInputStream tar = new TarArchiveInputStream(in)) {
      TarArchiveEntry next;
      while ((next = tar.getNextEntry()) != null) {
        put(folder, next, tar.readAllBytes(), owner, keepsKind);
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new KernelException(ErrorKind.INVALID, "the archive is damaged", e);
    }
  }

  void overwrite(String path, InputStream in) {
    String folder = follow(clean(path));
    requireFolder(folder, path);
    try (TarArchiveInputStream tar = new TarArchiveInputStream(in)) {
      TarArchiveEntry next;
      while ((next = tar.getNextEntry()) != null) {
        overwrite(folder, next, tar.readAllBytes());
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new KernelException(ErrorKind.INVALID, "the archive is damaged", e);
    }
  }

  private static boolean isRegular(FakeLayers.Entry entry) {
    return row("", entry, "").isRegular();
  }

  private void overwrite(String folder, TarArchiveEntry header, byte[] content) {
    FakeLayers.Entry before = all.get(join(folder, header.getName()));
    if (!isRegular(new FakeLayers.Entry(header, content)) || header.getName().contains("/")) {
      throw new KernelException(ErrorKind.INVALID, "only files of the destination are written over, not \"" + header.getName() + "\"");
    }
    if (before == null || !isRegular(before)) {
      throw new KernelException(ErrorKind.INVALID, header.getName() + ": no file to write over");
    }
    put(folder, header, content, "", false);
  }

  private void put(String folder, TarArchiveEntry header, byte[] content, String owner, boolean keepsKind) {
    if (List.of(header.getName().split("/")).contains("..")) {
      throw new KernelException(ErrorKind.INVALID, "\"" + header.getName() + "\" is outside of \"" + folder + "\"");
    }
    String path = clean(join(folder, header.getName()));
    if (path.equals(folder)) {
      return;
    }
    FakeLayers.Entry before = all.get(path);
    if (before != null && keepsKind && before.header().isDirectory() != header.isDirectory()) {
      String was = before.header().isDirectory() ? "directory" : "non-directory";
      String is = before.header().isDirectory() ? "non-directory" : "directory";
      throw new KernelException(ErrorKind.INVALID, "cannot overwrite " + was + " \"" + path + "\" with " + is + " \"" + folder + "\"");
    }
    if (!owner.isEmpty()) {
      header.setIds(id(owner), id(owner));
    }
    FakeLayers.Entry entry = new FakeLayers.Entry(header, content);
    container.copied.put(path, entry);
    container.upper.put(path, header.isDirectory() ? null : header.isSymbolicLink() ? header.getLinkName().getBytes(StandardCharsets.UTF_8) : content);
    add(path, entry);
  }

  private static int id(String owner) {
    String user = owner.split(":", 2)[0];
    return user.matches("\\d+") ? Integer.parseInt(user) : user.equals("root") ? 0 : user.getBytes(StandardCharsets.UTF_8).length;
  }
}
