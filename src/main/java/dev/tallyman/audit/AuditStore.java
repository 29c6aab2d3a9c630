package dev.tallyman.audit;

import dev.tallyman.audit.AuditTrail.AuditFilter;
import dev.tallyman.audit.AuditTrail.AuditRow;
import dev.tallyman.audit.AuditTrail.TraceFilter;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Plain statements on table {@code audit}, within the transaction of the calling thread. Never updates, never deletes. */
@Singleton
class AuditStore {
  private static final String COLUMNS = "id, happened_at, account, team_id, team, way, token, origin, action, object, outcome, detail, hash";
  private static final String INSERT = "insert into audit (" + COLUMNS + ") values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  private final DataSource database;

  @Inject
  AuditStore(DataSource database) {
    this.database = database;
  }

  record Stored(Link link, Draft row) {
    AuditRow shown() {
      return new AuditRow(
          link.id(), row.at(), row.account(), row.team(), row.way(), row.token(), row.origin(), row.action(), row.object(), row.outcome(), row.detail(), link.hash());
    }
  }

  Link head() {
    return query("select id, hash from audit order by id desc fetch first 1 rows only", List.of(), row -> new Link(row.getLong(1), row.getString(2))).stream()
        .findFirst()
        .orElse(Link.START);
  }

  Optional<String> hashOf(long id) {
    return query("select hash from audit where id = ?", List.of(id), row -> row.getString(1)).stream().findFirst();
  }

  boolean hasRow(String action, String outcome) {
    return !query("select id from audit where action = ? and outcome = ? fetch first 1 rows only", List.of(action, outcome), row -> row.getLong(1)).isEmpty();
  }

  void append(List<Stored> rows) {
    try (Connection connection = database.getConnection();
        PreparedStatement insert = connection.prepareStatement(INSERT)) {
      for (Stored stored : rows) {
        bind(insert, stored);
        insert.executeUpdate();
      }
    } catch (SQLException e) {
      throw new AuditStoreException("write the audit trail", e);
    }
  }

  /** Oldest first, rows after the given one; for walking the chain in pieces. */
  List<Stored> after(long id, int limit) {
    return query("select " + COLUMNS + " from audit where id > ? order by id fetch first " + limit + " rows only", List.of(id), AuditStore::read);
  }

  /** Newest first. @param team absent for all teams */
  List<Stored> newest(@Nullable Long team, AuditFilter filter) {
    StringBuilder sql = new StringBuilder("select ").append(COLUMNS).append(" from audit where 1 = 1");
    List<Object> values = new ArrayList<>();
    and(sql, values, "team_id = ?", team);
    and(sql, values, "account = ?", filter.account());
    if (filter.action() != null && filter.action().endsWith("*")) {
      and(sql, values, "action like ? escape '!'", escape(filter.action().substring(0, filter.action().length() - 1)) + "%");
    } else {
      and(sql, values, "action = ?", filter.action());
    }
    and(sql, values, "lower(object) like ? escape '!'", filter.object() == null ? null : "%" + escape(filter.object().toLowerCase(java.util.Locale.ROOT)) + "%");
    and(sql, values, "way = ?", filter.way());
    and(sql, values, "outcome = ?", filter.outcome());
    and(sql, values, "happened_at >= ?", filter.since());
    and(sql, values, "happened_at < ?", filter.until());
    and(sql, values, "id < ?", filter.before());
    sql.append(" order by id desc fetch first ").append(filter.limit()).append(" rows only");
    return query(sql.toString(), values, AuditStore::read);
  }

  List<Stored> trace(TraceFilter filter) {
    StringBuilder sql = new StringBuilder("select ").append(COLUMNS).append(" from audit where outcome = 'done'");
    List<Object> values = new ArrayList<>();
    andOneOf(sql, values, "action = ?", filter.actions());
    andOneOf(sql, values, "object like ? escape '!'", filter.objects().stream().map(AuditStore::beginning).toList());
    andOneOf(sql, values, "detail like ? escape '!'", filter.details().stream().map(AuditStore::beginning).toList());
    if (filter.teams() != null) {
      andOneOf(sql, values, "team_id = ?", filter.teams());
    }
    sql.append(filter.isOldestFirst() ? " order by id" : " order by id desc").append(" fetch first ").append(filter.limit()).append(" rows only");
    return query(sql.toString(), values, AuditStore::read);
  }

  private static void andOneOf(StringBuilder sql, List<Object> values, String condition, List<?> alternatives) {
    sql.append(" and (").append(String.join(" or ", Collections.nCopies(alternatives.size(), condition))).append(')');
    values.addAll(alternatives);
  }

  /** A longer object was cut when it was written, and its last character is a mark for that. */
  private static String beginning(String text) {
    return escape(text.substring(0, Math.min(text.length(), Draft.MAX_OBJECT - 1))) + "%";
  }

  private static void and(StringBuilder sql, List<Object> values, String condition, @Nullable Object value) {
    if (value != null) {
      sql.append(" and ").append(condition);
      values.add(value);
    }
  }

  private static String escape(String text) {
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_");
  }

  private static void bind(PreparedStatement insert, Stored stored) throws SQLException {
    Draft row = stored.row();
    Object[] values = {
      stored.link().id(), at(row.at()), row.account(), row.teamId(), row.team(), row.way(), row.token(), row.origin(), row.action(), row.object(), row.outcome(),
      row.detail(), stored.link().hash()
    };
    for (int i = 0; i < values.length; i++) {
      insert.setObject(i + 1, values[i]);
    }
  }

  private static Stored read(ResultSet row) throws SQLException {
    Draft draft =
        new Draft(
            row.getObject(2, OffsetDateTime.class).toInstant(),
            row.getString(3), row.getLong(4), row.getString(5), row.getString(6), row.getString(7), row.getString(8), row.getString(9), row.getString(10),
            row.getString(11), row.getString(12));
    return new Stored(new Link(row.getLong(1), row.getString(13)), draft);
  }

  private static OffsetDateTime at(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  private interface Reader<T> {
    T read(ResultSet row) throws SQLException;
  }

  private <T> List<T> query(String sql, List<?> values, Reader<T> reader) {
    try (Connection connection = database.getConnection();
        PreparedStatement select = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.size(); i++) {
        Object value = values.get(i);
        select.setObject(i + 1, value instanceof Instant instant ? at(instant) : value);
      }
      List<T> found = new ArrayList<>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          found.add(reader.read(rows));
        }
      }
      return found;
    } catch (SQLException e) {
      throw new AuditStoreException("read the audit trail", e);
    }
  }
}
