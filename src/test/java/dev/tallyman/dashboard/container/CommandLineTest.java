package dev.tallyman.dashboard.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
  @Test
  void splitsAtBlanks() {
    assertEquals(List.of("ls", "-l", "/tmp"), CommandLine.split("  ls -l\t/tmp\n"));
    assertEquals(List.of(), CommandLine.split(" \t "));
  }

  @Test
  void keepsWhatIsQuoted() {
    assertEquals(List.of("sh", "-c", "echo 'a  b'; exit 3"), CommandLine.split("sh -c \"echo 'a  b'; exit 3\""));
    assertEquals(List.of("echo", "$HOME \\n", ""), CommandLine.split("echo '$HOME \\n' ''"));
  }

  @Test
  void joinsPartsOfOneWord() {
    assertEquals(List.of("--name=a b", "c d"), CommandLine.split("--name='a b' c\\ d"));
  }

  @Test
  void keepsBackslashesInDoubleQuotesUnlessTheyQuote() {
    assertEquals(List.of("a\"b\\c\\n$"), CommandLine.split("\"a\\\"b\\\\c\\n\\$\""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"echo 'open", "echo \"open", "echo \"open\\\"", "echo \\"})
  void refusesWhatIsNotFinished(String text) {
    TallymanException failure = assertThrows(TallymanException.class, () -> CommandLine.split(text));

    assertEquals(ErrorKind.INVALID, failure.kind());
  }
}
