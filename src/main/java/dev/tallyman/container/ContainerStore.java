package dev.tallyman.container;

import dev.tallyman.container.Containers.Moment;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Plain statements on the tables of containers, within the transaction of the calling thread. */
@Singleton
class ContainerStore {
  /** One machine so far; the column is there for the day when several share an inventory. */
  private static final String NODE = "local";

  private static final String COLUMNS =
      "c.id, c.team_id, t.name, c.creator, c.created_at, c.name, c.spec, c.plan, c.network_id, c.address, c.memberships, c.ports, c.state, c.pid, c.exit_code, c.is_oom_killed, c.is_end_known,"
          + " c.error, c.restart_count, c.is_stopped_by_user, c.started_at, c.finished_at, c.removed_at, c.started_by";
  private static final String SELECT = "select " + COLUMNS + " from containers c join teams t on t.id = c.team_id ";
  private static final String INSERT =
      "insert into containers (id, node, team_id, name, live_name, creator, spec, plan, created_at, memberships, ports, state, pid, exit_code, is_oom_killed,"
          + " is_end_known, error, restart_count, is_stopped_by_user, started_at, finished_at, removed_at, started_by)"
          + " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  private static final String UPDATE =
      "update containers set live_name = ?, memberships = ?, ports = ?, state = ?, pid = ?, exit_code = ?, is_oom_killed = ?, is_end_known = ?, error = ?, restart_count = ?,"
          + " is_stopped_by_user = ?, started_at = ?, finished_at = ?, removed_at = ?, started_by = ? where id = ?";

  private final DataSource database;

  @Inject
  ContainerStore(DataSource database) {
    this.database = database;
  }

  /** @throws TallymanException ALREADY_EXISTS if the name is taken in the team */
  void add(Facts facts) {
    try (Connection connection = database.getConnection();
        PreparedStatement insert = connection.prepareStatement(INSERT)) {
      int at = bind(insert, 0, facts.id(), NODE, facts.team(), facts.name(), liveName(facts), facts.creator(), SpecJson.write(facts.spec()), SpecJson.write(facts.plan()),
          facts.createdAt());
      bindStatus(insert, at, facts);
      insert.executeUpdate();
    } catch (SQLIntegrityConstraintViolationException e) {
      throw new TallymanException(ErrorKind.ALREADY_EXISTS, "Conflict. The container name " + Refusal.quoted("/" + facts.name()) + " is already in use.", e);
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Writes the status, the networks and the ports. */
  void update(Facts facts) {
    try (Connection connection = database.getConnection();
        PreparedStatement update = connection.prepareStatement(UPDATE)) {
      int at = bind(update, 0, liveName(facts));
      at = bindStatus(update, at, facts);
      update.setString(at + 1, facts.id());
      update.executeUpdate();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Writes the name and the specification. */
  void describe(Facts facts) {
    execute("update containers set name = ?, live_name = ?, spec = ? where id = ?", facts.name(), liveName(facts), SpecJson.write(facts.spec()), facts.id());
  }

  void addMoment(String container, Moment moment) {
    String detail = moment.detail().length() > 4000 ? moment.detail().substring(0, 4000) : moment.detail();
    execute(
        "insert into container_moments (container_id, happened_at, what, who, detail) values (?, ?, ?, ?, ?)", container, moment.at(), moment.what(), moment.who(), detail);
  }

  /** All that are not removed. */
  List<Facts> living() {
    return query(SELECT + "where c.live_name is not null and c.node = ? order by c.created_at", ContainerStore::facts, NODE);
  }

  /** Removed ones, newest first. @param team null = of all teams */
  List<Facts> removed(@Nullable Long team, int limit) {
    String rest = "order by c.removed_at desc fetch first " + limit + " rows only";
    return team == null
        ? query(SELECT + "where c.removed_at is not null " + rest, ContainerStore::facts)
        : query(SELECT + "where c.removed_at is not null and c.team_id = ? " + rest, ContainerStore::facts, team);
  }

  Optional<Facts> find(String id) {
    return query(SELECT + "where c.id = ?", ContainerStore::facts, id).stream().findFirst();
  }

  List<Moment> moments(String container) {
    return query(
        "select happened_at, what, who, detail from container_moments where container_id = ? order by id",
        row -> new Moment(row.getObject(1, OffsetDateTime.class).toInstant(), row.getString(2), row.getString(3), row.getString(4)), container);
  }

  private static @Nullable String liveName(Facts facts) {
    return facts.state() == ContainerState.REMOVED ? null : facts.name();
  }

  private static int bindStatus(PreparedStatement statement, int at, Facts facts) throws SQLException {
    Status status = facts.status();
    return bind(
        statement, at, SpecJson.write(facts.memberships()), SpecJson.write(facts.ports()), status.state().name(), status.pid(), status.exitCode(), status.isOomKilled(), status.isEndKnown(), status.error(),
        status.restartCount(), status.isStoppedByUser(), status.startedAt(), status.finishedAt(), status.removedAt(), status.startedBy());
  }

  private static int bind(PreparedStatement statement, int from, @Nullable Object... values) throws SQLException {
    int at = from;
    for (Object value : values) {
      statement.setObject(++at, value instanceof Instant instant ? instant.atOffset(ZoneOffset.UTC) : value);
    }
    return at;
  }

  private static Facts facts(ResultSet row) throws SQLException {
    Status status =
        new Status(
            ContainerState.valueOf(row.getString(13)), row.getInt(14), row.getInt(15), row.getBoolean(16), row.getBoolean(17), row.getString(18), row.getInt(19),
            row.getBoolean(20), instant(row, 21), instant(row, 22), instant(row, 23), row.getString(24));
    return new Facts(
        row.getString(1), row.getLong(2), row.getString(3), row.getString(4), row.getObject(5, OffsetDateTime.class).toInstant(), row.getString(6), SpecJson.spec(row.getString(7)),
        SpecJson.plan(row.getString(8)), SpecJson.memberships(row.getString(11), row.getString(9), row.getString(10)), SpecJson.ports(row.getString(12)), status);
  }

  private static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
    OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
    return value == null ? null : value.toInstant();
  }

  private interface Reader<T> {
    T of(ResultSet row) throws SQLException;
  }

  private <T> List<T> query(String statement, Reader<T> reader, @Nullable Object... values) {
    try (Connection connection = database.getConnection();
        PreparedStatement query = connection.prepareStatement(statement)) {
      bind(query, 0, values);
      try (ResultSet rows = query.executeQuery()) {
        List<T> found = new ArrayList<>();
        while (rows.next()) {
          found.add(reader.of(rows));
        }
        return found;
      }
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private void execute(String statement, @Nullable Object... values) {
    try (Connection connection = database.getConnection();
        PreparedStatement update = connection.prepareStatement(statement)) {
      bind(update, 0, values);
      update.executeUpdate();
    } catch (SQLIntegrityConstraintViolationException e) {
      throw new TallymanException(ErrorKind.ALREADY_EXISTS, "the container name is already in use", e);
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private static TallymanException failed(SQLException cause) {
    return new TallymanException(ErrorKind.UNAVAILABLE, "the inventory of containers is not available (disk full or damaged?); see the server's log", cause);
  }
}
