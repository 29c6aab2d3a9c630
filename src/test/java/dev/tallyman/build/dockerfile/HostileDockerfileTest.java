package dev.tallyman.build.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts that nobody means well with: each is read or refused with {@link DockerfileException}, in bounded time. */
class HostileDockerfileTest {
  private static final List<String> PIECES = List.of(
      "FROM ", "a", " AS b", "\n", "\\\n", "RUN ", "COPY ", "<<E", "E\n", "<<-'E'", "--mount=", "type=cache,", "target=/a", "\"", "'", "[", "]", ",", "{", "}", "$",
      "${", ":-", "#", "# escape=`\n", "`", "\\", "ENV ", "A=", "=", " ", "\t", "\r", "ONBUILD ", "HEALTHCHECK ", "CMD ", "--interval=", "1s", "ARG ", "%%", "//", "*",
      "?", "\u00a0", "\ufeff", "\ud800", "é", "☃", "\0", "EXPOSE ", "VOLUME ", "LABEL ", "SHELL ", "USER ", "--", "<<", "<");

  private static boolean readsOrRefuses(String text) {
    try {
      Dockerfile file = Dockerfile.parse(text);
      Words words = new Words(name -> name.length() % 2 == 0 ? name : null, file.directives().escape());
      Checks.of(file, new CheckFacts(Map.of("a", "b"), Map.of(), image -> Map.of("c", "d"), null));
      for (Stage stage : file.stages()) {
        for (Instruction each : stage.instructions()) {
          file.expand(each, words);
          if (each instanceof Instruction.Run run) {
            run.commandWithHereDocs();
            run.scriptFile();
            run.mounts(words);
          }
        }
      }
      return true;
    } catch (DockerfileException refused) {
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void randomBytesAreReadOrRefused(long seed) {
    Random random = new Random(seed);

    assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          for (int i = 0; i < 5_000; i++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            readsOrRefuses(new String(bytes, StandardCharsets.UTF_8));
            readsOrRefuses("FROM a\nRUN " + new String(bytes, StandardCharsets.ISO_8859_1));
          }
        });
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14})
  void randomPiecesAreReadOrRefused(long seed) {
    Random random = new Random(seed);

    int read = assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          int count = 0;
          for (int i = 0; i < 10_000; i++) {
            StringBuilder text = new StringBuilder("FROM a\n");
            for (int j = random.nextInt(25); j > 0; j--) {
              text.append(PIECES.get(random.nextInt(PIECES.size())));
            }
            count += readsOrRefuses(text.toString()) ? 1 : 0;
          }
          return count;
        });

    assertTrue(read > 100 && read < 9_900, "the texts were all good or all bad: " + read);
  }

  @Test
  void filesOfMoreThanAMebibyteAreRefused() {
    String line = "#" + "x".repeat(1022) + "\n";

    assertTrue(readsOrRefuses("FROM a\n" + line.repeat(1000)));
    DockerfileException refused = assertThrows(DockerfileException.class, () -> Dockerfile.parse("FROM a\n" + line.repeat(1024)));
    assertTrue(refused.getMessage().contains("more than 1048576 bytes"), refused::getMessage);
    assertThrows(DockerfileException.class, () -> Dockerfile.parse("FROM a\n" + "#☃☃☃\n".repeat(100_000)));
  }

  @Test
  void linesOfMoreThan64KibibytesAreRefused() {
    DockerfileException refused = assertThrows(DockerfileException.class, () -> Dockerfile.parse("\nFROM a\nLABEL a=" + "x".repeat(65_536)));

    assertEquals("dockerfile line greater than max allowed size of 65535", refused.reason());
    assertTrue(refused.getMessage().startsWith("dockerfile parse error on line 3: "), refused::getMessage);
    assertTrue(refused.getMessage().length() < 1_000, "the whole line is shown");
    assertTrue(readsOrRefuses("FROM a\nLABEL a=" + "x".repeat(65_000)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ONBUILD ", "[", "{\"a\":", "<<E ", "\\", "'\"", "--a=b ", "a=b ", "${a:-", "\"$", "$$", " ", "\t\u00a0", "É", "1<<", "<<-'", "*", "=,"})
  void repeatedPiecesTakeBoundedTime(String piece) {
    String many = piece.repeat(60_000 / piece.getBytes(StandardCharsets.UTF_8).length);

    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          for (String start : List.of("", "RUN ", "COPY ", "ENV a=", "ENV ", "CMD [", "ONBUILD RUN ", "RUN --mount=", "HEALTHCHECK ", "WORKDIR ", "EXPOSE ", "# check=")) {
            readsOrRefuses("FROM a\n" + start + many + "\nE\n");
          }
          readsOrRefuses(many);
        });
  }

  @Test
  void manyContinuationLinesTakeBoundedTime() {
    assertTimeoutPreemptively(Duration.ofSeconds(20), () -> assertTrue(readsOrRefuses("FROM a\nRUN b" + " \\\n\n# c\n".repeat(100_000) + "d\n")));
    assertTimeoutPreemptively(Duration.ofSeconds(20), () -> assertTrue(readsOrRefuses("FROM a\n" + "RUN x\n".repeat(9_999))));
  }

  @Test
  void tooManyInstructionsOrStagesAreRefused() {
    DockerfileException refused = assertThrows(DockerfileException.class, () -> Dockerfile.parse("FROM a\n" + "RUN x\n".repeat(10_000)));
    assertEquals("a Dockerfile has at most 10000 instructions and 1000 stages", refused.reason());
    assertThrows(DockerfileException.class, () -> Dockerfile.parse("FROM a\n".repeat(1_002)));
    assertTrue(readsOrRefuses("FROM a\n".repeat(1_000)));
  }

  @Test
  void checksTakeBoundedTimeAndRoom() {
    StringBuilder text = new StringBuilder("FROM a AS b\nENV v=").append("x".repeat(1_000)).append('\n');
    for (int i = 0; i < 4_000; i++) {
      text.append("ENV name").append(i).append("=$v$v$v$v$missing").append(i).append('\n');
    }
    text.append("FROM b\nWORKDIR $nam1\n".repeat(900));

    Checks checks = assertTimeoutPreemptively(
        Duration.ofSeconds(30), () -> Checks.of(Dockerfile.parse(text.toString()), new CheckFacts(Map.of(), Map.of(), image -> Map.of(), null)));

    assertEquals(500, checks.warnings().size());
  }

  @Test
  void hostilePatternsOfAWholeFileHaveOneBudget() {
    String text = "FROM a\nARG v=" + "a".repeat(60_000) + "\n" + "ENV x=${v##*a*a*a*a*a*a*a*a*a*b}\n".repeat(9_000);

    assertTimeoutPreemptively(Duration.ofSeconds(30), () -> Checks.of(Dockerfile.parse(text), CheckFacts.none()));
  }
}
