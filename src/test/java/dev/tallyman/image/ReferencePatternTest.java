package dev.tallyman.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tallyman.error.TallymanException;
import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReferencePatternTest {
  @ParameterizedTest
  @CsvSource({
    "busybox, busybox:1, true", "busybox:1, busybox:1, true", "busybox:2, busybox:1, false", "busy*, busybox:1, true", "*box:*, busybox:1, true", "b?sybox, busybox:1, true",
    "*, team/app:1, false", "*/*, team/app:1, true", "team/*:1, team/app:1, true", "[a-c]usybox, busybox:1, true", "[^a-c]usybox, busybox:1, false", "busybox*, busy:1, false",
    "*x*, busybox:1, true", "busybox:*, busybox:1.2.3, true", "b\\*, busybox:1, false",
  })
  void matchesAsGoDoes(String pattern, String reference, boolean expected) {
    assertEquals(expected, ReferencePattern.of(pattern).matches(ImageReference.parse(reference)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "[]", "a\\", "[^"})
  void refusesBrokenPatterns(String pattern) {
    assertThrows(TallymanException.class, () -> ReferencePattern.of(pattern));
  }

  @Test
  void staysQuickWithManyStars() {
    ReferencePattern pattern = ReferencePattern.of("*a".repeat(250) + "b");

    Assertions.assertTimeoutPreemptively(Duration.ofSeconds(5), () -> assertFalse(pattern.matches("a".repeat(100_000))));
  }
}
