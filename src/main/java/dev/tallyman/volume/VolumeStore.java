package dev.tallyman.volume;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Plain statements on the table {@code volumes}, within the transaction of the calling thread. */
@Singleton
class VolumeStore {
  /** One machine so far; the column is there for the day when several share an inventory. */
  private static final String NODE = "local";
  private static final String SELECT = "select id, name, driver, options, labels, is_anonymous, team_id, creator, created_at, live_name from volumes ";
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final TypeReference<Map<String, String>> TEXTS = new TypeReference<>() {};

  private final DataSource database;

  @Inject
  VolumeStore(DataSource database) {
    this.database = database;
  }

  /** @param isRemoved its removal was begun, and its folder may still be there */
  record Row(Volume volume, boolean isRemoved) {}

  Optional<Volume> find(long team, String name) {
    return query(SELECT + "where team_id = ? and live_name = ?", team, name).stream().map(Row::volume).findFirst();
  }

  Optional<Volume> byId(String id) {
    return query(SELECT + "where id = ? and live_name is not null", id).stream().map(Row::volume).findFirst();
  }

  /** @param team null = of all teams */
  List<Volume> living(@Nullable Long team) {
    List<Row> rows = team == null ? query(SELECT + "where live_name is not null order by name, id") : query(SELECT + "where live_name is not null and team_id = ? order by name, id", team);
    return rows.stream().map(Row::volume).toList();
  }

  List<Row> all() {
    return query(SELECT + "where node = ?", NODE);
  }

  void add(Volume volume) {
    execute(
        "insert into volumes (id, node, team_id, name, live_name, creator, driver, options, labels, is_anonymous, created_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        volume.id(), NODE, volume.team(), volume.name(), volume.name(), volume.creator(), volume.driver(), write(volume.options()), write(volume.labels()), volume.isAnonymous(),
        volume.createdAt().atOffset(ZoneOffset.UTC));
  }

  void rename(String id, String name) {
    execute("update volumes set name = ?, live_name = ?, is_anonymous = false where id = ?", name, name, id);
  }

  /** Frees its name; the row stays until the folder is gone. */
  void markRemoved(String id) {
    execute("update volumes set live_name = null where id = ?", id);
  }

  void delete(String id) {
    execute("delete from volumes where id = ?", id);
  }

  private static String write(Map<String, String> texts) {
    try {
      return MAPPER.writeValueAsString(texts);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a map of texts can be written", e);
    }
  }

  private static Map<String, String> read(String json) {
    try {
      return MAPPER.readValue(json, TEXTS);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the inventory holds a damaged volume record", e);
    }
  }

  private static Row row(ResultSet row) throws SQLException {
    Volume volume =
        new Volume(
            row.getString(1), row.getString(2), row.getString(3), read(row.getString(4)), read(row.getString(5)), row.getBoolean(6), row.getLong(7), row.getString(8),
            row.getObject(9, OffsetDateTime.class).toInstant());
    return new Row(volume, row.getString(10) == null);
  }

  private List<Row> query(String statement, Object... values) {
    try (Connection connection = database.getConnection();
        PreparedStatement query = connection.prepareStatement(statement)) {
      bind(query, values);
      try (ResultSet rows = query.executeQuery()) {
        List<Row> found = new ArrayList<>();
        while (rows.next()) {
          found.add(row(rows));
        }
        return found;
      }
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private void execute(String statement, Object... values) {
    try (Connection connection = database.getConnection();
        PreparedStatement update = connection.prepareStatement(statement)) {
      bind(update, values);
      update.executeUpdate();
    } catch (SQLIntegrityConstraintViolationException e) {
      throw new TallymanException(ErrorKind.ALREADY_EXISTS, "a volume of that name is there already", e);
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private static void bind(PreparedStatement statement, Object... values) throws SQLException {
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
  }

  private static TallymanException failed(SQLException cause) {
    return new TallymanException(ErrorKind.UNAVAILABLE, "the inventory of volumes is not available (disk full or damaged?); see the server's log", cause);
  }
}
