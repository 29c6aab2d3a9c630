package dev.tallyman.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LanguageTest {
  @Test
  void takesTheFirstLanguageThatWeHave() {
    assertEquals(Language.CHINESE, Language.ofHeader("zh-CN,zh;q=0.9,en;q=0.8"));
    assertEquals(Language.ENGLISH, Language.ofHeader("fr-FR, en;q=0.5, zh;q=0.3"));
    assertEquals(Language.CHINESE, Language.ofHeader("en;q=0.2, zh-Hans-CN;q=0.7"));
  }

  @Test
  void speaksEnglishToEveryoneElse() {
    assertEquals(Language.ENGLISH, Language.ofHeader(null));
    assertEquals(Language.ENGLISH, Language.ofHeader("fi"));
    assertEquals(Language.ENGLISH, Language.ofHeader(";;;q=nonsense"));
    assertEquals(Language.ENGLISH, Language.ofHeader("a".repeat(10_000)));
    assertEquals(Language.ENGLISH, Language.byTag("<script>"));
  }
}
