package dev.tallyman.build.dockerfile;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A pattern over paths: {@code *} and {@code ?} within a part, {@code **} over parts, {@code [a-z]} and {@code [^a-z]}, backslash to take a
 * character as it is. Matched by following all possibilities at once: the time is bounded by the product of the lengths.
 */
public final class PathPattern {
  /** What one place of a pattern stands for. */
  private enum Kind { CHARACTER, ANY, PART, FOLDERS, REST, CLASS }

  private record Token(Kind kind, int character, List<int[]> ranges, boolean isNegated) {
    static Token of(Kind kind) {
      return new Token(kind, 0, List.of(), false);
    }

    boolean takes(int c) {
      return switch (kind) {
        case CHARACTER -> c == character;
        case ANY, PART -> c != '/';
        case REST, FOLDERS -> true;
        case CLASS -> ranges.stream().anyMatch(range -> range[0] <= c && c <= range[1]) != isNegated;
      };
    }

    boolean repeats() {
      return kind == Kind.PART || kind == Kind.REST;
    }
  }

  private final List<Token> tokens;

  /** Text that a match must be, begin with or end with; then nothing else is looked at. */
  private final String literal;

  private final Kind shape;

  private final StepBudget budget;

  private PathPattern(List<Token> tokens, String literal, Kind shape, StepBudget budget) {
    this.tokens = tokens;
    this.literal = literal;
    this.shape = shape;
    this.budget = budget;
  }

  /** @throws DockerfileException for brackets that do not close, or an escape at the end */
  public static PathPattern of(String pattern) {
    return of(pattern, newBudget());
  }

  /** Enough for a million paths and a dozen patterns of usual length; some seconds. */
  static StepBudget newBudget() {
    return new StepBudget(500_000_000L, "the patterns take too long to match; make them fewer or simpler");
  }

  /** @param budget shared by patterns that are matched together */
  static PathPattern of(String pattern, StepBudget budget) {
    boolean isLiteral = pattern.chars().noneMatch(c -> "*?[]\\".indexOf(c) >= 0);
    if (isLiteral) {
      return new PathPattern(List.of(), pattern, Kind.CHARACTER, budget);
    }
    List<Token> tokens = new Reader(pattern).read();
    String head = pattern.substring(0, Math.max(0, pattern.length() - 2));
    String tail = pattern.substring(Math.min(2, pattern.length()));
    if (pattern.startsWith("**") && tail.chars().noneMatch(c -> "*?[]\\".indexOf(c) >= 0)) {
      return new PathPattern(tokens, tail, Kind.FOLDERS, budget);
    }
    if (pattern.endsWith("**") && head.chars().noneMatch(c -> "*?[]\\".indexOf(c) >= 0)) {
      return new PathPattern(tokens, head, Kind.REST, budget);
    }
    return new PathPattern(tokens, "", Kind.CLASS, budget);
  }

  /**
   * @param path parts joined by slashes
   * @throws DockerfileException when all questions together took too long
   */
  public boolean matches(String path) {
    budget.take(1);
    return switch (shape) {
      case CHARACTER -> path.equals(literal);
      case FOLDERS -> path.endsWith(literal) || literal.startsWith("/") && path.equals(literal.substring(1));
      case REST -> path.startsWith(literal);
      default -> follow(path);
    };
  }

  private boolean follow(String path) {
    return tokens.size() < Long.SIZE ? followFew(path) : followMany(path);
  }

  /** The places the match may be at are bits of one number. */
  private boolean followFew(String path) {
    long states = entered(0);
    for (int at = 0; at < path.length() && states != 0; ) {
      int c = path.codePointAt(at);
      at += Character.charCount(c);
      budget.take(1);
      long next = 0;
      for (long rest = states & ~(1L << tokens.size()); rest != 0; rest &= rest - 1) {
        int state = Long.numberOfTrailingZeros(rest);
        Token token = tokens.get(state);
        if (token.kind() == Kind.FOLDERS) {
          // In the middle of folders: only a slash leads on.
          next |= 1L << state | (c == '/' ? entered(state + 1) : 0);
        } else if (token.takes(c)) {
          next |= entered(token.repeats() ? state : state + 1);
        }
      }
      states = next;
    }
    return (states >>> tokens.size() & 1) != 0;
  }

  private long entered(int from) {
    int state = from;
    long states = 1L << state;
    while (state < tokens.size() && mayBeNothing(tokens.get(state))) {
      states |= 1L << ++state;
    }
    return states;
  }

  private boolean followMany(String path) {
    BitSet states = new BitSet(tokens.size() + 1);
    enter(states, 0);
    for (int at = 0; at < path.length() && !states.isEmpty(); ) {
      int c = path.codePointAt(at);
      at += Character.charCount(c);
      BitSet next = new BitSet(tokens.size() + 1);
      budget.take(1 + states.cardinality());
      for (int state = states.nextSetBit(0); state >= 0 && state < tokens.size(); state = states.nextSetBit(state + 1)) {
        step(next, state, c);
      }
      states = next;
    }
    return states.get(tokens.size());
  }

  private void step(BitSet next, int state, int c) {
    Token token = tokens.get(state);
    if (token.kind() == Kind.FOLDERS) {
      next.set(state);
      if (c == '/') {
        enter(next, state + 1);
      }
    } else if (token.takes(c)) {
      enter(next, token.repeats() ? state : state + 1);
    }
  }

  /** Adds a state, and those that follow it without a character. */
  private void enter(BitSet states, int from) {
    int state = from;
    while (!states.get(state)) {
      states.set(state);
      state += state < tokens.size() && mayBeNothing(tokens.get(state)) ? 1 : 0;
    }
  }

  private static boolean mayBeNothing(Token token) {
    return token.repeats() || token.kind() == Kind.FOLDERS;
  }

  /** From the text to tokens. */
  private static final class Reader {
    private final int[] text;
    private final String pattern;
    private final List<Token> tokens = new ArrayList<>();
    private int at;

    Reader(String pattern) {
      this.pattern = pattern;
      this.text = pattern.codePoints().toArray();
    }

    List<Token> read() {
      while (at < text.length) {
        int c = text[at++];
        switch (c) {
          case '*' -> star();
          case '?' -> tokens.add(Token.of(Kind.ANY));
          case '[' -> tokens.add(characterClass());
          case '\\' -> tokens.add(character(escaped()));
          default -> tokens.add(character(c));
        }
      }
      return List.copyOf(tokens);
    }

    private void star() {
      if (peek() != '*') {
        tokens.add(Token.of(Kind.PART));
        return;
      }
      at++;
      if (peek() == '/') {
        at++;
      }
      tokens.add(Token.of(at == text.length ? Kind.REST : Kind.FOLDERS));
    }

    private Token characterClass() {
      boolean isNegated = peek() == '^';
      if (isNegated) {
        at++;
      }
      List<int[]> ranges = new ArrayList<>();
      while (peek() != ']' || ranges.isEmpty()) {
        int low = member();
        int high = low;
        if (peek() == '-') {
          at++;
          high = member();
        }
        if (high < low) {
          throw bad();
        }
        ranges.add(new int[] {low, high});
      }
      at++;
      return new Token(Kind.CLASS, 0, ranges, isNegated);
    }

    private int member() {
      int c = peek();
      if (c < 0 || c == '-' || c == ']') {
        throw bad();
      }
      at++;
      return c == '\\' ? escaped() : c;
    }

    private int escaped() {
      if (at == text.length) {
        throw bad();
      }
      return text[at++];
    }

    private int peek() {
      return at < text.length ? text[at] : -1;
    }

    private static Token character(int c) {
      return new Token(Kind.CHARACTER, c, List.of(), false);
    }

    private DockerfileException bad() {
      return new DockerfileException("syntax error in pattern " + Quoting.quoted(pattern));
    }
  }
}
