package dev.tallyman.build;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tallyman.image.ImageConfig.Healthcheck;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The expected texts are those of dockerd 28.5.2. */
class HistoryTextTest {
  @Test
  void quotesAsGoDoes() {
    assertEquals("[\"a\" \"b c\" \"\"]", HistoryText.quoted(List.of("a", "b c", "")));
    assertEquals("[\"\\\"x\\\" \\\\ \\n\\t\\x01\\x7f \\u00a0\\u200b ü☃ 😀 '\"]", HistoryText.quoted(List.of("\"x\" \\ \n\t\u0001\u007f \u00a0\u200b ü☃ 😀 '")));
    assertEquals("[]", HistoryText.quoted(List.of()));
    assertEquals("[/a /b c]", HistoryText.list(List.of("/a", "/b c")));
  }

  @Test
  void tellsHealthchecks() {
    assertEquals("&{[\"NONE\"] \"0s\" \"0s\" \"0s\" \"0s\" '\\x00'}", HistoryText.quoted(new Healthcheck(List.of("NONE"), 0, 0, 0, 0, 0)));
    assertEquals(
        "&{[\"CMD-SHELL\" \"wget -q localhost || exit 1\"] \"5s\" \"1.5s\" \"1m0s\" \"2s\" '\\x04'}",
        HistoryText.quoted(new Healthcheck(List.of("CMD-SHELL", "wget -q localhost || exit 1"), 5_000_000_000L, 1_500_000_000L, 60_000_000_000L, 2_000_000_000L, 4)));
    assertEquals("&{[] \"0s\" \"0s\" \"0s\" \"0s\" '\\''}", HistoryText.quoted(new Healthcheck(List.of(), 0, 0, 0, 0, 39)));
  }

  @ParameterizedTest
  @CsvSource({"0,0s", "1,1ns", "1500,1.5µs", "100000000,100ms", "1000000000,1s", "90000000000,1m30s", "3600000000000,1h0m0s", "3661500000000,1h1m1.5s"})
  void tellsDurations(long nanos, String text) {
    assertEquals(text, HistoryText.duration(nanos));
  }
}
