package dev.tallyman.build.dockerfile;

import java.util.Arrays;
import java.util.BitSet;

/**
 * A pattern of {@code ${v#p}} and its kin: {@code *} any text, {@code ?} any character, neither a line's end; no brackets. Matched by
 * following all possibilities at once, so the time is bounded by the lengths; what would take too long all the same is refused.
 */
final class ShellPattern {
  private static final int ANY = -2;
  private static final int ANY_TEXT = -3;
  private static final int LONGEST = 1024;

  private final int[] tokens;
  private final StepBudget budget;

  private ShellPattern(int[] tokens, StepBudget budget) {
    this.tokens = tokens;
    this.budget = budget;
  }

  static ShellPattern of(String pattern, StepBudget budget) {
    int[] text = pattern.codePoints().toArray();
    if (text.length > LONGEST) {
      throw new DockerfileException("the pattern of a substitution has more than " + LONGEST + " characters");
    }
    int[] tokens = new int[text.length];
    int count = 0;
    for (int i = 0; i < text.length; i++) {
      switch (text[i]) {
        case '*' -> tokens[count++] = ANY_TEXT;
        case '?' -> tokens[count++] = ANY;
        case '\\' -> tokens[count++] = escaped(pattern, i + 1 < text.length ? text[++i] : -1);
        default -> tokens[count++] = text[i];
      }
    }
    return new ShellPattern(Arrays.copyOf(tokens, count), budget);
  }

  private static int escaped(String pattern, int c) {
    if (c < 0 || "}/*?\\".indexOf(c) < 0) {
      String shown = c < 0 ? "" : Character.toString(c);
      throw new DockerfileException("invalid pattern (" + pattern + ") in substitution: invalid escape '\\" + shown + "'");
    }
    return c;
  }

  String withoutPrefix(String value, boolean isLongest) {
    int[] text = value.codePoints().toArray();
    int end = matchEnd(text, 0, isLongest);
    return end < 0 ? value : new String(text, end, text.length - end);
  }

  String withoutSuffix(String value, boolean isLongest) {
    int[] text = value.codePoints().toArray();
    int end = new ShellPattern(reversed(tokens), budget).matchEnd(reversed(text), 0, isLongest);
    return end < 0 ? value : new String(text, 0, text.length - end);
  }

  /** The first, or each, longest match replaced. */
  String replaced(String value, String replacement, boolean all) {
    int[] text = value.codePoints().toArray();
    StringBuilder out = new StringBuilder();
    int at = 0;
    int previousEnd = -1;
    while (at <= text.length) {
      int end = matchEnd(text, at, true);
      boolean isHit = end >= 0 && !(end == at && at == previousEnd);
      if (isHit) {
        out.append(replacement);
        previousEnd = end;
        if (!all) {
          return out.append(new String(text, end, text.length - end)).toString();
        }
      }
      if (isHit && end > at) {
        at = end;
      } else {
        if (at < text.length) {
          out.appendCodePoint(text[at]);
        }
        at++;
      }
      if (out.length() > Words.MAX_RESULT) {
        throw new DockerfileException("the expanded text has more than " + Words.MAX_RESULT + " characters");
      }
    }
    return out.toString();
  }

  /** Where the shortest or longest match that begins at {@code start} ends; -1: there is none. */
  private int matchEnd(int[] text, int start, boolean isLongest) {
    budget.take(1);
    BitSet states = new BitSet(tokens.length + 1);
    enter(states, 0);
    int found = -1;
    for (int i = start; ; i++) {
      if (states.get(tokens.length)) {
        found = i;
        if (!isLongest) {
          return found;
        }
      }
      if (i == text.length || states.isEmpty()) {
        return found;
      }
      states = after(states, text[i]);
    }
  }

  private BitSet after(BitSet states, int c) {
    BitSet next = new BitSet(tokens.length + 1);
    for (int state = states.nextSetBit(0); state >= 0; state = states.nextSetBit(state + 1)) {
      budget.take(1);
      if (state == tokens.length) {
        continue;
      }
      if (tokens[state] == ANY_TEXT && c != '\n') {
        enter(next, state);
      } else if (tokens[state] == c || tokens[state] == ANY && c != '\n') {
        enter(next, state + 1);
      }
    }
    return next;
  }

  /** Adds a state, and those that follow it without a character. */
  private void enter(BitSet states, int from) {
    int state = from;
    while (!states.get(state)) {
      states.set(state);
      state += state < tokens.length && tokens[state] == ANY_TEXT ? 1 : 0;
    }
  }

  private static int[] reversed(int[] values) {
    int[] out = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      out[i] = values[values.length - 1 - i];
    }
    return out;
  }
}
