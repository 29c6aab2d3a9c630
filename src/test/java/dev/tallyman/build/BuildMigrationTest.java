package dev.tallyman.build;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

class BuildMigrationTest {
  private static final String URL = "jdbc:h2:mem:build-migration";

  private static void migrate(String target) {
    Flyway.configure().dataSource(URL, "", "").locations("classpath:db/migration").target(target).load().migrate();
  }

  /** An older server wrote a build's record before it removed that the build runs, and may have died in between. */
  @Test
  void takesOverBuildsThatAServerLeft() throws SQLException {
    try (Connection database = DriverManager.getConnection(URL); Statement sql = database.createStatement()) {
      migrate("35");
      sql.execute("insert into builds values ('both', 1, 'a', 'rest', '', '', '', '', '', 'DONE', '', '', current_timestamp, current_timestamp, 1, 0, '[]')");
      sql.execute("insert into builds_running (id, team_id, started_at) values ('both', 1, current_timestamp), ('cut', 1, current_timestamp)");

      migrate("38");

      Map<String, String> outcomes = new TreeMap<>();
      try (ResultSet rows = sql.executeQuery("select id, outcome from builds")) {
        while (rows.next()) {
          outcomes.put(rows.getString(1), rows.getString(2));
        }
      }
      assertEquals(Map.of("both", "DONE", "cut", "RUNNING"), outcomes);
    }
  }
}
