package dev.tallyman.build;

import dev.tallyman.image.Sql;
import io.agroal.api.AgroalDataSource;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Statements on the table build_cache. Transactions belong to the callers. */
@Singleton
class BuildStore {
  private static final String COLUMNS = "id, cache_key, image, description, bytes, uses, created_at, used_at";
  private static final int LONGEST_DESCRIPTION = 500;

  record Row(long id, String key, String image, String description, long bytes, int uses, Instant createdAt, Instant usedAt) {}

  /** @param source absent: the step is found by its key alone */
  record NewRow(String key, @Nullable String source, String image, String description, long bytes) {}

  private final Sql sql;

  @Inject
  BuildStore(AgroalDataSource source) {
    sql = new Sql(source);
  }

  Optional<Row> find(long team, String key) {
    return sql.first("select " + COLUMNS + " from build_cache where team_id = ? and cache_key = ?", BuildStore::row, team, key);
  }

  List<Row> all(long team) {
    return sql.list("select " + COLUMNS + " from build_cache where team_id = ? order by used_at desc, id desc", BuildStore::row, team);
  }

  /** @param source key by which a step is found whose files are not read */
  Optional<Row> findBySource(long team, String source) {
    return sql.first("select " + COLUMNS + " from build_cache where team_id = ? and source_key = ?", BuildStore::row, team, source);
  }

  /** It was found by its key, and will be by that of its source, the last of which counts. */
  void found(long team, String key, String source) {
    forget(team, source);
    sql.update("update build_cache set source_key = ? where team_id = ? and cache_key = ?", source, team, key);
  }

  /** By what came of a source before it is not found any more. */
  private void forget(long team, @Nullable String source) {
    if (source != null) {
      sql.update("update build_cache set source_key = null where team_id = ? and source_key = ?", team, source);
    }
  }

  void put(long team, NewRow row) {
    forget(team, row.source());
    String text = row.description().length() > LONGEST_DESCRIPTION ? row.description().substring(0, LONGEST_DESCRIPTION) : row.description();
    int known =
        sql.update(
            "update build_cache set source_key = ?, image = ?, bytes = ?, used_at = ? where team_id = ? and cache_key = ?", row.source(), row.image(), row.bytes(), now(), team, row.key());
    if (known > 0) {
      return;
    }
    sql.update(
        "insert into build_cache (team_id, cache_key, source_key, image, description, bytes, uses, created_at, used_at) values (?, ?, ?, ?, ?, ?, 0, ?, ?)", team, row.key(), row.source(),
        row.image(), text, row.bytes(), now(), now());
  }

  void used(long row) {
    sql.update("update build_cache set uses = uses + 1, used_at = ? where id = ?", now(), row);
  }

  void delete(long row) {
    sql.update("delete from build_cache where id = ?", row);
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MICROS);
  }

  private static Row row(ResultSet row) throws SQLException {
    return new Row(
        row.getLong(1), row.getString(2), row.getString(3), row.getString(4), row.getLong(5), row.getInt(6), row.getObject(7, OffsetDateTime.class).toInstant(),
        row.getObject(8, OffsetDateTime.class).toInstant());
  }
}
