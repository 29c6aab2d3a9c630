package dev.tallyman.container;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.tallyman.container.Health.Check;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/** The table of what health checks said, within the transaction of the calling thread. */
@Singleton
class HealthStore {
  private static final ObjectMapper MAPPER = new ObjectMapper().registerModule(new JavaTimeModule());
  private static final TypeReference<List<Check>> LOG = new TypeReference<>() {};

  private final DataSource database;

  @Inject
  HealthStore(DataSource database) {
    this.database = database;
  }

  void put(Map<String, Health> changed) {
    try (Connection connection = database.getConnection();
        PreparedStatement update = connection.prepareStatement("update container_health set status = ?, failing_streak = ?, checks = ? where container_id = ?");
        PreparedStatement insert = connection.prepareStatement("insert into container_health (status, failing_streak, checks, container_id) values (?, ?, ?, ?)")) {
      for (Map.Entry<String, Health> each : changed.entrySet()) {
        bind(update, each.getKey(), each.getValue());
        if (update.executeUpdate() == 0) {
          bind(insert, each.getKey(), each.getValue());
          insert.executeUpdate();
        }
      }
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private static void bind(PreparedStatement statement, String container, Health health) throws SQLException {
    statement.setString(1, health.status().name());
    statement.setInt(2, health.failingStreak());
    statement.setString(3, json(health.log()));
    statement.setString(4, container);
  }

  /** Of the containers that are not removed. */
  Map<String, Health> all() {
    String select = "select h.container_id, h.status, h.failing_streak, h.checks from container_health h join containers c on c.id = h.container_id where c.live_name is not null";
    Map<String, Health> found = new HashMap<>();
    try (Connection connection = database.getConnection();
        PreparedStatement query = connection.prepareStatement(select);
        ResultSet rows = query.executeQuery()) {
      while (rows.next()) {
        found.put(rows.getString(1), new Health(HealthStatus.valueOf(rows.getString(2)), rows.getInt(3), log(rows.getString(4))));
      }
      return found;
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private static String json(List<Check> log) {
    try {
      return MAPPER.writeValueAsString(log);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records without cycles can be written", e);
    }
  }

  private static List<Check> log(String json) {
    try {
      return MAPPER.readValue(json, LOG);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the inventory holds a damaged log of health checks", e);
    }
  }

  private static TallymanException failed(SQLException cause) {
    return new TallymanException(ErrorKind.UNAVAILABLE, "the log of health checks is not available (disk full or damaged?); see the server's log", cause);
  }
}
