package dev.tallyman.build;

import dev.tallyman.build.ContextTree.Node;
import dev.tallyman.build.dockerfile.PathPattern;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.TarReader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** What the sources of a COPY or ADD are: patterns looked up in a tree. */
final class CopySources {
  /**
   * @param name the last part of the path as asked for; empty for a directory that is never copied itself, only what it has
   * @param node with every link of the path followed
   * @param isRemote from elsewhere: an archive is not unpacked unasked
   */
  record Found(String name, Node node, Context from, boolean isRemote) {
    Found(String name, Node node, Context from) {
      this(name, node, from, false);
    }
  }

  private CopySources() {}

  /** @throws TallymanException INVALID when a pattern finds nothing */
  static List<Found> find(Context context, List<String> patterns, FileSelection selection) {
    List<Found> found = new ArrayList<>();
    for (String pattern : patterns) {
      List<String> paths = hasWildcard(pattern) ? expand(context.tree(), pattern) : List.of(pattern);
      if (paths.isEmpty()) {
        throw new TallymanException(ErrorKind.INVALID, "no source files were specified: nothing in the build context matches " + pattern);
      }
      for (String path : paths) {
        String clean = clean(path);
        Node node = context.tree().find(clean);
        if (node == null) {
          throw new TallymanException(ErrorKind.INVALID, "file not found in build context or excluded by .dockerignore: stat " + path + ": file does not exist");
        }
        add(found, new Found(clean.substring(clean.lastIndexOf('/') + 1), node, context), selection);
      }
    }
    return found;
  }

  /** Adds what the selection leaves of it. */
  static void add(List<Found> found, Found each, FileSelection selection) {
    if (each.node().isDirectory()) {
      found.add(new Found(each.name(), selection.select(each.node()), each.from(), each.isRemote()));
    } else if (!selection.excludes(each.name())) {
      found.add(each);
    }
  }

  /** Sources of COPY --parents. @throws TallymanException INVALID when one without wildcards is not there */
  static List<Found> findParents(Context context, List<String> sources, FileSelection selection) {
    List<Found> found = new ArrayList<>();
    for (String source : sources) {
      ParentPattern pattern = ParentPattern.of(source);
      List<String> bases = hasWildcard(pattern.base()) ? expand(context.tree(), pattern.base()) : List.of(pattern.base());
      FileSelection meant = selection.of(pattern.selection());
      for (String base : bases) {
        Node directory = context.tree().find(base);
        if (directory != null && directory.isDirectory()) {
          found.add(new Found("", meant.select(directory), context));
        }
      }
      if (!pattern.hasWildcard() && !pattern.isIn(context.tree())) {
        throw new TallymanException(ErrorKind.INVALID, "file not found in build context or excluded by .dockerignore: stat " + source + ": file does not exist");
      }
    }
    return found;
  }

  static boolean hasWildcard(String pattern) {
    return pattern.chars().anyMatch(c -> c == '*' || c == '?' || c == '[' || c == '\\');
  }

  /** Without dots and doubled slashes, told by the text alone as Docker does: nothing of a context but what this names may be there. What leads above the root stays there. */
  static String clean(String path) {
    List<String> parts = new ArrayList<>();
    for (String part : path.split("/")) {
      if (part.equals("..")) {
        if (!parts.isEmpty()) {
          parts.remove(parts.size() - 1);
        }
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    return String.join("/", parts);
  }

  private static List<String> expand(ContextTree tree, String pattern) {
    List<String> paths = List.of("");
    for (String part : clean(pattern).split("/")) {
      List<String> next = new ArrayList<>();
      PathPattern wanted = hasWildcard(part) ? PathPattern.of(part) : null;
      for (String path : paths) {
        Node directory = tree.find(path);
        if (directory == null || !directory.isDirectory()) {
          continue;
        }
        for (Node child : directory.children()) {
          if (wanted == null ? child.name.equals(part) : wanted.matches(child.name)) {
            next.add(path.isEmpty() ? child.name : path + "/" + child.name);
          }
        }
      }
      paths = next;
    }
    return paths;
  }

  /** Adds names, kinds, modes, links and contents to a sum: all that makes a difference to the image. */
  static void digest(List<Found> found, MessageDigest sum) {
    for (Found each : found) {
      digest(each.name(), each.node(), each.from(), sum);
    }
  }

  private static void digest(String path, Node node, Context from, MessageDigest sum) {
    String content = node.isFile() ? from.digest(node) : node.kind == TarReader.Kind.LINK ? node.link : "";
    sum.update((path + "\0" + node.kind + "\0" + node.mode + "\0" + node.uid + ":" + node.gid + "\0" + content + "\0").getBytes(StandardCharsets.UTF_8));
    // Names and values may have any bytes: only with their lengths it is clear where each ends.
    new TreeMap<>(node.attributes).forEach((name, value) -> sum.update(("\0" + name.length() + ":" + name + value.length() + ":" + value).getBytes(StandardCharsets.UTF_8)));
    for (Node child : node.children()) {
      digest(path + "/" + child.name, child, from, sum);
    }
  }
}
