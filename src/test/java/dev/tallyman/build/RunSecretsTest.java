package dev.tallyman.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.build.StageBuild.Refused;
import dev.tallyman.build.dockerfile.Dockerfile;
import dev.tallyman.build.dockerfile.Instruction;
import dev.tallyman.build.dockerfile.RunMount;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunSecretsTest {
  private static RunMount mount(String text) {
    Dockerfile file = Dockerfile.parse("FROM a\nRUN --mount=type=secret," + text + " x\n");
    return file.mounts((Instruction.Run) file.stages().get(0).instructions().get(0), file.words(name -> null)).get(0);
  }

  private static RunSecrets with(String text, String value) {
    RunSecrets secrets = new RunSecrets(id -> id.equals("key") ? value.getBytes(StandardCharsets.UTF_8) : null);
    RunMount mount = mount(text);
    secrets.add(mount, RunSecrets.target(mount));
    return secrets;
  }

  @Test
  void isAFileThatRootAloneReads() {
    RunSecrets secrets = with("id=key", "v");

    assertEquals("key", secrets.files().get(0).name());
    assertEquals(0400, secrets.files().get(0).mode());
    assertTrue(secrets.links().isEmpty());
    assertTrue(secrets.env().isEmpty());
  }

  @Test
  void isReachedByALinkElsewhere() {
    RunSecrets secrets = with("id=key,target=/root/.npmrc,mode=0440,uid=4,gid=5", "v");

    assertEquals(Map.of("/root/.npmrc", "build.0"), secrets.links());
    assertEquals(4, secrets.files().get(0).uid());
    assertEquals(5, secrets.files().get(0).gid());
  }

  @Test
  void isAVariable() {
    assertEquals(List.of("KEY=v"), with("id=key,env=KEY", "v").env());
    assertTrue(with("id=key,env=KEY", "v").files().isEmpty());
    assertEquals(1, with("id=key,env=KEY,target=/f", "v").files().size());
    assertThrows(Refused.class, () -> with("id=key,env=KEY", "a\0b"));
  }

  @Test
  void isLeftOutUnlessItIsRequired() {
    assertTrue(with("id=other", "v").files().isEmpty());
    assertThrows(Refused.class, () -> with("id=other,required=true", "v"));
  }

  @Test
  void staysWhereSecretsAre() {
    for (String target : List.of("/", "/run/secrets", "/run/secrets/a/b", "/run/secrets/..", "/run/secrets/a b", "../../..")) {
      assertThrows(Refused.class, () -> RunSecrets.target(mount("id=key,\"target=" + target + "\"")), target);
    }
    assertEquals("/etc/x", RunSecrets.target(mount("id=key,target=/run/secrets/../../etc/x")));
  }

  @Test
  void refusesIdsAndModesThatNoFileHas() {
    assertThrows(Refused.class, () -> with("id=key,mode=04755", "v"));
    assertThrows(Refused.class, () -> with("id=key,uid=65536", "v"));
    assertThrows(Refused.class, () -> with("id=key", "v".repeat((500 << 10) + 1)));
  }
}
