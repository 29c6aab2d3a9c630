package dev.tallyman.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LoadedClassesTest {
  private static final Optional<Path> ARCHIVE = Optional.of(Path.of("/lib/archive"));

  @Test
  void saysNothingWhenTheArchiveIsUsed() {
    assertEquals(Optional.empty(), LoadedClasses.whyNotFromArchive(ARCHIVE, "mixed mode, sharing"));
  }

  @Test
  void saysThatThereIsNone() {
    assertTrue(LoadedClasses.whyNotFromArchive(Optional.empty(), "mixed mode, sharing").orElseThrow().contains("without an archive"));
  }

  @Test
  void namesTheArchiveThatWasNotAccepted() {
    assertTrue(LoadedClasses.whyNotFromArchive(ARCHIVE, "mixed mode").orElseThrow().contains("/lib/archive does not fit"));
  }
}
