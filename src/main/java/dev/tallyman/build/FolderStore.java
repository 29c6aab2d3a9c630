package dev.tallyman.build;

import dev.tallyman.image.Sql;
import dev.tallyman.volume.Volumes;
import io.agroal.api.AgroalDataSource;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Statements on the table build_folders. Each is durable when it returns. */
@Singleton
class FolderStore implements Volumes.OtherFolders {
  private static final String COLUMNS = "id, team_id, build, cache, description, uses, created_at, used_at";
  private static final int LONGEST_DESCRIPTION = 500;

  /** @param build absent for a cache; @param cache absent for files of a build */
  record Row(String id, long team, @Nullable String build, @Nullable String cache, String description, int uses, Instant createdAt, Instant usedAt) {
    boolean isCache() {
      return cache != null;
    }
  }

  private final Sql sql;

  @Inject
  FolderStore(AgroalDataSource source) {
    sql = new Sql(source);
  }

  List<Row> all() {
    return sql.list("select " + COLUMNS + " from build_folders order by created_at, id", FolderStore::row);
  }

  /** Caches of a team, the longest unused first. */
  List<Row> caches(long team) {
    return sql.list("select " + COLUMNS + " from build_folders where team_id = ? and cache is not null order by used_at, id", FolderStore::row, team);
  }

  /** Those that may be used for one another, the oldest first. */
  List<Row> caches(long team, String cache) {
    return sql.list("select " + COLUMNS + " from build_folders where team_id = ? and cache = ? order by created_at, id", FolderStore::row, team, cache);
  }

  void add(String id, long team, @Nullable String build, @Nullable String cache, String description) {
    String text = description.length() > LONGEST_DESCRIPTION ? description.substring(0, LONGEST_DESCRIPTION) : description;
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    sql.update(
        "insert into build_folders (id, team_id, build, cache, description, uses, created_at, used_at) values (?, ?, ?, ?, ?, 0, ?, ?)", id, team, build, cache, text, now, now);
  }

  void used(String id) {
    sql.update("update build_folders set uses = uses + 1, used_at = ? where id = ?", Instant.now().truncatedTo(ChronoUnit.MICROS), id);
  }

  void delete(String id) {
    sql.update("delete from build_folders where id = ?", id);
  }

  @Override
  public Set<String> folders() {
    return new HashSet<>(QuarkusTransaction.requiringNew().call(this::all).stream().map(Row::id).toList());
  }

  private static Row row(ResultSet row) throws SQLException {
    return new Row(
        row.getString(1), row.getLong(2), row.getString(3), row.getString(4), row.getString(5), row.getInt(6), row.getObject(7, OffsetDateTime.class).toInstant(),
        row.getObject(8, OffsetDateTime.class).toInstant());
  }
}
