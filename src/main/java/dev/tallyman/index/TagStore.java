package dev.tallyman.index;

import dev.tallyman.image.Sql;
import dev.tallyman.index.IndexStore.ManifestRow;
import dev.tallyman.index.RepositoryImages.Referrer;
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

/** What people are shown of the tables index_*: who pushed what and when. */
@ApplicationScoped
class TagStore {
  private static final int MANIFEST_COLUMNS = 7;
  private final Sql sql;

  @Inject
  TagStore(DataSource database) {
    this.sql = new Sql(database);
  }

  /** @param pulledAt to the minute; absent if never */
  record TagRow(String name, ManifestRow manifest, String pushedBy, Instant pushedAt, @Nullable Instant pulledAt) {}

  record Pushed(String by, Instant at, @Nullable Instant pulledAt) {}

  /** @param storedBytes of its different blobs and its manifests */
  record Facts(String createdBy, Instant createdAt, String readme, long tags, long manifests, long storedBytes) {}

  List<TagRow> tags(long repository, String after, int limit) {
    return sql.list(
        "select " + IndexStore.MANIFEST + ", t.name, t.creator, t.updated_at, t.pulled_at from index_tags t join index_manifests m on m.id = t.manifest_id"
            + " where t.repository_id = ? and t.name > ? order by t.name fetch first " + limit + " rows only",
        row ->
            new TagRow(
                row.getString(MANIFEST_COLUMNS + 1), IndexStore.manifest(row), row.getString(MANIFEST_COLUMNS + 2), time(row, MANIFEST_COLUMNS + 3).orElseThrow(),
                time(row, MANIFEST_COLUMNS + 4).orElse(null)),
        repository, after);
  }

  List<String> tagsOf(long manifest, int limit) {
    return sql.list("select name from index_tags where manifest_id = ? order by name fetch first " + limit + " rows only", row -> row.getString(1), manifest);
  }

  Optional<Pushed> pushed(long manifest) {
    return sql.first("select creator, created_at, pulled_at from index_manifests where id = ?", row -> new Pushed(row.getString(1), time(row, 2).orElseThrow(), time(row, 3).orElse(null)), manifest);
  }

  /** How many manifests name it as their subject. */
  long countReferrers(long repository, String subject) {
    return sql.first("select count(*) from index_manifests where repository_id = ? and subject = ?", row -> row.getLong(1), repository, subject).orElse(0L);
  }

  List<Referrer> referrers(long repository, String subject, int limit) {
    return sql.list(
        "select digest, coalesce(artifact_type, ''), creator, created_at from index_manifests where repository_id = ? and subject = ? order by id fetch first " + limit + " rows only",
        row -> new Referrer(row.getString(1), row.getString(2), row.getString(3), time(row, 4).orElseThrow()), repository, subject);
  }

  Optional<Facts> facts(long repository) {
    return sql.first(
        "select r.creator, r.created_at, r.readme, (select count(*) from index_tags where repository_id = r.id), (select count(*) from index_manifests where repository_id = r.id),"
            + " (select coalesce(sum(bytes), 0) from index_blobs where repository_id = r.id) + (select coalesce(sum(bytes), 0) from index_manifests where repository_id = r.id)"
            + " from index_repositories r where r.id = ?",
        row -> new Facts(row.getString(1), time(row, 2).orElseThrow(), row.getString(3), row.getLong(4), row.getLong(5), row.getLong(6)), repository);
  }

  void setReadme(long repository, String readme) {
    sql.update("update index_repositories set readme = ? where id = ?", readme, repository);
  }

  /** @return names in the store of blobs that may have lost their last holder */
  List<String> removeRepository(long repository) {
    List<String> stored = sql.list("select stored from index_blobs where repository_id = ? union select stored from index_manifests where repository_id = ?", row -> row.getString(1), repository, repository);
    sql.update("delete from index_tags where repository_id = ?", repository);
    sql.update("delete from index_manifests where repository_id = ?", repository);
    sql.update("delete from index_blobs where repository_id = ?", repository);
    sql.update("delete from index_repositories where id = ?", repository);
    return stored;
  }

  private static Optional<Instant> time(ResultSet row, int column) throws SQLException {
    return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
  }
}
