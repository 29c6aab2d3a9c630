package dev.tallyman.secret;

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
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;

/** Plain statements on the table {@code secrets}, within the transaction of the calling thread. Values come and go sealed. */
@Singleton
class SecretStore {
  private static final String SELECT = "select id, name, version, value_bytes, labels, team_id, creator, created_at, updated_at, sealed from secrets ";
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final TypeReference<Map<String, String>> TEXTS = new TypeReference<>() {};

  private final DataSource database;

  @Inject
  SecretStore(DataSource database) {
    this.database = database;
  }

  /** @param sealed see {@link Sealing} */
  record Row(Secret secret, byte[] sealed) {}

  Optional<Row> find(long team, String name) {
    return query(SELECT + "where team_id = ? and name = ?", team, name).stream().findFirst();
  }

  Optional<Row> byId(String id) {
    return query(SELECT + "where id = ?", id).stream().findFirst();
  }

  List<Secret> of(long team) {
    return query(SELECT + "where team_id = ? order by name", team).stream().map(Row::secret).toList();
  }

  /** Whether no team has any. */
  boolean isEmpty() {
    return query(SELECT + "limit 1").isEmpty();
  }

  void add(Row row) {
    Secret secret = row.secret();
    execute(
        "insert into secrets (id, team_id, name, version, value_bytes, labels, creator, created_at, updated_at, sealed) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        secret.id(), secret.team(), secret.name(), secret.version(), secret.bytes(), write(secret.labels()), secret.creator(), secret.createdAt().atOffset(ZoneOffset.UTC),
        secret.updatedAt().atOffset(ZoneOffset.UTC), text(row));
  }

  void update(Row row) {
    Secret secret = row.secret();
    execute(
        "update secrets set version = ?, value_bytes = ?, updated_at = ?, sealed = ? where id = ?", secret.version(), secret.bytes(), secret.updatedAt().atOffset(ZoneOffset.UTC),
        text(row), secret.id());
  }

  void delete(String id) {
    execute("delete from secrets where id = ?", id);
  }

  private static String text(Row row) {
    return Base64.getEncoder().encodeToString(row.sealed());
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
      throw new IllegalStateException("the inventory holds a damaged record of a secret", e);
    }
  }

  private static Row row(ResultSet row) throws SQLException {
    Secret secret =
        new Secret(
            row.getString(1), row.getString(2), row.getInt(3), row.getInt(4), read(row.getString(5)), row.getLong(6), row.getString(7),
            row.getObject(8, OffsetDateTime.class).toInstant(), row.getObject(9, OffsetDateTime.class).toInstant());
    return new Row(secret, Base64.getDecoder().decode(row.getString(10)));
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
      throw new TallymanException(ErrorKind.ALREADY_EXISTS, "a secret of that name is there already", e);
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
    return new TallymanException(ErrorKind.UNAVAILABLE, "the inventory of secrets is not available (disk full or damaged?); see the server's log", cause);
  }
}
