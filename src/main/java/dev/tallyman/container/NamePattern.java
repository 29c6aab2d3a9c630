package dev.tallyman.container;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.function.Predicate;
import java.util.regex.Matcher;

/** Names chosen by a regular expression, in the syntax of Go as dockerd has it: it takes time proportional to the name, whatever the expression. */
final class NamePattern {
  private static final int MAX_LENGTH = 1000;
  /** What counted repetitions, one within the other, may multiply to: each is written out when the expression is compiled. Go's own limit of one. */
  private static final long MAX_REPEATS = 1000;
  private static final java.util.regex.Pattern REPEAT = java.util.regex.Pattern.compile("\\{(\\d+)(?:,(\\d*))?}");

  private NamePattern() {}

  /** @throws dev.tallyman.error.TallymanException INVALID, naming the option */
  static void check(String option, String text) {
    String wrong = text.length() > MAX_LENGTH ? "at most " + MAX_LENGTH + " characters" : repeats(text) > MAX_REPEATS ? "at most " + MAX_REPEATS + " repetitions" : "";
    try {
      if (wrong.isEmpty()) {
        Pattern.compile(text);
      }
    } catch (PatternSyntaxException e) {
      wrong = e.getMessage();
    }
    if (!wrong.isEmpty()) {
      throw Refusal.invalid("invalid log opt " + option + ": " + wrong);
    }
  }

  /** True for names that the expression is found in. */
  static Predicate<String> of(String text) {
    Pattern pattern = Pattern.compile(text);
    return name -> pattern.matcher(name).find();
  }

  /** As if each counted repetition were within all the others. */
  private static long repeats(String text) {
    long product = 1;
    Matcher found = REPEAT.matcher(text);
    while (found.find() && product <= MAX_REPEATS) {
      String most = found.group(2) == null || found.group(2).isEmpty() ? found.group(1) : found.group(2);
      product *= most.length() > 4 ? MAX_REPEATS + 1 : Math.max(1, Integer.parseInt(most));
    }
    return product;
  }
}
