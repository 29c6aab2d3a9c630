package dev.tallyman.index;

import dev.tallyman.image.Sql;
import dev.tallyman.index.IndexStore.RepositoryRow;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import javax.sql.DataSource;

/** What of the tables index_* nobody needs. Its callers hold the store of blobs exclusively. */
@ApplicationScoped
class GarbageStore {
  /** An hour's pushes are not held up by one large transaction. */
  static final int MAX_AT_ONCE = 500;

  private final Sql sql;

  @Inject
  GarbageStore(DataSource database) {
    this.sql = new Sql(database);
  }

  /** @param stored name in the store of blobs */
  record Piece(String digest, String stored, long bytes) {}

  List<RepositoryRow> repositories(long after) {
    return sql.list("select " + IndexStore.REPOSITORY + " from index_repositories where id > ? order by id fetch first " + MAX_AT_ONCE + " rows only", IndexStore::repository, after);
  }

  /** Blobs that no manifest of the repository has, not touched since. At most {@link #MAX_AT_ONCE}. */
  List<Piece> unnamedBlobs(long repository, Instant before) {
    return sql.list(
        "select b.digest, b.stored, b.bytes from index_blobs b where b.repository_id = ? and b.touched_at <= ? and not exists"
            + " (select 1 from index_manifest_parts p join index_manifests m on m.id = p.manifest_id where p.digest = b.digest and not p.is_manifest and m.repository_id = b.repository_id)"
            + " fetch first " + MAX_AT_ONCE + " rows only",
        GarbageStore::piece, repository, before);
  }

  /**
   * Manifests without a tag, in no index and about no other manifest of the repository, neither touched nor pulled since. Those that only these need are found when
   * these are gone. At most {@link #MAX_AT_ONCE}.
   */
  List<Piece> untaggedManifests(long repository, Instant before) {
    return sql.list(
        "select m.digest, m.stored, m.bytes from index_manifests m where m.repository_id = ? and m.touched_at <= ? and (m.pulled_at is null or m.pulled_at <= ?)"
            + " and not exists (select 1 from index_tags t where t.manifest_id = m.id)"
            + " and not exists (select 1 from index_manifest_parts p join index_manifests i on i.id = p.manifest_id where p.digest = m.digest and p.is_manifest and i.repository_id = m.repository_id)"
            + " and not exists (select 1 from index_manifests s where s.repository_id = m.repository_id and s.digest = m.subject) fetch first " + MAX_AT_ONCE + " rows only",
        GarbageStore::piece, repository, before, before);
  }

  void removeBlob(long repository, String digest) {
    sql.update("delete from index_blobs where repository_id = ? and digest = ?", repository, digest);
  }

  void removeManifest(long repository, String digest) {
    sql.update("delete from index_manifests where repository_id = ? and digest = ?", repository, digest);
  }

  /** How many rows name it. */
  long names(String stored) {
    return sql
        .first("select (select count(*) from index_blobs where stored = ?) + (select count(*) from index_manifests where stored = ?)", row -> row.getLong(1), stored, stored)
        .orElse(0L);
  }

  private static Piece piece(ResultSet row) throws SQLException {
    return new Piece(row.getString(1), row.getString(2), row.getLong(3));
  }
}
