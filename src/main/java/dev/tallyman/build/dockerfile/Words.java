package dev.tallyman.build.dockerfile;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Word expansion as BuildKit does it: {@code $v}, {@code ${v}}, {@code ${v:-w}}, {@code ${v-w}}, {@code ${v:+w}}, {@code ${v+w}},
 * {@code ${v:?w}}, {@code ${v?w}}, {@code ${v#p}}, {@code ${v##p}}, {@code ${v%p}}, {@code ${v%%p}}, {@code ${v/p/r}}, {@code ${v//p/r}};
 * single quotes, double quotes and the escape character. A variable that is not set is empty. Not for use by several threads.
 *
 * <p>Bounds: a result has at most {@value #MAX_RESULT} characters, {@code ${}} is nested at most {@value #MAX_DEPTH} times, and all work
 * together has at most {@value #MAX_STEPS} steps; that of {@link Dockerfile#words} is shared by the whole file.
 */
public final class Words implements Expander {
  static final int MAX_RESULT = 1 << 20;
  static final int MAX_DEPTH = 32;
  static final long MAX_STEPS = 50_000_000;

  private final Lookup variables;
  private final char escape;
  private final StepBudget budget;
  private final Set<String> missing = new TreeSet<>();

  public Words(Lookup variables, char escape) {
    this(variables, escape, newBudget());
  }

  Words(Lookup variables, char escape, StepBudget budget) {
    this.variables = variables;
    this.escape = escape;
    this.budget = budget;
  }

  static StepBudget newBudget() {
    return new StepBudget(MAX_STEPS, "substitutions take too long; make their patterns or values simpler");
  }

  @Override
  public String word(String word) {
    return lexer(word, escape, WordLexer.Mode.PLAIN).result();
  }

  @Override
  public List<String> words(String words) {
    return lexer(words, escape, WordLexer.Mode.PLAIN).words();
  }

  /** Here-documents know the backslash only, whatever the escape directive says. */
  @Override
  public String text(String text) {
    return lexer(text, '\\', WordLexer.Mode.TEXT).result();
  }

  /** Names that were asked for and not set, since this object was made. */
  public Set<String> missing() {
    return Set.copyOf(missing);
  }

  private WordLexer lexer(String text, char escapeCharacter, WordLexer.Mode mode) {
    Lookup noting = name -> {
      String value = variables.get(name);
      if (value == null) {
        missing.add(name);
      }
      return value;
    };
    return WordLexer.run(text, noting, escapeCharacter, mode, budget);
  }
}
