package dev.tallyman.app;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InventoryFileTest {
  @TempDir Path folder;

  @Test
  void startsEmptyOnlyTheFirstTime() throws IOException {
    assertDoesNotThrow(() -> InventoryFile.requirePresent(folder));
    Path database = Files.createFile(Files.createDirectories(folder.resolve("database")).resolve("tallyman.mv.db"));
    InventoryFile.mark(folder);
    assertDoesNotThrow(() -> InventoryFile.requirePresent(folder));

    Files.delete(database);

    assertTrue(assertThrows(CannotStartException.class, () -> InventoryFile.requirePresent(folder)).getMessage().contains("is gone"));
  }

  @Test
  void marksNothingThatIsNotThere() {
    InventoryFile.mark(folder);

    assertTrue(Files.notExists(folder.resolve("has-inventory")));
  }
}
