package dev.tallyman.build.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChecksTest {
  private static final Map<String, String> PLATFORM = Map.of("TARGETPLATFORM", "linux/amd64", "TARGETARCH", "amd64", "BUILDPLATFORM", "linux/amd64");

  private static List<Warning> check(String text) {
    CheckFacts facts = new CheckFacts(Map.of("GIVEN", "1"), PLATFORM, image -> image.equals("unknown") ? null : Map.of("PATH", "/bin"), null);
    return Checks.of(Dockerfile.parse(text.replace("⏎", "\n")), facts).warnings();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
      FROM a AS Build                             | StageNameCasing 1 Stage name 'Build' should be lowercase
      FROM a as b                                 | FromAsCasing 1 'as' and 'FROM' keywords' casing do not match
      from a AS b⏎copy b c                        | FromAsCasing 1 'AS' and 'from' keywords' casing do not match
      FROM a⏎RUN b \\⏎⏎ c                        | NoEmptyContinuation 4 Empty continuation line
      FROM a⏎RUN b⏎run c                          | ConsistentInstructionCasing 3 Command 'run' should match the case of the command majority (uppercase)
      from a⏎run b⏎RUN c                          | ConsistentInstructionCasing 3 Command 'RUN' should match the case of the command majority (lowercase)
      FROM a⏎Run b                                | ConsistentInstructionCasing 2 Command 'Run' should match the case of the command majority (uppercase)
      FROM a AS b⏎FROM c AS b                     | DuplicateStageName 2 Duplicate stage name "b", stage names should be unique
      FROM a AS scratch                           | ReservedStageName 1 Stage name should not use the same name as reserved stage "scratch"
      FROM a AS context                           | ReservedStageName 1 Stage name should not use the same name as reserved stage "context"
      FROM a⏎CMD b c                              | JSONArgsRecommended 2 JSON arguments recommended for CMD to prevent unintended behavior related to OS signals
      FROM a⏎ENTRYPOINT b                         | JSONArgsRecommended 2 JSON arguments recommended for ENTRYPOINT to prevent unintended behavior related to OS signals
      FROM a⏎MAINTAINER b                         | MaintainerDeprecated 2 Maintainer instruction is deprecated in favor of using label
      FROM a:$TAG                                 | InvalidDefaultArgInFrom 1 Default value for ARG a:$TAG results in empty or invalid base image name;UndefinedArgInFrom 1 FROM argument 'TAG' is not declared
      ARG TAG=1⏎FROM a:${TAGS:-2}                 | UndefinedArgInFrom 2 FROM argument 'TAGS' is not declared (did you mean TAG?)
      ARG TAG⏎FROM a:$TAG                         | InvalidDefaultArgInFrom 2 Default value for ARG a:$TAG results in empty or invalid base image name
      FROM a⏎WORKDIR b⏎WORKDIR c                  | WorkdirRelativePath 2 Relative workdir "b" can have unexpected results if the base image changes
      FROM a⏎COPY $x /b                           | UndefinedVar 2 Usage of undefined variable '$x'
      FROM a⏎ENV PATHS=$PAHT                      | UndefinedVar 2 Usage of undefined variable '$PAHT' (did you mean $PATH?)
      FROM a⏎ARG b=$c                             | UndefinedVar 2 Usage of undefined variable '$c'
      FROM a⏎COPY <<E /b⏎$x⏎E                     | UndefinedVar 2 Usage of undefined variable '$x'
      FROM a⏎RUN --mount=target=$x b              | UndefinedVar 2 Usage of undefined variable '$x'
      FROM a⏎CMD ["b"]⏎CMD ["c"]                  | MultipleInstructionsDisallowed 2 Multiple CMD instructions should not be used in the same stage because only the last one will be used
      FROM a⏎HEALTHCHECK NONE⏎HEALTHCHECK CMD b   | MultipleInstructionsDisallowed 2 Multiple HEALTHCHECK instructions should not be used in the same stage because only the last one will be used
      FROM a⏎ENV b c                              | LegacyKeyValueFormat 2 "ENV key=value" should be used instead of legacy "ENV key value" format
      FROM a⏎LABEL b c                            | LegacyKeyValueFormat 2 "LABEL key=value" should be used instead of legacy "LABEL key value" format
      FROM --platform=$TARGETPLATFORM a           | RedundantTargetPlatform 1 Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior
      FROM --platform=linux/arm64 a               | FromPlatformFlagConstDisallowed 1 FROM --platform flag should not use constant value "linux/arm64"
      FROM a⏎ARG DB_PASSWORD                      | SecretsUsedInArgOrEnv 2 Do not use ARG or ENV instructions for sensitive data (ARG "DB_PASSWORD")
      FROM a⏎ENV api_token=x                      | SecretsUsedInArgOrEnv 2 Do not use ARG or ENV instructions for sensitive data (ENV "api_token")
      FROM a⏎EXPOSE 80/TCP                        | ExposeProtoCasing 2 Defined protocol '80/TCP' in EXPOSE instruction should be lowercase
      FROM a⏎EXPOSE 127.0.0.1:80:80               | ExposeInvalidFormat 2 EXPOSE instruction should not define an IP address or host-port mapping, found '127.0.0.1:80:80'
      FROM a⏎EXPOSE 5000:5000                     | ExposeInvalidFormat 2 EXPOSE instruction should not define an IP address or host-port mapping, found '5000:5000'
      # check=experimental=all⏎# does⏎FROM a AS b | InvalidDefinitionDescription 3 Comment for FROM should follow the format: `# b <description>`
      # check=experimental=InvalidDefinitionDescription⏎# does⏎ARG b⏎FROM a | InvalidDefinitionDescription 3 Comment for ARG should follow the format: `# b <description>`
      """)
  void finds(String text, String expected) {
    List<String> found = check(text).stream().map(warning -> warning.rule() + " " + warning.line() + " " + warning.detail()).toList();

    assertEquals(Arrays.asList(expected.split(";")), found);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
      FROM a AS b⏎FROM b AS c⏎COPY --from=b /x /y |
      from a as b⏎run c |
      From a As b⏎FROM c AS d                     | ConsistentInstructionCasing
      FROM a⏎RUN x \\⏎# remark⏎ y |
      FROM a⏎SHELL ["bash", "-c"]⏎CMD b |
      FROM a AS b⏎SHELL ["bash", "-c"]⏎FROM b⏎ENTRYPOINT c |
      ARG TAG=1⏎FROM a:$TAG |
      ARG BASE=registry.example.org:5000/a/b_c@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa⏎FROM $BASE |
      FROM scratch |
      FROM a⏎WORKDIR /b⏎WORKDIR c |
      FROM a⏎ENV D=/d⏎WORKDIR $D |
      FROM a AS b⏎WORKDIR /c⏎FROM b⏎WORKDIR d |
      FROM a⏎ARG x⏎COPY $x /b |
      ARG x=1⏎FROM a⏎ARG x⏎COPY $x /b |
      FROM a⏎COPY ${PATH} /b |
      FROM a⏎RUN echo $x⏎CMD ["$y"] |
      FROM unknown⏎COPY $x /b |
      FROM a AS b⏎ENV x=1⏎FROM b⏎COPY $x /b |
      FROM a⏎CMD ["b"]⏎FROM c⏎CMD ["d"] |
      FROM --platform=$BUILDPLATFORM a |
      FROM --platform=linux/arm64 a AS build-arm64 |
      FROM a⏎ARG PUBLIC_KEY⏎ENV KEYBOARD=1 TOKEN_FILE=/run/t MONKEY=1 PASSWORD_VERSION=2 |
      FROM a⏎EXPOSE 80/tcp 53/udp 8000-8010 ::1:80:80 | ExposeInvalidFormat
      # does⏎FROM a AS b |
      # check=skip=all⏎FROM a AS B⏎MAINTAINER x |
      # check=skip=StageNameCasing,MaintainerDeprecated⏎FROM a AS B⏎MAINTAINER x |
      FROM a⏎# check=skip=MaintainerDeprecated⏎MAINTAINER x |
      FROM a⏎# check=skip=StageNameCasing⏎MAINTAINER x | MaintainerDeprecated
      FROM a⏎# check=skip=MaintainerDeprecated⏎#⏎MAINTAINER x | MaintainerDeprecated
      FROM a⏎EXPOSE $PORT |
      """)
  void staysQuiet(String text, String but) {
    Set<String> found = new HashSet<>();
    check(text).forEach(warning -> found.add(warning.rule()));

    assertEquals(but == null ? Set.of() : Set.of(but), found);
  }

  @Test
  void tellsOfFilesThatAreNotInTheContext() {
    String text = "FROM a\nCOPY x/y /b\nADD ./x/ https://x/y /b\nCOPY --from=b x /c\nCOPY z . /d\n";
    CheckFacts plain = new CheckFacts(Map.of(), PLATFORM, image -> Map.of(), DockerIgnore.parse("x\n"));
    CheckFacts excepting = new CheckFacts(Map.of(), PLATFORM, image -> Map.of(), DockerIgnore.parse("x\n!x/y\n"));
    CheckFacts everything = new CheckFacts(Map.of(), PLATFORM, image -> Map.of(), DockerIgnore.parse("**\n"));

    assertEquals(
        List.of("Attempting to Copy file \"x/y\" that is excluded by .dockerignore", "Attempting to Add file \"x\" that is excluded by .dockerignore"),
        Checks.of(Dockerfile.parse(text), plain).warnings().stream().map(Warning::detail).toList());
    assertEquals(List.of(), Checks.of(Dockerfile.parse(text), excepting).warnings());
    assertEquals(4, Checks.of(Dockerfile.parse(text), everything).warnings().size());
  }

  @Test
  void failsTheBuildWhenTold() {
    Checks strict = Checks.of(Dockerfile.parse("# check=error=true\nFROM a AS B\nMAINTAINER x\n"), CheckFacts.none());

    assertTrue(strict.refuses());
    assertEquals("lint violation found for rules: MaintainerDeprecated, StageNameCasing", strict.refusal());
    assertFalse(Checks.of(Dockerfile.parse("# check=skip=all;error=true\nFROM a AS B\n"), CheckFacts.none()).refuses());
    assertFalse(Checks.of(Dockerfile.parse("FROM a AS B\n"), CheckFacts.none()).refuses());
  }

  @ParameterizedTest
  @CsvSource({"skip, invalid check option", "ship=all, invalid check option \"ship\"", "error=perhaps, failed to parse check option"})
  void refusesOptionsThatAreNone(String options, String reason) {
    DockerfileException refused = assertThrows(DockerfileException.class, () -> Dockerfile.parse("# check=" + options + "\nFROM a\n"));

    assertTrue(refused.reason().contains(reason), refused::reason);
  }

  @Test
  void everyRuleHasItsPage() {
    assertEquals(21, CheckRule.values().length);
    Warning warning = check("FROM a\nMAINTAINER b").get(0);
    assertEquals("https://docs.docker.com/go/dockerfile/rule/maintainer-deprecated/", warning.url());
    assertEquals("https://docs.docker.com/go/dockerfile/rule/json-args-recommended/", CheckRule.JSON_ARGS_RECOMMENDED.warning(1, "").url());
  }

  @Test
  void readsPortsAsDockerDoes() {
    assertEquals(List.of("80/tcp", "53/udp", "7/tcp", "8/tcp", "9/tcp", "443/tcp", "1/sctp"),
        List.copyOf(ExposedPorts.of(List.of("80", "53/UDP", "7-9", "127.0.0.1:8443:443", "1/sctp", "80/tcp"))));
    for (String wrong : List.of("x", "70000", "-1", "9-8", "80/http", "/tcp", "", "1-2-3", "+1")) {
      assertThrows(DockerfileException.class, () -> ExposedPorts.of(List.of(wrong)), wrong);
    }
  }
}
