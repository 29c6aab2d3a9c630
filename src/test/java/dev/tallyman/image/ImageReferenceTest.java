package dev.tallyman.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {
  private static final String HEX = "0123456789abcdef".repeat(4);

  @ParameterizedTest
  @CsvSource({
    "busybox, docker.io/library/busybox, busybox",
    "busybox:1.36, docker.io/library/busybox:1.36, busybox:1.36",
    "docker.io/busybox, docker.io/library/busybox, busybox",
    "index.docker.io/library/busybox:x, docker.io/library/busybox:x, busybox:x",
    "team/app, docker.io/team/app, team/app",
    "library/a/b, docker.io/library/a/b, library/a/b",
    "localhost/app, localhost/app, localhost/app",
    "localhost:5000/app:v1, localhost:5000/app:v1, localhost:5000/app:v1",
    "quay.io/a/b__c/d-e:T_1.2-x, quay.io/a/b__c/d-e:T_1.2-x, quay.io/a/b__c/d-e:T_1.2-x",
    "[::1]:5000/app, [::1]:5000/app, [::1]:5000/app",
    "Example/app, Example/app, Example/app",
  })
  void normalisesAsDockerDoes(String text, String normal, String familiar) {
    ImageReference reference = ImageReference.parse(text);

    assertEquals(normal, reference.toString());
    assertEquals(familiar, reference.familiar());
  }

  @Test
  void keepsTagAndDigest() {
    ImageReference reference = ImageReference.parse("busybox:1@sha256:" + HEX);

    assertEquals("1", reference.tag());
    assertEquals("sha256:" + HEX, reference.digest());
    assertEquals("busybox:1@sha256:" + HEX, reference.orLatest().familiar());
    assertEquals("latest", ImageReference.parse("busybox").orLatest().tag());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ":", "a:", "/a", "a//b", "a/", "-a", "a..b", "a___b", "a:b:c", "a b", "a@sha256:12", "a@md5:0123", "a\n", "é", "a:.x", "http://x/y", "x/-", "../x", "a/../b"})
  void refusesWhatIsNoName(String text) {
    TallymanException refusal = assertThrows(TallymanException.class, () -> ImageReference.parse(text));

    assertEquals(ErrorKind.INVALID, refusal.kind());
    assertTrue(refusal.getMessage().startsWith("invalid reference format"), refusal.getMessage());
  }

  @Test
  void saysWhatIsWrongInDockersWords() {
    assertEquals("invalid reference format: repository name (library/BusyBox) must be lowercase", refusal("BusyBox:x"));
    assertEquals("invalid repository name (" + HEX + "), cannot specify 64-byte hexadecimal strings", refusal(HEX));
    assertEquals("invalid reference format: repository name must not be more than 255 characters", refusal("a".repeat(300)));
    assertEquals("invalid reference format: repository name must not be more than 255 characters", refusal("a/".repeat(100_000)));
  }

  @Test
  void takesTheLongestNameAndTag() {
    String name = "a".repeat(255 - "docker.io/library/".length());

    assertEquals(name, ImageReference.parse(name).familiar());
    assertEquals("x:" + "t".repeat(128), ImageReference.parse("x:" + "t".repeat(128)).familiar());
    assertEquals("invalid reference format", refusal("x:" + "t".repeat(129)));
  }

  @Test
  void joinsRepositoryAndTag() {
    assertEquals("app:v1", ImageReference.of("app", "v1").familiar());
    assertEquals("app:latest", ImageReference.of("app", "").familiar());
    assertEquals("app:v2", ImageReference.of("app:v2", "").familiar());
    assertThrows(TallymanException.class, () -> ImageReference.of("app", "not a tag"));
    assertThrows(TallymanException.class, () -> ImageReference.of("app@sha256:" + HEX, "x"));
  }

  private static String refusal(String text) {
    return assertThrows(TallymanException.class, () -> ImageReference.parse(text)).getMessage();
  }
}
