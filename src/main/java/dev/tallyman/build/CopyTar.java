package dev.tallyman.build;

import dev.tallyman.build.ContextTree.Node;
import dev.tallyman.image.TarReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What COPY and ADD put into an image, as a tar: paths below the image's root, bytes from where they lie. */
final class CopyTar {
  /**
   * @param mode what becomes of the permission bits; absent = as it is
   * @param keepsOwner false: all belongs to the ids below
   */
  record Look(@Nullable FileMode mode, boolean keepsOwner, int uid, int gid) {}

  /** @param source number of what it was added with */
  private record Item(String path, Node node, @Nullable Context from, Look look, int source) {}

  /** A file with several names in a source has as many in the image. */
  private record Inode(Object file, int source) {}

  private final Look look;
  private final long latestSeconds;
  private final List<Item> items = new ArrayList<>();
  private int sources;

  CopyTar(Look look) {
    this(look, Long.MAX_VALUE);
  }

  /** @param latestSeconds since 1970: no time of change is later */
  CopyTar(Look look, long latestSeconds) {
    this.look = look;
    this.latestSeconds = latestSeconds;
  }

  /** @param path without a slash in front */
  void add(String path, Node node, Context from) {
    sources++;
    add(path, node, from, look);
  }

  private void add(String path, Node node, @Nullable Context from, Look as) {
    items.add(new Item(path, node, from, as, sources));
  }

  /** A new directory, 0755. */
  void addDirectory(String path) {
    addDirectory(path, Instant.now().getEpochSecond());
  }

  void addDirectory(String path, long mtimeSeconds) {
    TarReader.Entry entry = new TarReader.Entry("", TarReader.Kind.DIRECTORY, 0, "", false, 0755, mtimeSeconds, 0, 0);
    add(path, new Node("", TarReader.Kind.DIRECTORY, entry, 0), null, look);
  }

  /** What the paths are below, itself. @param mode permission bits */
  void addRoot(int mode, long uid, long gid) {
    TarReader.Entry entry = new TarReader.Entry("", TarReader.Kind.DIRECTORY, 0, "", false, mode, Instant.now().getEpochSecond(), uid, gid);
    add("", new Node("", TarReader.Kind.DIRECTORY, entry, 0), null, new Look(null, true, 0, 0));
  }

  /** A symbolic link. */
  void addLink(String path, String target) {
    TarReader.Entry entry = new TarReader.Entry("", TarReader.Kind.LINK, 0, target, false, 0777, Instant.now().getEpochSecond(), 0, 0);
    add(path, new Node("", TarReader.Kind.LINK, entry, 0), null, look);
  }

  boolean isEmpty() {
    return items.isEmpty();
  }

  /** What a directory has, without itself. */
  void addChildren(String path, Node directory, Context from) {
    sources++;
    addChildren(path, directory, from, look);
  }

  /** The same, with the owners that an archive names. */
  void addUnpacked(String path, Node directory, Context from) {
    sources++;
    addChildren(path, directory, from, new Look(null, true, 0, 0));
  }

  private void addChildren(String path, Node directory, Context from, Look as) {
    for (Node child : directory.children()) {
      String below = path.isEmpty() ? child.name : path + "/" + child.name;
      add(below, child, from, as);
      if (child.isDirectory()) {
        addChildren(below, child, from, as);
      }
    }
  }

  void write(OutputStream out) {
    try {
      LayerTar tar = new LayerTar(out);
      Map<Inode, String> names = new HashMap<>();
      for (Item each : items) {
        Object file = each.node().file();
        String first = file == null ? null : names.putIfAbsent(new Inode(file, each.source()), each.path());
        write(tar, each, first);
      }
      tar.finish();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** @param first path of the same file, before; absent for all others */
  private void write(LayerTar tar, Item item, @Nullable String first) throws IOException {
    Node node = item.node();
    if (first != null) {
      tar.entry(new LayerTar.Head(item.path(), '1', first, 0, 0644, 0, 0, Math.min(node.mtimeSeconds, latestSeconds), Map.of()));
      return;
    }
    char type =
        switch (node.kind) {
          case FILE -> '0';
          case LINK -> '2';
          case DIRECTORY -> '5';
          case PIPE -> '6';
        };
    String path = node.isDirectory() ? (item.path().isEmpty() ? "./" : item.path() + "/") : item.path();
    Look as = item.look();
    int mode = as.mode() == null || type == '2' ? node.mode : as.mode().applied(node.mode, node.isDirectory());
    long size = node.isFile() ? node.size : 0;
    int uid = as.keepsOwner() ? node.uid : as.uid();
    int gid = as.keepsOwner() ? node.gid : as.gid();
    tar.entry(new LayerTar.Head(path, type, node.link, size, mode, uid, gid, Math.min(node.mtimeSeconds, latestSeconds), type == '2' ? Map.of() : node.attributes));
    if (node.isFile() && item.from() != null) {
      try (InputStream content = item.from().open(node)) {
        tar.content(content, size);
      }
    }
  }
}
