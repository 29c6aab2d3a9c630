package dev.tallyman.container;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamePatternTest {
  @ParameterizedTest
  @CsvSource({"IZ, SIZE, true", "^IZ, SIZE, false", "^(io|net)\\., io.shop, true", "^(io|net)\\., ioshop, false", "'a{2,3}$', baaa, true", "(?i)size, SIZE, true"})
  void isFoundAnywhereUnlessAnchored(String pattern, String name, boolean isChosen) {
    NamePattern.check("labels-regex", pattern);

    assertEquals(isChosen, NamePattern.of(pattern).test(name));
  }

  /** One that an engine which tries and goes back would not finish in this life. */
  @Test
  void takesTimeByTheNameAlone() {
    NamePattern.check("env-regex", "^(a+)+$");

    assertEquals(false, NamePattern.of("^(a+)+$").test("a".repeat(10_000) + "b"));
  }
}
