package dev.tallyman.build.dockerfile;

import java.util.ArrayList;
import java.util.List;

/** Splits at blanks outside of quotes; quotes and escapes stay in the words. */
final class QuotedWords {
  private final String text;
  private final char escape;
  private final List<String> words = new ArrayList<>();
  private final StringBuilder word = new StringBuilder();
  private int at;

  private QuotedWords(String text, char escape) {
    this.text = text;
    this.escape = escape;
  }

  static List<String> of(String text, char escape) {
    QuotedWords split = new QuotedWords(text, escape);
    while (split.at < text.length()) {
      split.step();
    }
    split.endWord();
    return split.words;
  }

  private void step() {
    char c = text.charAt(at++);
    if (Blanks.isBlank(c)) {
      endWord();
    } else if (c == '\'' || c == '"') {
      word.append(c);
      quoted(c);
    } else if (c == escape) {
      escaped();
    } else {
      word.append(c);
    }
  }

  private void quoted(char quote) {
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == escape && quote != '\'') {
        escaped();
      } else {
        word.append(c);
        if (c == quote) {
          return;
        }
      }
    }
  }

  /** An escape character at the end of the text is dropped. */
  private void escaped() {
    if (at < text.length()) {
      word.append(escape).append(text.charAt(at++));
    }
  }

  private void endWord() {
    if (!word.isEmpty()) {
      words.add(word.toString());
      word.setLength(0);
    }
  }
}
