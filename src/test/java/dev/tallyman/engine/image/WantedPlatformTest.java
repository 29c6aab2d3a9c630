package dev.tallyman.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tallyman.error.TallymanException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WantedPlatformTest {
  @ParameterizedTest
  @CsvSource({
    "linux amd64 '', linux amd64 '', true", "linux x86_64 v1, linux amd64 '', true", "linux amd64 '', linux 386 '', true", "linux 386 '', linux amd64 '', false",
    "linux amd64 '', windows amd64 '', false", "linux arm64 v8, linux arm64 '', true", "linux aarch64 '', linux arm v7, true", "linux arm v7, linux arm v6, true",
    "linux arm v6, linux arm v7, false", "linux arm '', linux arm '', true", "linux amd64 v3, linux amd64 '', true", "linux amd64 '', linux amd64 v3, false"
  })
  void acceptsWhatRunsThere(String wanted, String image, boolean isAccepted) {
    assertEquals(isAccepted, platform(wanted).accepts(platform(image)));
  }

  private static WantedPlatform platform(String text) {
    String[] parts = text.replace("''", "").split(" ", -1);
    return new WantedPlatform(parts[0], parts[1], parts[2]);
  }

  @Test
  void readsOcisForm() {
    assertEquals("linux/arm/v6", WantedPlatform.parse("{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"6\"}").toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"linux/amd64", "[]", "{\"os\":\"linux\"}", "{\"variant\":\"v8\"}", "{\"os\":1,\"architecture\":\"amd64\"}", "{"})
  void refusesWhatIsNone(String text) {
    assertThrows(TallymanException.class, () -> WantedPlatform.parse(text));
  }
}
