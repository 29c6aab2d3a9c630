package dev.tallyman.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.build.BuildRecords.OutputPiece;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeptOutputTest {
  private static final Instant AT = Instant.EPOCH;

  private static List<String> texts(KeptOutput output, int step) {
    return output.of(step).stream().map(OutputPiece::text).toList();
  }

  private static long characters(KeptOutput output, int step) {
    return output.of(step).stream().mapToLong(each -> each.text().length()).sum();
  }

  @Test
  void keepsLinesWithTheTimeOfTheirFirstCharacter() {
    KeptOutput output = new KeptOutput(10_000);

    output.add(3, AT, "one\ntw");
    output.add(3, AT.plusSeconds(1), "o\n\nrest");

    assertEquals(List.of("one\n", "two\n", "\n", "rest"), texts(output, 3));
    assertEquals(List.of(0L, 0L, 1L, 1L), output.of(3).stream().map(each -> each.at().getEpochSecond()).toList());
    assertEquals(List.of(), output.of(4));
  }

  @Test
  void leavesOutWhatLetsPeopleIn() {
    KeptOutput output = new KeptOutput(10_000);

    output.add(1, AT, "fetching https://me:pass");
    output.add(1, AT, "word@host/x\nand https://me:other@host");

    assertEquals(List.of("fetching https://host/x\n", "and https://host"), texts(output, 1));
  }

  @Test
  void keepsTheLastOfAStepAndSaysSo() {
    KeptOutput output = new KeptOutput(4_000);

    for (int i = 0; i < 100; i++) {
      output.add(1, AT, "line " + i + "\n");
    }

    assertTrue(texts(output, 1).get(0).contains("not kept"), texts(output, 1).toString());
    assertEquals("line 99\n", texts(output, 1).get(texts(output, 1).size() - 1));
    assertTrue(characters(output, 1) < 1_000);
  }

  /** Many steps, lines without end, and lines of nothing. */
  @Test
  void takesNoMoreThanItsBound() {
    KeptOutput output = new KeptOutput(40_000);

    for (int step = 0; step < 20; step++) {
      output.add(step, AT, "x".repeat(100_000));
      output.add(step, AT, "\n".repeat(1_000));
    }

    long all = 0;
    for (int step = 0; step < 20; step++) {
      all += characters(output, step) + 64L * output.of(step).size();
    }
    assertTrue(all < 42_000, "kept " + all);
    assertEquals(List.of(), output.of(0));
    assertEquals("\n", texts(output, 19).get(5));
    KeptOutput none = new KeptOutput(0);
    none.add(1, AT, "x\n");
    assertEquals(List.of(), none.of(1));
    KeptOutput huge = new KeptOutput(Long.MAX_VALUE);
    huge.add(1, AT, "y".repeat(1 << 20));
    assertTrue(characters(huge, 1) <= 512 << 10);
  }
}
