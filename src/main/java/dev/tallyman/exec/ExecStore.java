package dev.tallyman.exec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.exec.Execs.Exec;
import dev.tallyman.exec.Execs.ExecRequest;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The table of execs, so that a server that starts knows what runs. Within the transaction of the calling thread. */
@Singleton
class ExecStore {
  /** As long as the memory keeps one that has ended. */
  private static final Duration KEPT = Duration.ofMinutes(10);

  private static final ObjectMapper MAPPER = new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
  /** One that nobody started is forgotten with the run of its container. */
  private static final String ALIVE =
      "select e.id, e.container_id, e.request, e.phase, e.pid, e.exit_code, c.team_id, t.name from execs e join containers c on c.id = e.container_id"
          + " join teams t on t.id = c.team_id where c.live_name is not null and (e.phase <> 'CREATED' or e.changed_at >= c.started_at) order by e.changed_at";

  private final DataSource database;

  @Inject
  ExecStore(DataSource database) {
    this.database = database;
  }

  record Row(
      String id, String container, ExecRequest request, ExecCell.Phase phase, int pid, @Nullable Integer exitCode, long team, String teamName) {}

  void add(ExecCell cell) {
    try (Connection connection = database.getConnection();
        PreparedStatement insert =
            connection.prepareStatement("insert into execs (id, container_id, request, phase, pid, exit_code, changed_at) values (?, ?, ?, ?, 0, null, ?)")) {
      insert.setString(1, cell.id);
      insert.setString(2, cell.container.id());
      insert.setString(3, MAPPER.writeValueAsString(cell.request));
      insert.setString(4, cell.phase().name());
      insert.setObject(5, Instant.now().atOffset(ZoneOffset.UTC));
      insert.executeUpdate();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record of texts can be written", e);
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Writes how far it is. */
  void update(ExecCell cell) {
    Exec now = cell.shown();
    // A row that is written late must not take an end back.
    try (Connection connection = database.getConnection();
        PreparedStatement update = connection.prepareStatement("update execs set phase = ?, pid = ?, exit_code = ?, changed_at = ? where id = ? and phase <> 'ENDED'")) {
      update.setString(1, cell.phase().name());
      update.setInt(2, now.pid());
      update.setObject(3, now.exitCode());
      update.setObject(4, Instant.now().atOffset(ZoneOffset.UTC));
      update.setString(5, cell.id);
      update.executeUpdate();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Forgets what nobody can ask for any more, and reads the rest. */
  List<Row> kept() {
    forget();
    try (Connection connection = database.getConnection();
        PreparedStatement query = connection.prepareStatement(ALIVE);
        ResultSet row = query.executeQuery()) {
      List<Row> found = new ArrayList<>();
      while (row.next()) {
        int exitCode = row.getInt(6);
        Integer known = row.wasNull() ? null : Integer.valueOf(exitCode);
        found.add(
            new Row(
                row.getString(1), row.getString(2), MAPPER.readValue(row.getString(3), ExecRequest.class), ExecCell.Phase.valueOf(row.getString(4)), row.getInt(5), known, row.getLong(7),
                row.getString(8)));
      }
      return found;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the inventory holds a damaged exec", e);
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Those that have ended some time ago or were never started, and those of removed containers. */
  void forget() {
    try (Connection connection = database.getConnection();
        PreparedStatement delete =
            connection.prepareStatement(
                "delete from execs where (changed_at < ? and phase in ('CREATED', 'ENDED')) or container_id in (select id from containers where removed_at is not null)")) {
      delete.setObject(1, Instant.now().minus(KEPT).atOffset(ZoneOffset.UTC));
      delete.executeUpdate();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private static TallymanException failed(SQLException cause) {
    return new TallymanException(ErrorKind.UNAVAILABLE, "the inventory of commands is not available (disk full or damaged?); see the server's log", cause);
  }
}
