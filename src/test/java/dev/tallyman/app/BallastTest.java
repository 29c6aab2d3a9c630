package dev.tallyman.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BallastTest {
  @TempDir Path folder;

  @Test
  void givesSlicesUntilNothingIsLeftAndTakesThemAgain() throws IOException {
    Path file = folder.resolve("ballast");
    Ballast ballast = new Ballast(file);
    ballast.take();
    assertEquals(Ballast.BYTES, Files.size(file));

    int slices = 0;
    while (ballast.give()) {
      slices++;
    }

    assertEquals(Ballast.BYTES / Ballast.SLICE_BYTES, slices);
    assertEquals(0, Files.size(file));
    ballast.take();
    assertEquals(Ballast.BYTES, Files.size(file));
  }

  @Test
  void hasNothingToGiveBeforeItTookAnything() {
    assertFalse(new Ballast(folder.resolve("ballast")).give());
  }

  @Test
  void databaseFilesWorkAsUsual() throws Exception {
    BallastedFile.use(new Ballast(folder.resolve("ballast")));
    String url = "jdbc:h2:ballast:async:" + folder.resolve("inventory") + ";WRITE_DELAY=0";

    try (var connection = java.sql.DriverManager.getConnection(url); var statement = connection.createStatement()) {
      statement.execute("create table t (n int)");
      statement.execute("insert into t values (7)");
    }

    try (var connection = java.sql.DriverManager.getConnection(url); var rows = connection.createStatement().executeQuery("select n from t")) {
      assertTrue(rows.next());
      assertEquals(7, rows.getInt(1));
    }
    assertTrue(Files.exists(folder.resolve("inventory.mv.db")));
  }
}
