package dev.tallyman.container;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.function.Predicate;
import java.util.regex.Matcher;

/** Names chosen by a regular expression, in the syntax of Go as dockerd has it: it takes time proportional to the name, whatever the expression. */
final class NamePattern {
  private static final int MAX_LENGTH = 1000;
  /** Go's own limit of one counted repetition. */
  private static final long MAX_REPEATS = 1000;
  /** Characters, as often as counted repetitions write them out when the expression is compiled: it bounds memory, depth and what a character of a name costs. */
  private static final long MAX_SIZE = 2000;
  /** Characters; longer names are never chosen. */
  private static final int MAX_NAME = 1000;
  private static final java.util.regex.Pattern REPEAT = java.util.regex.Pattern.compile("\\{(\\d+)(?:,(\\d*))?}");

  private NamePattern() {}

  /** @throws dev.tallyman.error.TallymanException INVALID, naming the option */
  static void check(String option, String text) {
    String wrong = "";
    if (text.length() > MAX_LENGTH) {
      wrong = "at most " + MAX_LENGTH + " characters";
    } else if (text.length() * repeats(text) > MAX_SIZE) {
      wrong = "at most " + MAX_SIZE + " characters with all repetitions written out";
    }
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
    return name -> name.length() <= MAX_NAME && pattern.matcher(name).find();
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
