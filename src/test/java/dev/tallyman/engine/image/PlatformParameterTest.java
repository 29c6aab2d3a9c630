package dev.tallyman.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tallyman.error.TallymanException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlatformParameterTest {
  @Test
  void readsOcisForm() {
    assertEquals("linux/arm/v6", PlatformParameter.parse("{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"6\"}").toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"linux/amd64", "[]", "{\"os\":\"linux\"}", "{\"variant\":\"v8\"}", "{\"os\":1,\"architecture\":\"amd64\"}", "{"})
  void refusesWhatIsNone(String text) {
    assertThrows(TallymanException.class, () -> PlatformParameter.parse(text));
  }
}
