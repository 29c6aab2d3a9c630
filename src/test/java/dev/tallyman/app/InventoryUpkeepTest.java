package dev.tallyman.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a database as the server's own, but for its retention time, which is none here. */
class InventoryUpkeepTest {
  private static final int TABLES = 6;
  private static final int ROWS = 200;
  private static final int COMMITS = 6000;
  private static final int EVERY = 200;

  @TempDir Path folder;

  private DataSource database(String name) {
    JdbcDataSource source = new JdbcDataSource();
    source.setURL("jdbc:h2:async:" + folder.resolve(name) + ";WRITE_DELAY=0;RETENTION_TIME=0;DB_CLOSE_DELAY=-1");
    return source;
  }

  /** @return by how many bytes the file has grown */
  private long change(String name, boolean isLookedAfter) throws SQLException, IOException {
    DataSource database = database(name);
    InventoryUpkeep upkeep = new InventoryUpkeep(database);
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("create table trail (id bigint auto_increment primary key, text varchar(1000))");
      for (int i = 0; i < TABLES; i++) {
        statement.execute("create table thing" + i + " (id bigint primary key, text varchar(1000), count bigint)");
        statement.execute("insert into thing" + i + " select x, repeat('t', 500), 0 from system_range(1, " + ROWS + ")");
      }
      connection.setAutoCommit(false);
      long before = Files.size(folder.resolve(name + ".mv.db"));
      for (int i = 0; i < COMMITS; i++) {
        // What is appended stays, beside copies of pages that the next commits replace.
        statement.execute("insert into trail (text) values (repeat('r', 200))");
        for (int table = 0; table < TABLES; table++) {
          statement.execute("update thing" + table + " set count = count + 1 where id = " + (1 + i * 37 % ROWS));
        }
        connection.commit();
        if (isLookedAfter && i % EVERY == 0) {
          upkeep.collect();
        }
      }
      try (ResultSet result = statement.executeQuery("select sum(count), (select count(*) from trail) from thing0")) {
        assertTrue(result.next());
        assertEquals(COMMITS, result.getLong(1));
        assertEquals(COMMITS, result.getInt(2));
      }
      return Files.size(folder.resolve(name + ".mv.db")) - before;
    } finally {
      DriverManager.getConnection("jdbc:h2:async:" + folder.resolve(name)).createStatement().execute("shutdown immediately");
    }
  }

  @Test
  void theFileDoesNotGrowWithEachCommit() throws Exception {
    long alone = change("alone", false);
    long lookedAfter = change("lookedafter", true);

    assertTrue(lookedAfter * 3 < alone, () -> lookedAfter + " bytes, and " + alone + " without");
  }

  @Test
  void nothingIsLostByIt() throws Exception {
    change("kept", true);

    try (Connection connection = database("kept").getConnection();
        Statement statement = connection.createStatement()) {
      try (ResultSet result = statement.executeQuery("select sum(count), min(length(text)) from thing0")) {
        assertTrue(result.next());
        assertEquals(COMMITS, result.getLong(1));
        assertEquals(500, result.getInt(2));
      }
      statement.execute("shutdown immediately"); // else it closes with the virtual machine, when the folder is gone
    }
  }
}
