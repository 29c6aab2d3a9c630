package dev.tallyman.index;

import dev.tallyman.image.Sql;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The table index_quotas, and what teams keep. */
@ApplicationScoped
class QuotaStore {
  private final Sql sql;

  @Inject
  QuotaStore(DataSource database) {
    this.sql = new Sql(database);
  }

  /** @param maxBytes absent = no limit */
  record Row(long team, String name, @Nullable Long maxBytes) {}

  /** @param team absent = all, by name */
  List<Row> rows(@Nullable Long team) {
    return sql.list(
        "select t.id, t.name, q.max_bytes from teams t left join index_quotas q on q.team_id = t.id where ? or t.id = ? order by t.name",
        row -> new Row(row.getLong(1), row.getString(2), row.getObject(3, Long.class)), team == null, team == null ? -1 : team);
  }

  Optional<Long> limit(long team) {
    return sql.first("select max_bytes from index_quotas where team_id = ?", row -> row.getLong(1), team);
  }

  void setLimit(long team, long maxBytes) {
    if (sql.update("update index_quotas set max_bytes = ? where team_id = ?", maxBytes, team) == 0) {
      sql.update("insert into index_quotas (team_id, max_bytes) values (?, ?)", team, maxBytes);
    }
  }

  void removeLimit(long team) {
    sql.update("delete from index_quotas where team_id = ?", team);
  }

  /** Whether a repository of the team has it, as blob or manifest, by whatever digest. */
  boolean names(long team, String stored) {
    return List.of("index_blobs", "index_manifests").stream()
        .anyMatch(
            table ->
                sql.first("select 1 from " + table + " x join index_repositories r on r.id = x.repository_id where x.stored = ? and r.team_id = ? fetch first 1 rows only", row -> true, stored, team)
                    .isPresent());
  }

  /** Bytes of blobs and manifests of all its repositories, each counted once. Reads all their rows. */
  long used(long team) {
    return sql
        .first(
            "select coalesce(sum(u.bytes), 0) from (select b.stored, b.bytes from index_blobs b join index_repositories r on r.id = b.repository_id where r.team_id = ?"
                + " union select m.stored, m.bytes from index_manifests m join index_repositories s on s.id = m.repository_id where s.team_id = ?) u",
            row -> row.getLong(1), team, team)
        .orElse(0L);
  }
}
