package dev.tallyman.build;

import dev.tallyman.image.TarReader;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is in an archive, by path; the bytes stay in it. Links are followed within the tree only, whose root has nothing above it: as nothing of
 * an archive is ever extracted on the host, no link can lead anywhere else.
 */
final class ContextTree {
  private static final int MOST_LINKS = 40;
  private static final int MOST_PARTS = 256;
  private static final int LONGEST_PART = 255;
  /** They are kept in memory. */
  private static final int MOST_ATTRIBUTE_BYTES = 32 << 20;

  /** A file, directory, symbolic link or named pipe. */
  static final class Node {
    final String name;
    final TarReader.Kind kind;
    final int mode;
    final long mtimeSeconds;
    final int uid;
    final int gid;
    /** Where the bytes of a file are. */
    final long offset;
    final long size;
    /** Of a symbolic link, as written. */
    final String link;
    /** Extended ones, as of an entry. */
    final Map<String, String> attributes;
    private final Map<String, Node> children = new TreeMap<>();
    private @Nullable Object file;

    Node(String name, TarReader.Kind kind, TarReader.@Nullable Entry entry, long offset) {
      this.name = name;
      this.kind = kind;
      this.mode = entry == null ? 0755 : entry.mode();
      this.mtimeSeconds = entry == null ? Instant.now().getEpochSecond() : entry.mtimeSeconds();
      this.uid = entry == null ? 0 : (int) entry.uid();
      this.gid = entry == null ? 0 : (int) entry.gid();
      this.offset = offset;
      this.size = entry == null ? 0 : entry.size();
      this.link = entry == null ? "" : entry.link();
      this.attributes = entry == null ? Map.of() : entry.attributes();
    }

    private Node(String name, Node content) {
      this.name = name;
      this.kind = content.kind;
      this.mode = content.mode;
      this.mtimeSeconds = content.mtimeSeconds;
      this.uid = content.uid;
      this.gid = content.gid;
      this.offset = content.offset;
      this.size = content.size;
      this.link = content.link;
      this.attributes = content.attributes;
      this.file = content.file;
    }

    /** The same object for all names of a file; absent for what has one name. */
    @Nullable Object file() {
      return file;
    }

    /** This directory with other children. */
    Node with(Collection<Node> others) {
      Node node = new Node(name, this);
      others.forEach(each -> node.children.put(each.name, each));
      return node;
    }

    /** The same with another name. */
    Node named(String called) {
      Node node = new Node(called, this);
      node.children.putAll(children);
      return node;
    }

    boolean isDirectory() {
      return kind == TarReader.Kind.DIRECTORY;
    }

    boolean isFile() {
      return kind == TarReader.Kind.FILE;
    }

    @Nullable Node child(String called) {
      return children.get(called);
    }

    /** Of a directory, by name. */
    Collection<Node> children() {
      return children.values();
    }
  }

  private long attributeBytes;
  private Node root = new Node("", TarReader.Kind.DIRECTORY, null, 0);

  Node root() {
    return root;
  }

  /** @throws IOException with what is wrong with the entry */
  void add(TarReader.Entry entry, long offset) throws IOException {
    for (Map.Entry<String, String> each : entry.attributes().entrySet()) {
      attributeBytes += each.getKey().length() + each.getValue().length();
    }
    if (attributeBytes > MOST_ATTRIBUTE_BYTES) {
      throw new IOException("its extended attributes take more than " + MOST_ATTRIBUTE_BYTES + " bytes");
    }
    if (entry.name().indexOf('\0') >= 0 || entry.link().indexOf('\0') >= 0) {
      throw new IOException("a path or link in it has a NUL");
    }
    List<String> parts = parts(entry.name());
    if (parts.isEmpty()) {
      if (entry.kind() == TarReader.Kind.DIRECTORY) {
        Node fresh = new Node("", TarReader.Kind.DIRECTORY, entry, 0);
        fresh.children.putAll(root.children);
        root = fresh;
      }
      return;
    }
    Node parent = parent(parts, entry.name());
    String name = parts.get(parts.size() - 1);
    Node node = entry.isHard() ? new Node(name, hardTarget(entry)) : new Node(name, entry.kind(), entry, offset);
    Node before = parent.children.put(name, node);
    if (before != null && before.isDirectory() && node.isDirectory()) {
      node.children.putAll(before.children);
    }
  }

  private Node parent(List<String> parts, String path) throws IOException {
    Node at = root;
    for (String part : parts.subList(0, parts.size() - 1)) {
      at = at.children.computeIfAbsent(part, name -> new Node(name, TarReader.Kind.DIRECTORY, null, 0));
      if (!at.isDirectory()) {
        throw new IOException("'" + shortened(path) + "' lies in what is no directory");
      }
    }
    return at;
  }

  private Node hardTarget(TarReader.Entry entry) throws IOException {
    Node at = root;
    for (String part : parts(entry.link())) {
      at = at == null ? null : at.children.get(part);
    }
    if (at == null || at.isDirectory()) {
      throw new IOException("the hard link '" + shortened(entry.name()) + "' has no file before it that it could name");
    }
    if (at.isFile() && at.file == null) {
      at.file = new Object();
    }
    return at;
  }

  private static List<String> parts(String path) throws IOException {
    List<String> parts = Arrays.stream(path.split("/")).filter(each -> !each.isEmpty() && !each.equals(".")).toList();
    if (parts.contains("..")) {
      throw new IOException("'" + shortened(path) + "' leads out of it");
    }
    if (parts.size() > MOST_PARTS || parts.stream().anyMatch(each -> each.length() > LONGEST_PART)) {
      throw new IOException("the path '" + shortened(path) + "' is too long or too deep");
    }
    return parts;
  }

  private static String shortened(String text) {
    return text.length() > 100 ? text.substring(0, 100) + "…" : text;
  }

  /** What a path leads to, every link followed; absent when nothing is there. A path that goes above the root stays there. */
  @Nullable Node find(String path) {
    Deque<String> rest = new ArrayDeque<>(Arrays.asList(path.split("/")));
    List<Node> at = new ArrayList<>(List.of(root));
    int links = 0;
    while (!rest.isEmpty()) {
      String part = rest.pop();
      if (part.isEmpty() || part.equals(".")) {
        continue;
      }
      if (part.equals("..")) {
        if (at.size() > 1) {
          at.remove(at.size() - 1);
        }
        continue;
      }
      Node next = at.get(at.size() - 1).children.get(part);
      if (next == null) {
        return null;
      }
      if (next.kind != TarReader.Kind.LINK) {
        at.add(next);
        continue;
      }
      if (++links > MOST_LINKS) {
        return null;
      }
      if (next.link.startsWith("/")) {
        at.subList(1, at.size()).clear();
      }
      List<String> target = Arrays.asList(next.link.split("/"));
      for (int i = target.size() - 1; i >= 0; i--) {
        rest.push(target.get(i));
      }
    }
    return at.get(at.size() - 1);
  }

  /** Takes away what a .dockerignore excludes; a directory stays while something of it does. @param excludes asked with paths below the root */
  void prune(Predicate<String> excludes) {
    prune(root, "", excludes);
  }

  private static void prune(Node directory, String prefix, Predicate<String> excludes) {
    directory.children.values().removeIf(
        child -> {
          String path = prefix + child.name;
          if (child.isDirectory()) {
            prune(child, path + "/", excludes);
          }
          return child.children.isEmpty() && excludes.test(path);
        });
  }
}
