package dev.tallyman.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class CacheNeedsTest {
  private final CacheNeeds needs = new CacheNeeds();

  @Test
  void theLastBuildLetsGo() {
    needs.hold("x");
    needs.hold("x");

    assertFalse(needs.release("x"));
    assertTrue(needs.release("x"));
  }

  @Test
  void whatANameLedToGoesWhenNobodyElseNeedsIt() {
    assertEquals(List.of(), needs.lead("name", "x"));
    assertEquals(List.of(), needs.lead("other", "x"));
    assertEquals(List.of(), needs.lead("name", "y"));
    assertEquals(List.of("x"), needs.lead("other", "other"));
    needs.hold("y");
    assertEquals(List.of(), needs.lead("name", "z"));
    assertTrue(needs.release("y"), "now it may go");
    needs.hold("z");
    assertFalse(needs.release("z"), "a name leads to it");
    assertEquals(List.of("z"), needs.lead("name", "y"));
  }

  @Test
  void theLeastUsedNameIsForgotten() {
    for (int i = 0; i < CacheNeeds.MOST_NAMES; i++) {
      assertEquals(List.of(), needs.lead("name" + i, "x" + i));
    }
    assertEquals(List.of(), needs.lead("name0", "x0"));

    assertEquals(List.of("x1"), needs.lead("more", "more"));
  }
}
