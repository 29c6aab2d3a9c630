package dev.tallyman.build.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.error.ErrorKind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DockerfileTest {
  private static Instruction only(String line) {
    List<Instruction> instructions = Dockerfile.parse("FROM base\n" + line + "\n").stages().get(0).instructions();
    assertEquals(1, instructions.size());
    return instructions.get(0);
  }

  private static <T extends Instruction> T only(String line, Class<T> type) {
    return assertInstanceOf(type, only(line));
  }

  @Test
  void readsStagesAndWhatIsBeforeThem() {
    Dockerfile file = Dockerfile.parse("ARG V=3 W\nFROM --platform=$BUILDPLATFORM debian:$V AS Build\nRUN make\nFROM scratch\nCOPY --from=build /a /b\n");

    assertEquals(List.of(new Instruction.Arg.Value("V", "3"), new Instruction.Arg.Value("W", null)), file.globals().get(0).values());
    assertEquals(2, file.stages().size());
    assertEquals("build", file.stages().get(0).name());
    assertEquals("debian:$V", file.stages().get(0).from().image());
    assertEquals("$BUILDPLATFORM", file.stages().get(0).from().platform());
    assertNull(file.stages().get(1).name());
    assertEquals(file.stages().get(0), file.stage("BUILD"));
    assertEquals(file.stages().get(1), file.stage("1"));
    assertNull(file.stage("other"));
    assertEquals("build", ((Instruction.Copy) file.stages().get(1).instructions().get(0)).from());
  }

  @Test
  void joinsContinuationLinesAndKnowsWhereTheyAre() {
    Dockerfile file = Dockerfile.parse("# a remark\n\n  FROM base\nRUN one \\\n  # in between\n\n  two \\\t\n three\nUSER me\n");
    Instruction.Run run = (Instruction.Run) file.stages().get(0).instructions().get(0);

    assertEquals(new Position(3, 3, 3), file.stages().get(0).from().at());
    assertEquals(List.of("one   two  three"), run.command().words());
    assertEquals(new Position(4, 1, 8), run.at());
    assertEquals("RUN one   two  three", run.original());
    assertEquals(List.of("NoEmptyContinuation"), file.warnings().stream().map(Warning::rule).toList());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      RUN a \\\\          | a \\\\
      RUN a \\ b          | a \\ b
      RUN a # b           | a # b
      run   a             | a
      RUN\ta              | a
      RUN "a" 'b'         | "a" 'b'
      RUN ['a', 'b']      | ['a', 'b']
      RUN [ "a", "b"      | [ "a", "b"
      RUN ["a"] b         | ["a"] b
      RUN a --b           | a --b
      RUN -- --a          | --a
      """)
  void keepsTheShellsText(String line, String text) {
    assertEquals(new CommandForm(true, List.of(text)), only(line, Instruction.Run.class).command());
  }

  @Test
  void readsTheJsonForm() {
    assertEquals(new CommandForm(false, List.of("a b", "é☃", "\"\\\t")), only("CMD [ \"a b\",\"\\u00e9☃\" , \"\\\"\\\\\\t\" ]", Instruction.Cmd.class).command());
    assertEquals(new CommandForm(false, List.of()), only("ENTRYPOINT []", Instruction.Entrypoint.class).command());
    assertEquals(List.of("/bin/bash", "-c"), only("SHELL [\"/bin/bash\", \"-c\"]", Instruction.Shell.class).shell());
    assertEquals(List.of("/bin/sh", "-c", "a b"), only("CMD a b", Instruction.Cmd.class).command().command(List.of("/bin/sh", "-c")));
    assertEquals(List.of("a"), only("CMD [\"a\"]", Instruction.Cmd.class).command().command(List.of("/bin/sh", "-c")));
  }

  @Test
  void readsPairsOldAndNew() {
    assertEquals(
        List.of(new Pair("A", "1", false), new Pair("B", "'two words'", false), new Pair("C", "esc\\ aped", false), new Pair("D", "\"x=y\"", false)),
        only("ENV A=1 B='two words' \\\n  C=esc\\ aped D=\"x=y\"", Instruction.Env.class).pairs());
    assertEquals(List.of(new Pair("A", "1  B=2", true)), only("ENV A  1  B=2", Instruction.Env.class).pairs());
    assertEquals(List.of(new Pair("k", "", false)), only("LABEL k=", Instruction.Label.class).pairs());
  }

  @Test
  void readsFilesAndTheirFlags() {
    Instruction.Copy copy = only("COPY --from=build --chown=1:2 --chmod=u+x --link --parents=false --exclude=*.o --exclude=.git a b/ /c/", Instruction.Copy.class);
    Instruction.Add add = only("ADD --checksum=sha256:ab --keep-git-dir=true --unpack=false [\"a b\", \"/c\"]", Instruction.Add.class);

    assertEquals(new FileSources(List.of("a", "b/"), List.of(), "/c/"), copy.sources());
    assertEquals(List.of("build", "1:2", "u+x"), List.of(copy.from(), copy.chown(), copy.chmod()));
    assertTrue(copy.isLinked());
    assertFalse(copy.keepsParents());
    assertEquals(List.of("*.o", ".git"), copy.excludes());
    assertEquals(new FileSources(List.of("a b"), List.of(), "/c"), add.sources());
    assertEquals("sha256:ab", add.checksum());
    assertEquals(Boolean.TRUE, add.keepsGitDir());
    assertEquals(Boolean.FALSE, add.unpacks());
    assertNull(only("ADD a /b", Instruction.Add.class).unpacks());
  }

  @Test
  void readsTheRest() {
    Instruction.Healthcheck check = only("HEALTHCHECK --interval=1m30s --timeout=1.5s --start-period=0s --retries=4 CMD [\"a\"]", Instruction.Healthcheck.class);

    assertEquals(Duration.ofSeconds(90), check.interval());
    assertEquals(Duration.ofMillis(1500), check.timeout());
    assertEquals(4, check.retries());
    assertEquals(new CommandForm(false, List.of("a")), check.command());
    assertEquals(new CommandForm(true, List.of("curl x | grep y")), only("HEALTHCHECK CMD curl x | grep y", Instruction.Healthcheck.class).command());
    assertNull(only("HEALTHCHECK none", Instruction.Healthcheck.class).command());
    assertEquals(List.of("443", "53/udp", "80"), only("EXPOSE 80 443 53/udp", Instruction.Expose.class).ports());
    assertEquals(List.of("/a", "/b"), only("VOLUME /a /b", Instruction.Volume.class).paths());
    assertEquals("/a b", only("WORKDIR /a b", Instruction.Workdir.class).path());
    assertEquals("me:us", only("USER me:us", Instruction.User.class).user());
    assertEquals("SIGINT", only("STOPSIGNAL SIGINT", Instruction.StopSignal.class).signal());
    assertEquals("A B <a@b>", only("MAINTAINER A B <a@b>", Instruction.Maintainer.class).name());
    assertEquals(
        List.of(new Instruction.Arg.Value("A", null), new Instruction.Arg.Value("B", "'x y'"), new Instruction.Arg.Value("C", "")),
        only("ARG A B='x y' C=", Instruction.Arg.class).values());
  }

  @Test
  void readsTriggersLater() {
    Instruction.OnBuild trigger = only("ONBUILD   COPY <<A . /b\nx\nA", Instruction.OnBuild.class);
    Instruction.Copy copy = assertInstanceOf(Instruction.Copy.class, Dockerfile.trigger(trigger.trigger()));

    assertEquals("COPY <<A . /b\nx\nA", trigger.trigger());
    assertEquals("x\n", copy.sources().files().get(0).content());
    assertThrows(DockerfileException.class, () -> Dockerfile.trigger("RUN a\nRUN b"));
    assertThrows(DockerfileException.class, () -> Dockerfile.trigger("FROM a"));
    assertTrue(assertThrows(DockerfileException.class, () -> Dockerfile.trigger("NOPE a")).getMessage().contains("ONBUILD:1:1"));
  }

  @Test
  void takesBackticksWhenTold() {
    Dockerfile file = Dockerfile.parse("# escape=`\n# check=skip=all\nFROM base\nCOPY a `\n C:\\dir\\\nRUN b\n");

    assertEquals('`', file.directives().escape());
    assertEquals("skip=all", file.directives().check());
    assertEquals("C:\\dir\\", ((Instruction.Copy) file.stages().get(0).instructions().get(0)).sources().target());
    assertEquals(2, file.stages().get(0).instructions().size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n# escape=`\nFROM a", "# remark\n# escape=`\nFROM a", "FROM a\n# escape=`", "# unknown=1\n# escape=`\nFROM a"})
  void directivesStandAtTheTopOnly(String text) {
    assertEquals('\\', Dockerfile.parse(text).directives().escape());
  }

  @Test
  void skipsAByteOrderMark() {
    assertEquals("docker/dockerfile:1", Dockerfile.parse("\ufeff# SYNTAX = docker/dockerfile:1 \r\nFROM a\r\nRUN b\r\n").directives().syntax());
  }

  @Test
  void expandsOnlyWhatDockerExpands() {
    Dockerfile file = Dockerfile.parse("FROM a\nENV A=$B B=2\nRUN echo $B\nCOPY --chown=$B --exclude=$B $B <<F /$B/\n'$B'\nF\nEXPOSE $P\nCMD $B\n");
    Words words = new Words(Lookup.of(Map.of("B", "1", "P", "80 90")), '\\');
    List<Instruction> all = file.stages().get(0).instructions().stream().map(each -> file.expand(each, words)).toList();

    assertEquals(List.of(new Pair("A", "1", false), new Pair("B", "2", false)), ((Instruction.Env) all.get(0)).pairs());
    assertEquals(List.of("echo $B"), ((Instruction.Run) all.get(1)).command().words());
    Instruction.Copy copy = (Instruction.Copy) all.get(2);
    assertEquals(new FileSources(List.of("1"), List.of(new HereDoc("F", "'1'\n", true, false)), "/1/"), copy.sources());
    assertEquals("1", copy.chown());
    assertEquals(List.of("$B"), copy.excludes());
    assertEquals(List.of("80", "90"), ((Instruction.Expose) all.get(3)).ports());
    assertEquals(List.of("$B"), ((Instruction.Cmd) all.get(4)).command().words());
  }

  @Test
  void anErrorOfAnExpansionHasItsPlace() {
    Dockerfile file = Dockerfile.parse("FROM a\n\n  WORKDIR /${x\n");

    DockerfileException refused =
        assertThrows(DockerfileException.class, () -> file.expand(file.stages().get(0).instructions().get(0), new Words(name -> null, '\\')));

    assertEquals(
        "dockerfile parse error on line 3: failed to process \"/${x\": syntax error: missing '}'\nDockerfile:3:3\n   3 |   WORKDIR /${x\n     |   ^",
        refused.getMessage());
  }

  @Test
  void showsFileLineColumnAndWhatWasExpected() {
    DockerfileException refused = assertThrows(DockerfileException.class, () -> Dockerfile.parse("docker/App.Dockerfile", "FROM a\nRUN ok\n\tCOPY --form=b \\\n  a /c\n"));

    assertEquals(
        "dockerfile parse error on line 3: unknown flag: --form (did you mean from?)\ndocker/App.Dockerfile:3:7\n   3 |  COPY --form=b \\\n     |       ^\n"
            + "expected one of --chmod, --chown, --exclude, --from, --link, --parents",
        refused.getMessage());
    assertEquals(ErrorKind.INVALID, refused.kind());
    assertEquals(new Position(3, 7, 4), refused.at());
    assertNotNull(refused.reason());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
      FORM a                            | unknown instruction: FORM (did you mean FROM?)
      cpoy a b                          | unknown instruction: cpoy (did you mean copy?)
      BANANA x                          | unknown instruction: BANANA
      FROM                              | FROM requires either one or three arguments
      FROM a b                          | FROM requires either one or three arguments
      FROM a AS 1x                      | invalid name for build stage: "1x", name can't start with a number or contain symbols
      FROM --os=x a                     | unknown flag: --os
      RUN                               | RUN requires at least one argument
      RUN []                            | RUN requires at least one argument
      RUN ["a", 1]                      | when using JSON array syntax, arrays must be comprised of strings only
      RUN --network=bridge a            | invalid network mode "bridge"
      RUN --security=none a             | security "none" is not valid
      RUN --mount=from=$x,target=/a b   | 'from' doesn't support variable expansion, define alias stage instead
      RUN --mount a                     | missing a value on flag: --mount
      COPY a                            | COPY requires at least two arguments, but only one was provided. Destination could not be determined
      ADD                               | ADD requires at least two arguments, but only one was provided. Destination could not be determined
      COPY --from=a --from=b c d        | duplicate flag specified: --from
      COPY --link=perhaps a b           | expecting boolean value for flag --link, not: perhaps
      COPY --link= a b                  | missing a value on flag: --link
      COPY --checksum=x a b             | unknown flag: --checksum
      ENV                               | ENV requires at least one argument
      ENV A                             | ENV must have two arguments
      ENV A=1 B                         | Syntax error - can't find = in "B". Must be of the form: name=value
      ENV =1                            | ENV names can not be blank
      LABEL ''=x =y                     | LABEL names can not be blank
      ARG                               | ARG requires at least one argument
      ARG =x                            | ARG names can not be blank
      USER                              | USER requires exactly one argument
      WORKDIR --x a                     | unknown flag: --x
      VOLUME                            | VOLUME requires at least one argument
      VOLUME [""]                       | VOLUME specified can not be an empty string
      EXPOSE                            | EXPOSE requires at least one argument
      SHELL bash -c                     | SHELL requires the arguments to be in JSON form
      SHELL []                          | SHELL requires at least one argument
      HEALTHCHECK                       | HEALTHCHECK requires at least one argument
      HEALTHCHECK curl x                | Unknown type "CURL" in HEALTHCHECK (try CMD)
      HEALTHCHECK CMD                   | Missing command after HEALTHCHECK CMD
      HEALTHCHECK NONE x                | HEALTHCHECK NONE takes no arguments
      HEALTHCHECK --interval=50ns CMD x | Interval "interval" cannot be less than 1ms
      HEALTHCHECK --timeout=soon CMD x  | time: invalid duration "soon"
      HEALTHCHECK --retries=-1 CMD x    | --retries cannot be negative (-1)
      ONBUILD                           | ONBUILD requires at least one argument
      ONBUILD ONBUILD RUN a             | Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed
      ONBUILD from a                    | FROM isn't allowed as an ONBUILD trigger
      ONBUILD MAINTAINER a              | MAINTAINER isn't allowed as an ONBUILD trigger
      MAINTAINER --boo a                | unknown flag: --boo
      """)
  void refusesWithDockersTexts(String line, String reason) {
    DockerfileException refused = assertThrows(DockerfileException.class, () -> Dockerfile.parse("FROM base\n" + line + "\n"));

    assertEquals("dockerfile parse error on line 2: " + reason, refused.getMessage().lines().findFirst().orElseThrow());
    assertEquals(reason, refused.reason());
    assertTrue(refused.getMessage().contains("\nDockerfile:2:"), refused::getMessage);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
      ~~                          | the Dockerfile (Dockerfile) cannot be empty
      # nothing                   | file with no instructions
      RUN a                       | no build stage in current context
      ARG a                       | no build stage in current context
      # escape=x                  | invalid escape token 'x' does not match ` or \\
      """)
  void refusesFilesWithoutAStage(String text, String reason) {
    DockerfileException refused = assertThrows(DockerfileException.class, () -> Dockerfile.parse(text));

    assertTrue(refused.getMessage().contains(reason), refused::getMessage);
  }

  @Test
  void refusesADirectiveTwice() {
    DockerfileException refused = assertThrows(DockerfileException.class, () -> Dockerfile.parse("# escape=\\\n# Escape=`\nFROM a\n"));

    assertTrue(refused.getMessage().startsWith("dockerfile parse error on line 2: only one escape parser directive can be used"), refused::getMessage);
  }
}
