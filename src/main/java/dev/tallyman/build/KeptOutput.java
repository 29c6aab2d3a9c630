package dev.tallyman.build;

import dev.tallyman.build.BuildRecords.OutputPiece;
import dev.tallyman.error.Credentials;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What commands of one build wrote, for its record: of each step the last lines, of the whole build no more than its bound, which earlier steps give
 * way to. What people write into addresses to be let in is left out. Not for several threads.
 */
final class KeptOutput {
  /** Beyond it the column has no room for what JSON makes of control characters. */
  private static final int MOST_BYTES = 512 << 10;
  private static final int LONGEST_LINE = 4 << 10;
  /** A line takes up more than its characters. */
  private static final int EACH = 64;
  private static final String TOO_LONG = "[a word of more than " + LONGEST_LINE + " characters is not kept]";
  /** Of the whole, for one step. */
  private static final int SHARE = 4;

  private final int most;
  private final Map<Integer, Step> steps = new TreeMap<>();
  private final Lines ended;
  private int characters;

  /** @param most characters; 0 = nothing is kept */
  KeptOutput(long most) {
    this(most, (step, line, isCut) -> {});
  }

  /** @param ended told of each line when it has ended */
  KeptOutput(long most, Lines ended) {
    this.most = (int) Math.min(most, MOST_BYTES);
    this.ended = ended;
  }

  /** Is told of lines as they are kept: without what lets people in. */
  interface Lines {
    /** @param isCut lines of the step before it are not kept */
    void line(int step, OutputPiece line, boolean isCut);
  }

  private static final class Step {
    private final int number;
    private final ArrayDeque<OutputPiece> lines = new ArrayDeque<>();
    /** What has not ended. */
    private final StringBuilder line = new StringBuilder();
    private @Nullable Instant lineAt;
    /** Of all that is kept of it, the line that has not ended included. */
    private int characters;
    private boolean isCut;
    /** The rest of a word that was not kept is not kept either: it may be the end of a password. */
    private boolean skipsWord;

    Step(int number) {
      this.number = number;
    }
  }

  /** @param step its number; @param text with or without line ends */
  void add(int step, Instant at, String text) {
    if (most == 0) {
      return;
    }
    Step to = steps.computeIfAbsent(step, Step::new);
    int from = 0;
    while (from < text.length()) {
      if (to.skipsWord) {
        to.skipsWord = !isBlank(text.charAt(from));
        from += to.skipsWord ? 1 : 0;
        continue;
      }
      int end = text.indexOf('\n', from);
      int until = Math.min(end < 0 ? text.length() : end + 1, from + LONGEST_LINE - to.line.length());
      if (to.lineAt == null) {
        to.lineAt = at;
        count(to, EACH);
      }
      to.line.append(text, from, until);
      count(to, until - from);
      from = until;
      if (to.line.charAt(to.line.length() - 1) == '\n') {
        end(to, to.line.length());
      } else if (to.line.length() == LONGEST_LINE) {
        cut(to, at);
      }
      trim(to);
    }
  }

  private void count(Step step, int more) {
    step.characters += more;
    characters += more;
  }

  /** No word is kept in two pieces, of which neither would tell that it lets people in. */
  private void cut(Step step, Instant at) {
    int end = step.line.length();
    while (end > 0 && !isBlank(step.line.charAt(end - 1))) {
      end--;
    }
    if (end == 0) {
      clear(step);
      step.skipsWord = true;
      ended(step, new OutputPiece(at, TOO_LONG));
      return;
    }
    String rest = step.line.substring(end);
    end(step, end);
    if (!rest.isEmpty()) {
      step.line.append(rest);
      step.lineAt = at;
      count(step, EACH + rest.length());
    }
  }

  /** As {@link Credentials} tells words apart. */
  private static boolean isBlank(char character) {
    return " \t\n\u000b\f\r".indexOf(character) >= 0;
  }

  /** Keeps so many characters of the line, and forgets the others. */
  private void end(Step step, int length) {
    OutputPiece piece = new OutputPiece(Objects.requireNonNull(step.lineAt), Credentials.removed(step.line.substring(0, length)));
    clear(step);
    ended(step, piece);
  }

  private void clear(Step step) {
    count(step, -step.line.length() - EACH);
    step.line.setLength(0);
    step.lineAt = null;
  }

  private void ended(Step step, OutputPiece line) {
    keep(step, line);
    ended.line(step.number, line, false);
  }

  private void keep(Step step, OutputPiece line) {
    step.lines.add(line);
    count(step, size(line));
  }

  /** A line as {@link #lines} told it. */
  void restore(int number, OutputPiece line, boolean isCut) {
    if (most > 0) {
      Step step = steps.computeIfAbsent(number, Step::new);
      step.isCut |= isCut;
      keep(step, line);
      trim(step);
    }
  }

  /** Tells of all lines that are kept and have ended, those of a step in their order. */
  void lines(Lines to) {
    for (Step each : steps.values()) {
      boolean isFirst = true;
      for (OutputPiece line : each.lines) {
        to.line(each.number, line, isFirst && each.isCut);
        isFirst = false;
      }
    }
  }

  private void trim(Step step) {
    while (step.characters > most / SHARE) {
      drop(step);
    }
    if (characters > most) {
      for (Step each : steps.values()) {
        while (characters > most && each.characters > 0) {
          drop(each);
        }
      }
    }
  }

  /** The oldest of it. */
  private void drop(Step step) {
    if (step.lines.isEmpty()) {
      step.skipsWord = !isBlank(step.line.charAt(step.line.length() - 1));
      clear(step);
    } else {
      count(step, -size(step.lines.remove()));
    }
    step.isCut = true;
  }

  private static int size(OutputPiece line) {
    return line.text().length() + EACH;
  }

  List<OutputPiece> of(int step) {
    Step found = steps.get(step);
    if (found == null) {
      return List.of();
    }
    List<OutputPiece> all = new ArrayList<>(found.lines);
    if (found.lineAt != null) {
      all.add(new OutputPiece(found.lineAt, Credentials.removed(found.line.toString())));
    }
    if (found.isCut && !all.isEmpty()) {
      all.add(0, new OutputPiece(all.get(0).at(), "[what was written before is not kept]\n"));
    }
    return all;
  }
}
