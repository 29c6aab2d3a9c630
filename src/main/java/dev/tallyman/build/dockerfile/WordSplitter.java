package dev.tallyman.build.dockerfile;

import java.util.ArrayList;
import java.util.List;

/** Collects words: blanks end one, unless they were quoted. A word of nothing but empty quotes is none. */
final class WordSplitter {
  private final List<String> done = new ArrayList<>();
  private final StringBuilder word = new StringBuilder();

  void add(int c) {
    if (!Blanks.isBlank(c)) {
      word.appendCodePoint(c);
    } else if (!word.isEmpty()) {
      done.add(word.toString());
      word.setLength(0);
    }
  }

  void add(String text) {
    text.codePoints().forEach(this::add);
  }

  void addWhole(String text) {
    word.append(text);
  }

  List<String> words() {
    if (!word.isEmpty()) {
      done.add(word.toString());
      word.setLength(0);
    }
    return List.copyOf(done);
  }
}
