package dev.tallyman.build.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Cuts one joined line into keyword, flags and arguments, by the form that the keyword asks for. */
final class NodeText {
  private static final Position NOWHERE = new Position(1, 1, 1);

  private final char escape;
  private final List<String> flags = new ArrayList<>();
  private String rest;

  private NodeText(String rest, char escape) {
    this.rest = rest;
    this.escape = escape;
  }

  static Node parse(String line, char escape) {
    return parse(line, escape, false);
  }

  private static Node parse(String line, char escape, boolean isTrigger) {
    String text = Blanks.trimmed(line);
    int end = separator(text, 0);
    NodeText node = new NodeText(end < 0 ? "" : text.substring(afterSeparators(text, end)), escape);
    String keyword = end < 0 ? text : text.substring(0, end);
    node.takeFlags();
    node.rest = Blanks.trimmed(node.rest);
    if (isTrigger && keyword.equalsIgnoreCase("ONBUILD")) {
      throw new DockerfileException("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
    }
    return node.dispatched(keyword, line);
  }

  private Node dispatched(String keyword, String line) {
    return switch (keyword.toUpperCase(Locale.ROOT)) {
      case "ADD", "COPY", "VOLUME" -> jsonOr(keyword, line, separated(rest));
      case "RUN", "CMD", "ENTRYPOINT", "SHELL" -> jsonOr(keyword, line, whole(rest));
      case "EXPOSE", "FROM" -> node(keyword, line, separated(rest), false, null);
      case "STOPSIGNAL", "USER", "WORKDIR", "MAINTAINER" -> node(keyword, line, whole(rest), false, null);
      case "ARG" -> node(keyword, line, QuotedWords.of(rest, escape), false, null);
      case "ENV", "LABEL" -> node(keyword, line, pairs(keyword.toUpperCase(Locale.ROOT)), false, null);
      case "HEALTHCHECK" -> health(keyword, line);
      case "ONBUILD" -> node(keyword, line, List.of(), false, rest.isEmpty() ? null : parse(rest, escape, true));
      default -> node(keyword, line, List.of(), false, null);
    };
  }

  private Node jsonOr(String keyword, String line, List<String> otherwise) {
    List<String> json = JsonWords.of(rest);
    return node(keyword, line, json != null ? json : otherwise, json != null, null);
  }

  private Node health(String keyword, String line) {
    int end = 0;
    while (end < rest.length() && !Blanks.isBlank(rest.charAt(end))) {
      end++;
    }
    if (end == 0) {
      return node(keyword, line, List.of(), false, null);
    }
    String command = Blanks.trimmedLeft(rest.substring(end));
    List<String> json = JsonWords.of(command);
    List<String> all = new ArrayList<>(List.of(rest.substring(0, end)));
    all.addAll(json != null ? json : whole(command));
    return node(keyword, line, all, json != null, null);
  }

  private List<String> pairs(String command) {
    List<String> words = QuotedWords.of(rest, escape);
    if (words.isEmpty()) {
      return List.of();
    }
    if (words.get(0).indexOf('=') < 0) {
      int end = separator(rest, 0);
      if (end < 0) {
        throw new DockerfileException(command + " must have two arguments", rest, command + " name=value");
      }
      return List.of(rest.substring(0, end), rest.substring(afterSeparators(rest, end)), "");
    }
    List<String> all = new ArrayList<>();
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals < 0) {
        String reason = "Syntax error - can't find = in " + Quoting.quoted(word) + ". Must be of the form: name=value";
        throw new DockerfileException(reason, word, "name=value");
      }
      all.addAll(List.of(word.substring(0, equals), word.substring(equals + 1), "="));
    }
    return all;
  }

  private Node node(String keyword, String line, List<String> arguments, boolean isJson, @Nullable Node child) {
    return new Node(keyword, flags, arguments, isJson, child, line, NOWHERE, List.of(), List.of());
  }

  /** Moves words that open with two hyphens from the rest to the flags; a word of just these ends them and is dropped. */
  private void takeFlags() {
    int at = 0;
    while (true) {
      while (at < rest.length() && Blanks.isBlank(rest.charAt(at))) {
        at++;
      }
      if (!rest.startsWith("--", at)) {
        rest = rest.substring(at);
        return;
      }
      StringBuilder word = new StringBuilder();
      at = takeFlag(at, word);
      if (word.toString().equals("--")) {
        rest = rest.substring(at);
        return;
      }
      flags.add(word.toString());
    }
  }

  private int takeFlag(int from, StringBuilder word) {
    int at = from;
    char quote = 0;
    for (; at < rest.length(); at++) {
      char c = rest.charAt(at);
      if (quote == 0 && Blanks.isBlank(c)) {
        return at;
      }
      if (c == quote) {
        quote = 0;
      } else if (quote == 0 && (c == '\'' || c == '"')) {
        quote = c;
      } else if (c != escape) {
        word.append(c);
      } else if (at + 1 < rest.length()) {
        word.append(rest.charAt(++at));
      }
    }
    return at;
  }

  private static List<String> whole(String text) {
    return text.isEmpty() ? List.of() : List.of(text);
  }

  private static List<String> separated(String text) {
    List<String> words = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int end = separator(text, at);
      words.add(text.substring(at, end < 0 ? text.length() : end));
      at = end < 0 ? text.length() : afterSeparators(text, end);
    }
    return words;
  }

  private static int separator(String text, int from) {
    int at = from;
    while (at < text.length() && !Blanks.isSeparator(text.charAt(at))) {
      at++;
    }
    return at < text.length() ? at : -1;
  }

  private static int afterSeparators(String text, int from) {
    int at = from;
    while (at < text.length() && Blanks.isSeparator(text.charAt(at))) {
      at++;
    }
    return at;
  }
}
