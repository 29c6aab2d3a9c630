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

  /** What has not ended counts, too, however many steps leave such a line. */
  @Test
  void linesWithoutEndAreWithinTheBound() {
    KeptOutput output = new KeptOutput(512 << 10);

    for (int step = 0; step < 1_000; step++) {
      output.add(step, AT, "\u001b".repeat(4_095));
    }

    long all = 0;
    for (int step = 0; step < 1_000; step++) {
      all += characters(output, step);
    }
    assertTrue(all <= 512 << 10, "kept " + all);
    assertEquals(4_095, characters(output, 999));
    KeptOutput small = new KeptOutput(400);
    small.add(1, AT, "a".repeat(300));
    small.add(1, AT, "a b");
    assertEquals(List.of("[what was written before is not kept]\n", " b"), texts(small, 1));
  }

  /** Wherever a long line is cut, and whatever of it is dropped. */
  @Test
  void leavesOutWhatLetsPeopleInWhereALongLineIsCut() {
    String address = "https://me:password@host/x";
    for (int before = 4_060; before < 4_100; before++) {
      KeptOutput output = new KeptOutput(512 << 10);

      output.add(1, AT, "y".repeat(before - 1) + " " + address + " z\n");

      String kept = String.join("", texts(output, 1));
      assertTrue(kept.endsWith(" https://host/x z\n"), before + ": " + kept.substring(Math.max(0, kept.length() - 60)));
      KeptOutput dropping = new KeptOutput(4 * before);
      dropping.add(1, AT, "y".repeat(before - 80) + " " + address.substring(0, 14));
      dropping.add(1, AT, address.substring(14) + " z".repeat(100) + "\n");
      assertTrue(texts(dropping, 1).stream().noneMatch(each -> each.contains("word")), before + ": " + texts(dropping, 1));
    }
    KeptOutput endless = new KeptOutput(512 << 10);
    endless.add(1, AT, "a " + "y".repeat(5_000) + address + " b\n");
    assertEquals(List.of("a ", "[a word of more than 4096 characters is not kept]", " b\n"), texts(endless, 1));
  }
}
