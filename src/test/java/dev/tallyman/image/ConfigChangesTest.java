package dev.tallyman.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigChangesTest {
  @Test
  void takesJsonAndShellForms() {
    ImageConfig config = apply("ENTRYPOINT [\"/bin/app\", \"-v\"]", "CMD echo \"a b\" $HOME");

    assertEquals(List.of("/bin/app", "-v"), config.entrypoint());
    assertEquals(List.of("/bin/sh", "-c", "echo \"a b\" $HOME"), config.cmd());
  }

  @Test
  void entrypointForgetsAnInheritedCommandOnly() {
    ImageConfig inherited = apply("CMD [\"old\"]");

    assertEquals(List.of(), ConfigChanges.apply(inherited, List.of("ENTRYPOINT [\"x\"]")).cmd());
    assertEquals(List.of("new"), ConfigChanges.apply(inherited, List.of("CMD [\"new\"]", "ENTRYPOINT [\"x\"]")).cmd());
  }

  @Test
  void expandsVariablesOfTheEnvironment() {
    ImageConfig config =
        apply(
            "ENV A=1 B=\"two words\" C=${A}x D=${NONE:-fallback} E=${A:+set}${NONE:+unset} F='$A' G=\\$A", "ENV OLD form with $A", "LABEL a.b=\"$B\"", "WORKDIR /srv", "WORKDIR $A/../x",
            "USER ${A}:${A}");

    assertEquals(List.of("A=1", "B=two words", "C=x", "D=fallback", "E=", "F=$A", "G=$A", "OLD=form with 1"), config.env());
    assertEquals(Map.of("a.b", "two words"), config.labels());
    assertEquals("/srv/x", config.workingDir());
    assertEquals("1:1", config.user());
  }

  @Test
  void setsPortsVolumesSignalAndTriggers() {
    ImageConfig config = apply("EXPOSE 80 53/udp 8000-8002", "VOLUME /data /log", "VOLUME [\"/with space\"]", "STOPSIGNAL SIGRTMIN+3", "ONBUILD RUN make");

    assertEquals(List.of("80/tcp", "53/udp", "8000/tcp", "8001/tcp", "8002/tcp"), config.exposedPorts());
    assertEquals(List.of("/data", "/log", "/with space"), config.volumes());
    assertEquals("SIGRTMIN+3", config.stopSignal());
    assertEquals(List.of("RUN make"), config.onBuild());
  }

  @Test
  void readsHealthChecks() {
    ImageConfig.Healthcheck check = apply("HEALTHCHECK --interval=1m30s --timeout=500ms --retries=3 CMD curl -f http://localhost").healthcheck();

    assertEquals(new ImageConfig.Healthcheck(List.of("CMD-SHELL", "curl -f http://localhost"), 90_000_000_000L, 500_000_000L, 0, 0, 3), check);
    assertEquals(List.of("CMD", "ok"), apply("HEALTHCHECK CMD [\"ok\"]").healthcheck().test());
    assertEquals(List.of("NONE"), apply("HEALTHCHECK NONE").healthcheck().test());
  }

  @Test
  void joinsContinuedLinesAndSkipsComments() {
    ImageConfig config = apply("# a comment\nENV A=1 \\\n  B=2\n\ncmd [\"x\"]");

    assertEquals(List.of("A=1", "B=2"), config.env());
    assertEquals(List.of("x"), config.cmd());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "RUN make | RUN is not a valid change command",
    "FROM x | FROM is not a valid change command",
    "CMD | CMD requires an argument",
    "ENV A | ENV must have two arguments",
    "ENV A=1 B | can't find = in",
    "ENV A=\"1 | matching double-quote",
    "ENV A='1 | matching single-quote",
    "ENV A=${B | missing '}'",
    "ENV A=${B?c} | unsupported modifier",
    "EXPOSE 0 | Invalid containerPort",
    "EXPOSE 70000 | Invalid containerPort",
    "EXPOSE 80/foo | Invalid containerPort",
    "EXPOSE 9-8 | Invalid containerPort",
    "STOPSIGNAL SIGNOPE | invalid signal",
    "ONBUILD FROM x | isn't allowed as an ONBUILD trigger",
    "HEALTHCHECK --interval=5 CMD x | invalid duration",
    "HEALTHCHECK --frob=5s CMD x | unknown flag",
    "HEALTHCHECK MAYBE | Unknown type",
  })
  void refusesWithAReason(String change, String reason) {
    TallymanException refusal = assertThrows(TallymanException.class, () -> apply(change));

    assertEquals(ErrorKind.INVALID, refusal.kind());
    assertTrue(refusal.getMessage().contains(reason), refusal.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"ENV A=\0", "LABEL x=\0"})
  void refusesNulCharacters(String change) {
    assertThrows(TallymanException.class, () -> apply(change));
  }

  @Test
  void refusesExpansionsWithoutEnd() {
    assertThrows(TallymanException.class, () -> apply("ENV A=" + "${X:-".repeat(5000) + "}".repeat(5000)));
  }

  private static ImageConfig apply(String... changes) {
    return ConfigChanges.apply(ImageConfig.empty(), List.of(changes));
  }
}
