package dev.tallyman.app;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstanceLockTest {
  @TempDir Path folder;

  @Test
  void refusesASecondServerAndNamesTheFolder() throws IOException {
    InstanceLock first = InstanceLock.take(folder);

    CannotStartException refused = assertThrows(CannotStartException.class, () -> InstanceLock.take(folder));

    assertTrue(refused.getMessage().contains("another server uses " + folder), refused.getMessage());
    first.close();
  }

  @Test
  void isFreeAgainAfterItsEnd() throws IOException {
    InstanceLock.take(folder).close();

    assertDoesNotThrow(() -> InstanceLock.take(folder).close());
  }

  @Test
  void saysThatAFolderCannotBeUsed() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));

    assertTrue(assertThrows(CannotStartException.class, () -> InstanceLock.take(file)).getMessage().contains("cannot use the folder"));
  }
}
