package dev.tallyman.build;

import dev.tallyman.build.BuildRecords.OutputPiece;
import dev.tallyman.error.Credentials;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
  /** Of the whole, for one step. */
  private static final int SHARE = 4;

  private final int most;
  private final Map<Integer, Step> steps = new TreeMap<>();
  private int characters;

  /** @param most characters; 0 = nothing is kept */
  KeptOutput(long most) {
    this.most = (int) Math.min(most, MOST_BYTES);
  }

  private static final class Step {
    private final ArrayDeque<OutputPiece> lines = new ArrayDeque<>();
    private final StringBuilder line = new StringBuilder();
    private @Nullable Instant lineAt;
    private int characters;
    private boolean isCut;
  }

  /** @param step its number; @param text with or without line ends */
  void add(int step, Instant at, String text) {
    if (most == 0) {
      return;
    }
    Step to = steps.computeIfAbsent(step, each -> new Step());
    int from = 0;
    while (from < text.length()) {
      int end = text.indexOf('\n', from);
      int until = Math.min(end < 0 ? text.length() : end + 1, from + LONGEST_LINE - to.line.length());
      if (to.lineAt == null) {
        to.lineAt = at;
      }
      to.line.append(text, from, until);
      from = until;
      if (to.line.length() >= LONGEST_LINE || to.line.charAt(to.line.length() - 1) == '\n') {
        keep(to, new OutputPiece(to.lineAt, Credentials.removed(to.line.toString())));
        to.line.setLength(0);
        to.lineAt = null;
      }
    }
  }

  private void keep(Step step, OutputPiece line) {
    step.lines.add(line);
    step.characters += size(line);
    characters += size(line);
    while (step.characters > most / SHARE && !step.lines.isEmpty()) {
      drop(step);
    }
    for (Step each : steps.values()) {
      while (characters > most && !each.lines.isEmpty()) {
        drop(each);
      }
    }
  }

  private void drop(Step step) {
    int size = size(step.lines.remove());
    step.characters -= size;
    characters -= size;
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
