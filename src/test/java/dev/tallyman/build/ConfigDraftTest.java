package dev.tallyman.build;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tallyman.image.ConfigChanges;
import dev.tallyman.image.ImageConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfigDraftTest {
  private static ImageConfig withEnv(String... variables) {
    ImageConfig config = ImageConfig.empty();
    for (String variable : variables) {
      config = ConfigChanges.apply(config, List.of("ENV " + variable));
    }
    return config;
  }

  @Test
  void aStageOnABaseWithoutPathGetsTheUsualOne() {
    assertEquals(List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), ConfigDraft.ofStage(ImageConfig.empty()).config().env());
    assertEquals("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ConfigDraft.ofStage(withEnv("A=b")).environment().get("PATH"));
    assertEquals("A=b", ConfigDraft.ofStage(withEnv("A=b")).config().env().get(0));
  }

  @Test
  void aStageOfNothingBeginsAtTheRoot() {
    assertEquals("/", ConfigDraft.ofScratch().config().workingDir());
    assertEquals("", ConfigDraft.ofStage(ImageConfig.empty()).config().workingDir());
  }

  @Test
  void aPathOfTheBaseStays() {
    assertEquals(List.of("PATH=/opt/bin"), ConfigDraft.ofStage(withEnv("PATH=/opt/bin")).config().env());
    assertEquals(List.of("PATH="), ConfigDraft.ofStage(withEnv("PATH=")).config().env());
  }
}
