package dev.tallyman.build.dockerfile;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A file's lines with their ends, and what an error shows of them. */
final class SourceText {
  /** Larger than any Dockerfile that people write by far; a bound for what one request may make this server hold. */
  static final int MAX_BYTES = 1 << 20;

  /** As Docker has it: its reader gives up at longer lines. */
  static final int MAX_LINE_BYTES = 64 * 1024;

  private static final int SHOWN = 160;

  private final String name;
  private final List<String> lines = new ArrayList<>();

  /** @throws DockerfileException for a file or a line that is too long */
  SourceText(String name, String text) {
    this.name = name;
    if (text.length() > MAX_BYTES || text.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
      throw new DockerfileException("the Dockerfile (" + name + ") has more than " + MAX_BYTES + " bytes");
    }
    String rest = text.startsWith("\ufeff") ? text.substring(1) : text;
    int from = 0;
    while (from < rest.length()) {
      int newline = rest.indexOf('\n', from);
      int end = newline < 0 ? rest.length() : newline + 1;
      addLine(rest.substring(from, end));
      from = end;
    }
  }

  private void addLine(String line) {
    lines.add(line);
    if (line.length() > MAX_LINE_BYTES / 4 && line.getBytes(StandardCharsets.UTF_8).length > MAX_LINE_BYTES) {
      String reason = "dockerfile line greater than max allowed size of " + (MAX_LINE_BYTES - 1);
      throw located(new DockerfileException(reason), new Position(lines.size(), 1, lines.size()));
    }
  }

  String name() {
    return name;
  }

  int count() {
    return lines.size();
  }

  /** @param number from 1 */
  String line(int number) {
    return lines.get(number - 1);
  }

  /** The same error with its place: file, line, column and the line. */
  DockerfileException located(DockerfileException refused, Position at) {
    if (refused.at() != null) {
      return refused;
    }
    Position exact = refused.culprit() == null ? at : find(refused.culprit(), at);
    StringBuilder message = new StringBuilder("dockerfile parse error on line ").append(at.line()).append(": ").append(refused.reason());
    message.append('\n').append(name).append(':').append(exact.line()).append(':').append(exact.column());
    if (exact.line() <= lines.size()) {
      message.append('\n').append(excerpt(exact));
    }
    if (refused.expected() != null) {
      message.append("\nexpected ").append(refused.expected());
    }
    return new DockerfileException(exact, refused.reason(), message.toString());
  }

  private Position find(String culprit, Position at) {
    for (int number = at.line(); number <= Math.min(at.lastLine(), lines.size()) && !culprit.isEmpty(); number++) {
      int column = line(number).indexOf(culprit);
      if (column >= 0) {
        return new Position(number, line(number).codePointCount(0, column) + 1, at.lastLine());
      }
    }
    return at;
  }

  /** The line under a number, and a mark under the column; of long lines the part around the column. */
  private String excerpt(Position at) {
    int[] line = line(at.line()).stripTrailing().codePoints().map(c -> Character.isISOControl(c) ? ' ' : c).toArray();
    int column = Math.min(at.column() - 1, line.length);
    int from = column < SHOWN * 3 / 4 ? 0 : column - SHOWN / 2;
    int to = Math.min(line.length, from + SHOWN);
    String number = String.format(Locale.ROOT, "%4d", at.line());
    return number + " | " + new String(line, from, to - from) + "\n" + " ".repeat(number.length()) + " | " + " ".repeat(column - from) + "^";
  }
}
