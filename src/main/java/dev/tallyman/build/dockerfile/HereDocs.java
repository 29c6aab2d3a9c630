package dev.tallyman.build.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Finds the words of a line that open here-documents: {@code <<NAME}, {@code 3<<-"NAME"}. */
final class HereDocs {
  private static final Lookup NONE = name -> null;

  private HereDocs() {}

  /** A quote that does not end hides what follows it, as in the shell's own reading of the line. */
  static List<HereDoc> ofLine(String line) {
    List<HereDoc> found = new ArrayList<>();
    List<String> words;
    try {
      words = WordLexer.run(line, NONE, '\\', WordLexer.Mode.SPLIT, budget(line)).words();
    } catch (DockerfileException unbalanced) {
      return found;
    }
    for (String word : words) {
      HereDoc doc = opened(word);
      if (doc != null) {
        found.add(doc);
      }
    }
    return found;
  }

  /** As {@link #opened}, but a quote that does not end makes it an ordinary word. */
  static @Nullable HereDoc word(String word) {
    try {
      return opened(word);
    } catch (DockerfileException unbalanced) {
      return null;
    }
  }

  /** The here-document that a word opens, without content; null when it opens none. */
  private static @Nullable HereDoc opened(String word) {
    String rest = afterMark(word);
    if (rest == null) {
      return null;
    }
    boolean isChomped = rest.startsWith("-");
    String quotedName = Blanks.trimmedLeft(isChomped ? rest.substring(1) : rest);
    if (quotedName.isEmpty() || quotedName.indexOf('<') >= 0) {
      return null;
    }
    List<String> names = WordLexer.run(quotedName, NONE, '\\', WordLexer.Mode.NAME, budget(quotedName)).words();
    if (names.size() != 1) {
      return null;
    }
    String name = names.get(0);
    String raw = WordLexer.run(quotedName, NONE, '\\', WordLexer.Mode.QUOTED_NAME, budget(quotedName)).words().get(0);
    return new HereDoc(name, "", quotes(name) == quotes(raw), isChomped);
  }

  private static @Nullable String afterMark(String word) {
    int at = (int) IntStream.range(0, word.length()).takeWhile(i -> word.charAt(i) >= '0' && word.charAt(i) <= '9').count();
    return word.startsWith("<<", at) ? word.substring(at + 2) : null;
  }

  /** Nothing is expanded here: what there is to do is no more than a few steps a character. */
  private static StepBudget budget(String text) {
    return new StepBudget(16L + 16L * text.length(), "a here-document's word is too complex");
  }

  private static long quotes(String text) {
    return text.chars().filter(c -> c == '\'' || c == '"').count();
  }
}
