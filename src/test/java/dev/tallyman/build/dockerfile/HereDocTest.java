package dev.tallyman.build.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HereDocTest {
  private static Instruction.Run run(String text) {
    return (Instruction.Run) Dockerfile.parse("FROM a\n" + text).stages().get(0).instructions().get(0);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
      <<END        | END     | true  | false
      3<<END       | END     | true  | false
      <<-END       | END     | true  | true
      << END       | END     | true  | false
      <<'END'      | END     | false | false
      <<-"END"     | END     | false | true
      <<EN'D'      | END     | false | false
      <<it\\'s     | it's    | true  | false
      <<'two words'| two words | false | false
      <<$END       | $END    | true  | false
      <<file.txt   | file.txt | true | false
      """)
  void readsTheWordThatOpens(String word, String name, boolean isExpanded, boolean isChomped) {
    Instruction.Run run = run("RUN " + word + " cat\nline\n" + name + "\n");

    assertEquals(List.of(new HereDoc(name, "line\n", isExpanded, isChomped)), run.hereDocs());
  }

  @ParameterizedTest
  @ValueSource(strings = {"RUN \"<<END\"", "RUN '<<END'", "RUN cat <<<END", "RUN cat <<", "RUN cat <END", "RUN [\"<<END\"]", "RUN echo $((1<<2<<3))"})
  void otherThingsOpenNone(String line) {
    assertEquals(List.of(), run(line + "\n").hereDocs());
  }

  @Test
  void severalFollowEachOther() {
    Instruction.Copy copy = (Instruction.Copy) Dockerfile.parse("FROM a\nCOPY <<X <<-Y z /d\nY\nX\n\tx\n\tY\nRUN b\n").stages().get(0).instructions().get(0);

    assertEquals(List.of("z"), copy.sources().paths());
    assertEquals(List.of("Y\n", "x\n"), copy.sources().files().stream().map(HereDoc::text).toList());
    assertEquals(new Position(2, 1, 6), copy.at());
  }

  @Test
  void commentsInsideAreContent() {
    assertEquals("# one\n\nfoo \\\nbar\n", run("RUN <<E\n# one\n\nfoo \\\nbar\nE\n").commandWithHereDocs().words().get(0));
  }

  @Test
  void oneAloneIsTheShellsText() {
    Instruction.Run run = run("RUN <<-E\n\techo a\n\t\techo b\n\tE\n");

    assertEquals(new CommandForm(true, List.of("echo a\necho b\n")), run.commandWithHereDocs());
    assertNull(run.scriptFile());
  }

  @Test
  void oneAloneWithAnInterpreterIsAFile() {
    Instruction.Run run = run("RUN <<E\n#!/usr/bin/env python3\nprint(1)\nE\n");

    assertNotNull(run.scriptFile());
    assertEquals("E", run.scriptFile().name());
  }

  @Test
  void othersAreLeftToTheShell() {
    assertEquals("cat <<E | sort <<F\n1\nE\n2\nF", run("RUN cat <<E | sort <<F\n1\nE\n2\nF\n").commandWithHereDocs().words().get(0));
    assertNull(run("RUN sh <<E\n#!/bin/x\nE\n").scriptFile());
  }

  @Test
  void onesWithoutAnEndAreRefused() {
    DockerfileException refused = assertThrows(DockerfileException.class, () -> run("RUN <<END\nline\nENDING\n"));

    assertTrue(refused.getMessage().startsWith("dockerfile parse error on line 2: unterminated heredoc\nDockerfile:2:7"), refused::getMessage);
    assertTrue(refused.getMessage().contains("expected a line with nothing but END"), refused::getMessage);
  }

  @Test
  void noneIsADestination() {
    DockerfileException refused = assertThrows(DockerfileException.class, () -> run("COPY a <<E\nE\n"));

    assertEquals("COPY cannot accept a heredoc as a destination", refused.reason());
  }
}
