package dev.tallyman.build;

import dev.tallyman.build.ContextTree.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A source of COPY --parents: what is above the pivot {@code /./}, or the root, is left behind; what is below it keeps its directories.
 *
 * @param base directory, maybe with wildcards; empty = the root
 * @param path below the base, without dots, maybe with wildcards; {@code **} stands for any number of directories. Empty = all that is there
 */
record ParentPattern(String base, String path) {
  private static final String PIVOT = "/./";

  static ParentPattern of(String source) {
    int pivot = source.indexOf(PIVOT);
    return pivot < 0
        ? new ParentPattern("", CopySources.clean(source))
        : new ParentPattern(CopySources.clean(source.substring(0, pivot)), CopySources.clean(source.substring(pivot + PIVOT.length())));
  }

  /** All of it in one, without the pivot. */
  String whole() {
    return CopySources.clean(base + "/" + path);
  }

  /** Whether finding nothing is an answer, too. */
  boolean hasWildcard() {
    return CopySources.hasWildcard(base) || CopySources.hasWildcard(path);
  }

  /** Without wildcards: whether it is there, no link below the base followed. */
  boolean isIn(ContextTree tree) {
    Node at = tree.find(base);
    for (String part : lead()) {
      at = at == null ? null : at.child(part);
    }
    return at != null;
  }

  /** The pattern that selects it. */
  String selection() {
    return path.isEmpty() ? "**" : path;
  }

  /** Names that lead to where the wildcards begin: nothing outside of them is meant. */
  List<String> lead() {
    List<String> parts = new ArrayList<>();
    for (String part : Arrays.asList(path.split("/"))) {
      if (part.isEmpty() || CopySources.hasWildcard(part)) {
        break;
      }
      parts.add(part);
    }
    return parts;
  }
}
