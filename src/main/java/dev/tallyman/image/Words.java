package dev.tallyman.image;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The words of a Dockerfile instruction: quotes, backslash escapes, and {@code $NAME}, {@code ${NAME}}, {@code ${NAME:-word}},
 * {@code ${NAME:+word}} from the environment, as Dockerfile's reference describes. The result of an expansion is not split again.
 */
final class Words {
  private static final int DEEPEST = 16;

  private final String text;
  private final Map<String, String> environment;
  private final int depth;
  private int at;

  private Words(String text, Map<String, String> environment, int depth) {
    this.text = text;
    this.environment = environment;
    this.depth = depth;
    if (depth > DEEPEST) {
      throw invalid("expansions are nested too deep");
    }
  }

  static List<String> split(String text, Map<String, String> environment) {
    Words words = new Words(text, environment, 0);
    List<String> found = new ArrayList<>();
    words.skipBlank();
    while (words.at < text.length()) {
      found.add(words.word(true));
      words.skipBlank();
    }
    return found;
  }

  /** The whole text as one word: blanks stay, quotes and escapes are undone. */
  static String one(String text, Map<String, String> environment) {
    return expand(text, environment, 0);
  }

  private static String expand(String text, Map<String, String> environment, int depth) {
    return new Words(text, environment, depth).word(false);
  }

  private String word(boolean endsAtBlank) {
    StringBuilder word = new StringBuilder();
    while (at < text.length() && !(endsAtBlank && isBlank(text.charAt(at)))) {
      char c = text.charAt(at++);
      switch (c) {
        case '\'' -> word.append(untilSingleQuote());
        case '"' -> appendDoubleQuoted(word);
        case '\\' -> word.append(at < text.length() ? text.charAt(at++) : '\\');
        case '$' -> word.append(variable());
        default -> word.append(c);
      }
    }
    return word.toString();
  }

  private String untilSingleQuote() {
    int end = text.indexOf('\'', at);
    if (end < 0) {
      throw invalid("unexpected end of statement while looking for matching single-quote");
    }
    String inside = text.substring(at, end);
    at = end + 1;
    return inside;
  }

  private void appendDoubleQuoted(StringBuilder word) {
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '"') {
        return;
      }
      if (c == '$') {
        word.append(variable());
      } else if (c == '\\' && at < text.length() && "\"$\\".indexOf(text.charAt(at)) >= 0) {
        word.append(text.charAt(at++));
      } else {
        word.append(c);
      }
    }
    throw invalid("unexpected end of statement while looking for matching double-quote");
  }

  private String variable() {
    if (at < text.length() && text.charAt(at) == '{') {
      return braced();
    }
    String name = name();
    return name.isEmpty() ? "$" : environment.getOrDefault(name, "");
  }

  private String braced() {
    at++;
    String name = name();
    int end = closingBrace();
    String modifier = text.substring(at, end);
    at = end + 1;
    String value = environment.getOrDefault(name, "");
    if (name.isEmpty()) {
      throw invalid("bad substitution");
    }
    if (modifier.isEmpty()) {
      return value;
    }
    if (modifier.startsWith(":-")) {
      return value.isEmpty() ? expand(modifier.substring(2), environment, depth + 1) : value;
    }
    if (modifier.startsWith(":+")) {
      return value.isEmpty() ? "" : expand(modifier.substring(2), environment, depth + 1);
    }
    throw invalid("unsupported modifier (" + Texts.shortened(modifier) + ") in substitution");
  }

  private int closingBrace() {
    int open = 1;
    for (int i = at; i < text.length(); i++) {
      open += text.charAt(i) == '{' ? 1 : text.charAt(i) == '}' ? -1 : 0;
      if (open == 0) {
        return i;
      }
    }
    throw invalid("syntax error: missing '}'");
  }

  private String name() {
    int start = at;
    while (at < text.length() && isNamePart(text.charAt(at), at == start)) {
      at++;
    }
    return text.substring(start, at);
  }

  private static boolean isNamePart(char c, boolean isFirst) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (!isFirst && c >= '0' && c <= '9');
  }

  private void skipBlank() {
    while (at < text.length() && isBlank(text.charAt(at))) {
      at++;
    }
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
  }

  private static TallymanException invalid(String why) {
    return new TallymanException(ErrorKind.INVALID, "invalid instruction: " + why);
  }
}
