package dev.tallyman.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tallyman.error.TallymanException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlatformTest {
  @ParameterizedTest
  @CsvSource({
    "linux amd64 '', linux amd64 '', true", "linux x86_64 v1, linux amd64 '', true", "linux amd64 '', linux 386 '', true", "linux 386 '', linux amd64 '', false",
    "linux amd64 '', windows amd64 '', false", "linux arm64 v8, linux arm64 '', true", "linux aarch64 '', linux arm v7, true", "linux arm v7, linux arm v6, true",
    "linux arm v6, linux arm v7, false", "linux arm '', linux arm '', true", "linux amd64 v3, linux amd64 '', true", "linux amd64 '', linux amd64 v3, false", "linux armel '', linux armhf '', false",
    "linux arm64 8, linux arm64 '', true", "linux arm v6, linux arm '', true"
  })
  void acceptsWhatRunsThere(String wanted, String image, boolean isAccepted) {
    assertEquals(isAccepted, platform(wanted).runs(platform(image)));
  }

  private static Platform platform(String text) {
    String[] parts = text.replace("''", "").split(" ", -1);
    return new Platform(parts[0], parts[1], parts[2]);
  }

  @ParameterizedTest
  @CsvSource({
    "x86_64, linux/amd64", "macos/aarch64, darwin/arm64", "linux/arm64/8, linux/arm64", "linux/x86_64/v1, linux/amd64", "linux/amd64/v3, linux/amd64/v3", "linux/arm/7, linux/arm/v7",
    "linux/armel, linux/arm/v6", "linux/armel/v5, linux/arm/v5", "armhf, linux/arm/v7", "linux/i386/sse2, linux/386", "linux/ppc64le, linux/ppc64le"
  })
  void namesAreTheUsualOnes(String text, String usual) {
    assertEquals(usual, Platform.of(text).toString());
  }

  @Test
  void thisMachinesIsMeantByNone() {
    assertEquals(Platform.here(), Platform.of(""));
    assertEquals(Platform.here(), Platform.of("LINUX"));
  }

  @Test
  void refusesWhatIsNone() {
    for (String bad : new String[] {"linux/amd64/v1/x", "linux/" + "a".repeat(40), "l".repeat(200), "linux/../x", "nosuch"}) {
      assertThrows(TallymanException.class, () -> Platform.of(bad), bad);
    }
  }
}
