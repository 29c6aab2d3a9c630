package dev.tallyman.dashboard.container;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Splits a typed command into words as a POSIX shell would (2.2 Quoting): blanks separate, single quotes keep everything, double quotes keep
 * blanks, a backslash keeps the next character. Nothing is expanded.
 */
public final class CommandLine {
  private final String text;
  private final List<String> words = new ArrayList<>();
  private @Nullable StringBuilder word;

  private CommandLine(String text) {
    this.text = text;
  }

  /** @throws TallymanException INVALID when a quote is not closed or a backslash ends the text */
  public static List<String> split(String text) {
    return new CommandLine(text).split();
  }

  private List<String> split() {
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (Character.isWhitespace(c)) {
        endWord();
        at++;
      } else if (c == '\'' || c == '"') {
        at = quoted(at);
      } else if (c == '\\') {
        at = escaped(at);
      } else {
        word().append(c);
        at++;
      }
    }
    endWord();
    return List.copyOf(words);
  }

  private int quoted(int start) {
    char quote = text.charAt(start);
    word();
    int at = start + 1;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == quote) {
        return at + 1;
      }
      boolean isEscape = quote == '"' && c == '\\' && at + 1 < text.length() && "\"\\$`".indexOf(text.charAt(at + 1)) >= 0;
      word().append(isEscape ? text.charAt(at + 1) : c);
      at += isEscape ? 2 : 1;
    }
    throw new TallymanException(ErrorKind.INVALID, "the quote " + quote + " at position " + (start + 1) + " is not closed");
  }

  private int escaped(int at) {
    if (at + 1 >= text.length()) {
      throw new TallymanException(ErrorKind.INVALID, "a backslash at the end has nothing to keep");
    }
    word().append(text.charAt(at + 1));
    return at + 2;
  }

  private StringBuilder word() {
    if (word == null) {
      word = new StringBuilder();
    }
    return word;
  }

  private void endWord() {
    if (word != null) {
      words.add(word.toString());
      word = null;
    }
  }
}
