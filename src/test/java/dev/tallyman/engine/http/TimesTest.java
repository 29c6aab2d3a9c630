package dev.tallyman.engine.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.error.TallymanException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimesTest {
  @Test
  void readsSecondsTimesAndDurations() {
    assertNull(Times.parse("", "since"));
    assertNull(Times.parse("0", "since"));
    assertEquals(Instant.ofEpochSecond(1_700_000_000, 500), Times.parse("1700000000.000000500", "since"));
    assertEquals(Instant.parse("2026-11-28T09:00:00Z"), Times.parse("2026-11-28T10:00:00+01:00", "since"));
    assertEquals(Instant.parse("2026-11-28T09:00:00Z"), Times.parse("2026-11-28T09:00:00", "since"));
    assertEquals(Instant.parse("2026-11-28T00:00:00Z"), Times.parse("2026-11-28", "since"));
    Instant before = Times.parse("1h30m", "since");
    assertTrue(Duration.between(before, Instant.now()).minusMinutes(90).abs().toSeconds() < 5);
  }

  @Test
  void refusesTheRestByName() {
    for (String each : List.of("yesterday", "1x", "2026-13-01", "-", "1700000000.")) {
      TallymanException refusal = assertThrows(TallymanException.class, () -> Times.parse(each, "until"), each);
      assertTrue(String.valueOf(refusal.getMessage()).contains("until"));
    }
  }

  @Test
  void writesNanosecondsAndNever() {
    assertEquals("2026-11-28T09:00:00.000000001Z", Times.text(Instant.parse("2026-11-28T09:00:00.000000001Z")));
    assertEquals("0001-01-01T00:00:00Z", Times.text(null));
  }
}
