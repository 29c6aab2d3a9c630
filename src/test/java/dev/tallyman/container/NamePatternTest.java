package dev.tallyman.container;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamePatternTest {
  @ParameterizedTest
  @CsvSource({"IZ, SIZE, true", "^IZ, SIZE, false", "^(io|net)\\., io.shop, true", "^(io|net)\\., ioshop, false", "'a{2,3}$', baaa, true", "(?i)size, SIZE, true"})
  void isFoundAnywhereUnlessAnchored(String pattern, String name, boolean isChosen) {
    NamePattern.check("labels-regex", pattern);

    assertEquals(isChosen, NamePattern.of(pattern).test(name));
  }

  /** As large and as deep as they may be. */
  @ParameterizedTest
  @ValueSource(strings = {"(?:a?a?a?a?a?a?){0,80}b", "(?:(?:a?){0,9}){0,9}b", "(a{20}b){9}", "(?i)[^a-z]{0,100}é"})
  void endsWithTheLongestName(String pattern) {
    NamePattern.check("labels-regex", pattern);

    assertEquals(false, NamePattern.of(pattern).test("a".repeat(1000)));
  }

  @Test
  void endsWithTheLongestOptionalPartsAndGroups() {
    String optional = "a?".repeat(499) + "b";
    String nested = "(".repeat(499) + "b" + ")".repeat(499);
    NamePattern.check("labels-regex", optional);
    NamePattern.check("labels-regex", nested);

    assertEquals(false, NamePattern.of(optional).test("a".repeat(1000)));
    assertEquals(true, NamePattern.of(nested).test("a".repeat(999) + "b"));
    assertEquals(false, NamePattern.of(nested).test("a".repeat(1000) + "b"));
  }

  /** One that an engine which tries and goes back would not finish in this life. */
  @Test
  void takesTimeByTheNameAlone() {
    NamePattern.check("env-regex", "^(a+)+$");

    assertEquals(false, NamePattern.of("^(a+)+$").test("a".repeat(999) + "b"));
  }
}
