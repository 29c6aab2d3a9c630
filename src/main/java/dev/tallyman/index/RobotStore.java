package dev.tallyman.index;

import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Origin;
import dev.tallyman.identity.Role;
import dev.tallyman.identity.Way;
import dev.tallyman.image.Sql;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The table index_robots. */
@ApplicationScoped
class RobotStore {
  /** The last use is known this exactly; each log-in would be a write otherwise. */
  private static final Duration USE_PRECISION = Duration.ofMinutes(10);

  private static final String SELECT =
      "select r.id, r.team_id, t.name, r.name, r.description, r.secret_hash, r.rights, r.is_disabled, r.creator, r.created_at, r.expires_at, r.last_used_at"
          + " from index_robots r join teams t on t.id = r.team_id ";

  private final Sql sql;

  @Inject
  RobotStore(DataSource database) {
    this.sql = new Sql(database);
  }

  record Row(
      long id, long team, String teamName, String name, String description, String secretHash, RobotRights rights, boolean isDisabled, String creator, Instant createdAt,
      @Nullable Instant expiresAt, @Nullable Instant lastUsedAt) {
    /** No account has a plus sign in its name. */
    String login() {
      return login(teamName, name);
    }

    static String login(String team, String name) {
      return team + "+" + name;
    }

    boolean isOver(Instant now) {
      return expiresAt != null && !expiresAt.isAfter(now);
    }

    /** For the trail, and to count by: what it may do, its rights tell. */
    Caller caller(Origin origin) {
      return new Caller(id, login(), Role.VIEWER, team, teamName, Way.INDEX, null, origin);
    }

    Robots.Robot shown(Instant now) {
      return new Robots.Robot(login(), teamName, name, description, rights.shown(), isDisabled, isOver(now), creator, createdAt, expiresAt, lastUsedAt);
    }
  }

  /** @param team absent = of all teams; by team and name */
  List<Row> list(@Nullable Long team) {
    return sql.list(SELECT + "where ? or r.team_id = ? order by t.name, r.name", RobotStore::row, team == null, team == null ? -1 : team);
  }

  Optional<Row> find(String team, String name) {
    return sql.first(SELECT + "where t.name = ? and r.name = ?", RobotStore::row, team, name);
  }

  long count(long team) {
    return sql.first("select count(*) from index_robots where team_id = ?", row -> row.getLong(1), team).orElse(0L);
  }

  void add(Caller creator, long team, String name, String description, String secretHash, RobotRights rights, Instant now, @Nullable Instant expiresAt) {
    sql.insert(
        "insert into index_robots (team_id, name, description, secret_hash, rights, is_disabled, creator, created_at, expires_at) values (?, ?, ?, ?, ?, false, ?, ?, ?)",
        team, name, description, secretHash, rights.stored(), creator.accountName(), now, expiresAt);
  }

  void describe(long robot, String description) {
    sql.update("update index_robots set description = ? where id = ?", description, robot);
  }

  void allow(long robot, RobotRights rights) {
    sql.update("update index_robots set rights = ? where id = ?", rights.stored(), robot);
  }

  void disable(long robot, boolean isDisabled) {
    sql.update("update index_robots set is_disabled = ? where id = ?", isDisabled, robot);
  }

  void renew(long robot, String secretHash, @Nullable Instant expiresAt) {
    sql.update("update index_robots set secret_hash = ?, expires_at = ? where id = ?", secretHash, expiresAt, robot);
  }

  void used(Row robot, Instant now) {
    if (robot.lastUsedAt() == null || robot.lastUsedAt().plus(USE_PRECISION).isBefore(now)) {
      sql.update("update index_robots set last_used_at = ? where id = ?", now, robot.id());
    }
  }

  void remove(long robot) {
    sql.update("delete from index_robots where id = ?", robot);
  }

  private static Row row(ResultSet row) throws SQLException {
    String team = row.getString(3);
    Instant created = row.getObject(10, OffsetDateTime.class).toInstant();
    return new Row(
        row.getLong(1), row.getLong(2), team, row.getString(4), row.getString(5), row.getString(6), RobotRights.parse(team, row.getString(7)), row.getBoolean(8), row.getString(9), created,
        instant(row, 11), instant(row, 12));
  }

  private static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
    OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
    return at == null ? null : at.toInstant();
  }
}
