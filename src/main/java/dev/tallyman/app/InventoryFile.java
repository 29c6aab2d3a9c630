package dev.tallyman.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Notices a lost inventory: without this, a server whose database file is gone would start as an empty one and forget every container. */
final class InventoryFile {
  private static final String DATABASE = "database/tallyman.mv.db";
  private static final String MARK = "has-inventory";

  private InventoryFile() {}

  /**
   * @param folder the server's part of the state
   * @throws CannotStartException when there was a database once and is none now
   */
  static void requirePresent(Path folder) {
    Path mark = folder.resolve(MARK);
    if (Files.exists(mark) && !Files.exists(folder.resolve(DATABASE))) {
      throw new CannotStartException(
          "the inventory " + folder.resolve(DATABASE) + " is gone; put it back from a backup, or remove " + mark + " to begin with an empty one");
    }
  }

  /** To be called once the database is there. */
  static void mark(Path folder) {
    try {
      if (Files.exists(folder.resolve(DATABASE)) && !Files.exists(folder.resolve(MARK))) {
        Files.createFile(folder.resolve(MARK));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write in the folder " + folder, e);
    }
  }
}
