package dev.tallyman.index;

import dev.tallyman.image.Sql;
import dev.tallyman.index.IndexStore.RepositoryRow;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** What a retention rule decides about, in the tables index_*. */
@ApplicationScoped
class RetentionStore {
  private static final int PAGE = 500;

  private final Sql sql;

  @Inject
  RetentionStore(DataSource database) {
    this.sql = new Sql(database);
  }

  /** @param pulledAt by the tag or of its manifest, whichever is later; absent if never */
  record TagRow(String name, long manifest, String digest, Instant pushedAt, @Nullable Instant pulledAt) {}

  /** @param stored name in the store of blobs */
  record Loose(String digest, String stored) {}

  List<RepositoryRow> withRules(long after) {
    return sql.list(
        "select " + IndexStore.REPOSITORY + " from index_repositories where id > ? and rules <> '' order by id fetch first " + PAGE + " rows only", IndexStore::repository, after);
  }

  /** Last pushed first. */
  List<TagRow> tags(long repository) {
    return sql.list(
        "select t.name, m.id, m.digest, t.updated_at, t.pulled_at, m.pulled_at from index_tags t join index_manifests m on m.id = t.manifest_id where t.repository_id = ? order by t.updated_at desc, t.name",
        row -> new TagRow(row.getString(1), row.getLong(2), row.getString(3), row.getObject(4, OffsetDateTime.class).toInstant(), later(time(row, 5), time(row, 6))), repository);
  }

  /** A manifest without a tag, in no index and about no other manifest of the repository. */
  Optional<Loose> loose(long repository, long manifest) {
    return sql.first(
        "select m.digest, m.stored from index_manifests m where m.id = ? and m.repository_id = ? and not exists (select 1 from index_tags t where t.manifest_id = m.id)"
            + " and not exists (select 1 from index_manifest_parts p join index_manifests i on i.id = p.manifest_id where p.digest = m.digest and p.is_manifest and i.repository_id = m.repository_id)"
            + " and not exists (select 1 from index_manifests s where s.repository_id = m.repository_id and s.digest = m.subject)",
        row -> new Loose(row.getString(1), row.getString(2)), manifest, repository);
  }

  /** Manifests of the repository that the manifest has in it, and those that are about it. */
  List<Long> around(long repository, long manifest, String digest) {
    return sql.list(
        "select c.id from index_manifest_parts p join index_manifests c on c.digest = p.digest and c.repository_id = ? where p.manifest_id = ? and p.is_manifest"
            + " union select id from index_manifests where repository_id = ? and subject = ?",
        row -> row.getLong(1), repository, manifest, repository, digest);
  }

  private static @Nullable Instant later(@Nullable Instant one, @Nullable Instant other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return one.isAfter(other) ? one : other;
  }

  private static @Nullable Instant time(ResultSet row, int column) throws SQLException {
    OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
    return at == null ? null : at.toInstant();
  }
}
