package dev.tallyman.build.dockerfile;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code # name=value} as long as lines are directives; the first line that is none, an empty one too, ends them. */
final class DirectiveReader {
  private static final Set<String> NAMES = Set.of("syntax", "escape", "check");

  private final Map<String, String> found = new LinkedHashMap<>();
  private boolean isOver;

  /** Whether the line, without blanks in front and line end, is a directive. */
  boolean read(String line) {
    if (isOver) {
      return false;
    }
    String[] parts = parts(line, "#");
    if (parts == null || !NAMES.contains(parts[0])) {
      isOver = true;
      return false;
    }
    if (found.putIfAbsent(parts[0], parts[1]) != null) {
      throw new DockerfileException("only one " + parts[0] + " parser directive can be used");
    }
    if (parts[0].equals("escape") && !parts[1].equals("\\") && !parts[1].equals("`")) {
      throw new DockerfileException("invalid escape token '" + parts[1] + "' does not match ` or \\", parts[1], "a backslash or a backtick");
    }
    return true;
  }

  /** Name in lower case and value of a line of the form {@code PREFIX name=value}; null when it has another form. */
  static String @Nullable [] parts(String line, String prefix) {
    if (!line.startsWith(prefix)) {
      return null;
    }
    String rest = Blanks.trimmedLeft(line.substring(prefix.length()));
    int equals = rest.indexOf('=');
    String name = equals < 0 ? "" : rest.substring(0, equals).stripTrailing();
    String value = equals < 0 ? "" : rest.substring(equals + 1).strip();
    return isName(name) && !value.isEmpty() ? new String[] {name.toLowerCase(Locale.ROOT), value} : null;
  }

  private static boolean isName(String name) {
    return !name.isEmpty() && isLetter(name.charAt(0)) && name.chars().allMatch(c -> isLetter(c) || c >= '0' && c <= '9');
  }

  private static boolean isLetter(int c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }

  Directives directives() {
    String escape = found.getOrDefault("escape", "\\");
    return new Directives(found.get("syntax"), escape.charAt(0), found.get("check"));
  }

  char escape() {
    return directives().escape();
  }
}
