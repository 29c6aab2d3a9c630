package dev.tallyman.dashboard.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TerminalTextTest {
  @Test
  void takesOutColoursAndMovements() {
    assertEquals("red plain\n", TerminalText.plain("\u001b[1;31mred\u001b[0m pl\u001b[2Kain\r\n"));
  }

  @Test
  void takesOutTitlesAndLinks() {
    assertEquals("ab", TerminalText.plain("a\u001b]0;owned\u0007b"));
    assertEquals("text", TerminalText.plain("\u001b]8;;https://evil.example\u001b\\text\u001b]8;;\u001b\\"));
  }

  @Test
  void takesOutControlsAndMarksThatTurnTheText() {
    assertEquals("a\tb\nc", TerminalText.plain("a\tb\n\u0000\u0008\u202ec\u009b"));
  }

  @Test
  void isQuickWithHostileText() {
    String hostile = "\u001b]".repeat(200_000) + "\u001b[" + ";".repeat(200_000);

    assertTimeoutPreemptively(Duration.ofSeconds(5), () -> TerminalText.plain(hostile));
  }
}
