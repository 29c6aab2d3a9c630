package dev.tallyman.build.dockerfile;

import java.util.ArrayList;
import java.util.List;

/** Joins lines to instructions: directives, comments, continuation lines, here-documents. */
final class NodeReader {
  private final SourceText source;
  private final DirectiveReader directives = new DirectiveReader();
  private final List<Node> nodes = new ArrayList<>();
  private final List<Warning> warnings = new ArrayList<>();
  private List<String> comments = new ArrayList<>();
  private int at;

  NodeReader(SourceText source) {
    this.source = source;
  }

  List<Node> nodes() {
    return nodes;
  }

  List<Warning> warnings() {
    return warnings;
  }

  Directives directives() {
    return directives.directives();
  }

  NodeReader readAll() {
    while (at < source.count()) {
      int start = ++at;
      try {
        readOne(start);
      } catch (DockerfileException refused) {
        throw source.located(refused, new Position(start, column(start), at));
      }
    }
    if (nodes.isEmpty()) {
      Position end = new Position(Math.max(1, at), 1, Math.max(1, at));
      throw source.located(new DockerfileException("file with no instructions", null, "FROM with an image"), end);
    }
    return this;
  }

  private void readOne(int start) {
    String first = Blanks.trimmedLeft(withoutEnd(source.line(start)));
    if (directives.read(first)) {
      return;
    }
    if (first.startsWith("#")) {
      noteComment(Blanks.trimmed(first.substring(1)));
      return;
    }
    if (first.isEmpty()) {
      return;
    }
    String line = joined(first);
    Node node = NodeText.parse(line, directives.escape());
    List<HereDoc> docs = node.mayHaveHereDocs() && line.contains("<<") ? hereDocs(line) : List.of();
    nodes.add(node.placed(new Position(start, column(start), at), docs, comments));
    comments = new ArrayList<>();
  }

  private void noteComment(String comment) {
    if (comment.isEmpty()) {
      comments.clear();
    } else {
      comments.add(comment);
    }
  }

  private String joined(String first) {
    StringBuilder all = new StringBuilder();
    String piece = first;
    boolean hasEmptyLine = false;
    while (true) {
      int mark = continuation(piece);
      all.append(piece, 0, mark < 0 ? piece.length() : mark);
      String next = mark < 0 ? null : "";
      while (next != null && next.isEmpty() && at < source.count()) {
        String line = withoutEnd(source.line(++at));
        boolean isEmpty = Blanks.trimmedLeft(line).isEmpty();
        hasEmptyLine |= isEmpty;
        next = isEmpty || Blanks.trimmedLeft(line).startsWith("#") ? "" : line;
      }
      if (next == null || next.isEmpty()) {
        break;
      }
      piece = next;
    }
    if (hasEmptyLine) {
      warnings.add(CheckRule.NO_EMPTY_CONTINUATION.warning(at, "Empty continuation line"));
    }
    return all.toString();
  }

  /** Where the character stands that continues the line: the last one but for blanks, and not itself escaped; -1: nowhere. */
  private int continuation(String line) {
    int end = line.length();
    while (end > 0 && (line.charAt(end - 1) == ' ' || line.charAt(end - 1) == '\t')) {
      end--;
    }
    char escape = directives.escape();
    boolean continues = end > 0 && line.charAt(end - 1) == escape && (end == 1 || line.charAt(end - 2) != escape);
    return continues ? end - 1 : -1;
  }

  private List<HereDoc> hereDocs(String line) {
    List<HereDoc> docs = new ArrayList<>();
    for (HereDoc opened : HereDocs.ofLine(line)) {
      docs.add(new HereDoc(opened.name(), content(opened), opened.isExpanded(), opened.isChomped()));
    }
    return docs;
  }

  private String content(HereDoc opened) {
    StringBuilder content = new StringBuilder();
    while (at < source.count()) {
      String line = source.line(++at);
      String end = withoutEnd(line);
      if (opened.isChomped()) {
        end = end.substring((int) end.chars().takeWhile(c -> c == '\t').count());
      }
      if (end.equals(opened.name())) {
        return content.toString();
      }
      content.append(line);
    }
    throw new DockerfileException("unterminated heredoc", opened.name(), "a line with nothing but " + opened.name());
  }

  private int column(int line) {
    String text = source.line(line);
    return text.codePointCount(0, Blanks.leading(text)) + 1;
  }

  private static String withoutEnd(String line) {
    int end = line.length();
    while (end > 0 && (line.charAt(end - 1) == '\n' || line.charAt(end - 1) == '\r')) {
      end--;
    }
    return line.substring(0, end);
  }
}
