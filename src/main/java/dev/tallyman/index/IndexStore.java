package dev.tallyman.index;

import dev.tallyman.identity.Caller;
import dev.tallyman.image.BlobHolder;
import dev.tallyman.image.Sql;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The tables index_*. */
@ApplicationScoped
class IndexStore implements BlobHolder {
  static final String MANIFEST = "m.id, m.digest, m.stored, m.bytes, m.media_type, m.subject, m.artifact_type";
  static final String REPOSITORY = "id, team_id, name, is_public, description";
  private final Sql sql;

  @Inject
  IndexStore(DataSource database) {
    this.sql = new Sql(database);
  }

  record RepositoryRow(long id, long team, String name, boolean isPublic, String description) {}

  record BlobRow(String digest, String stored, long bytes) {}

  record ManifestRow(long id, String digest, String stored, long bytes, String mediaType, @Nullable String subject, @Nullable String artifactType) {}

  @Override
  public boolean holds(String blob) {
    return sql.first("select 1 from index_blobs where stored = ? fetch first 1 rows only", row -> true, blob).isPresent()
        || sql.first("select 1 from index_manifests where stored = ? fetch first 1 rows only", row -> true, blob).isPresent();
  }

  @Override
  public Set<String> held() {
    return new HashSet<>(sql.list("select stored from index_blobs union select stored from index_manifests", row -> row.getString(1)));
  }

  Optional<Long> team(String name) {
    return sql.first("select id from teams where name = ?", row -> row.getLong(1), name);
  }

  Optional<RepositoryRow> repository(String name) {
    return sql.first("select " + REPOSITORY + " from index_repositories where name = ?", IndexStore::repository, name);
  }

  /**
   * @param team absent = of all teams; public ones come along in any case
   * @param term what name, description or a label must have, in any case of letters; empty = anything
   */
  List<RepositoryRow> repositories(@Nullable Long team, String term, String after, int limit) {
    String pattern = "%" + term.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%";
    return sql.list(
        "select " + REPOSITORY + " from index_repositories where name > ? and (? or is_public or team_id = ?) and (name ilike ? escape '!' or description ilike ? escape '!' or labels ilike ? escape '!') order by name fetch first " + limit
            + " rows only",
        IndexStore::repository, after, team == null, team == null ? -1 : team, pattern, pattern, pattern);
  }

  long addRepository(Caller caller, long team, String name) {
    return sql.insert("insert into index_repositories (team_id, name, is_public, creator, created_at) values (?, ?, false, ?, ?)", team, name, caller.accountName(), Instant.now());
  }

  void setPublic(long repository, boolean isPublic) {
    sql.update("update index_repositories set is_public = ? where id = ?", isPublic, repository);
  }

  void setDescription(long repository, String description) {
    sql.update("update index_repositories set description = ? where id = ?", description, repository);
  }

  /** @param labels name=value on a line each, at most {@link RepositoryLabels#MAX_LENGTH} characters */
  void setLabels(long repository, String labels) {
    sql.update("update index_repositories set labels = ? where id = ?", labels, repository);
  }

  Optional<BlobRow> blob(long repository, String digest) {
    return sql.first(
        "select digest, stored, bytes from index_blobs where repository_id = ? and digest = ?", row -> new BlobRow(row.getString(1), row.getString(2), row.getLong(3)), repository, digest);
  }

  /** In any repository of the team, or a public one. @param team absent = of all teams */
  Optional<BlobRow> blobOf(@Nullable Long team, String digest) {
    return sql.first(
        "select b.digest, b.stored, b.bytes from index_blobs b join index_repositories r on r.id = b.repository_id where b.digest = ? and (? or r.is_public or r.team_id = ?) fetch first 1 rows only",
        row -> new BlobRow(row.getString(1), row.getString(2), row.getLong(3)), digest, team == null, team == null ? -1 : team);
  }

  void addBlob(long repository, BlobRow blob) {
    if (sql.update("update index_blobs set touched_at = ? where repository_id = ? and digest = ?", Instant.now(), repository, blob.digest()) == 0) {
      sql.update("insert into index_blobs (repository_id, digest, stored, bytes, touched_at) values (?, ?, ?, ?, ?)", repository, blob.digest(), blob.stored(), blob.bytes(), Instant.now());
    }
  }

  /** A push that finds it there counts on it. To the minute. */
  void touchBlob(long repository, String digest) {
    sql.update("update index_blobs set touched_at = ? where repository_id = ? and digest = ? and touched_at < ?", Instant.now(), repository, digest, Instant.now().minusSeconds(60));
  }

  void touchManifest(long manifest) {
    sql.update("update index_manifests set touched_at = ? where id = ? and touched_at < ?", Instant.now(), manifest, Instant.now().minusSeconds(60));
  }

  int removeBlob(long repository, String digest) {
    return sql.update("delete from index_blobs where repository_id = ? and digest = ?", repository, digest);
  }

  Optional<ManifestRow> manifest(long repository, String digest) {
    return sql.first("select " + MANIFEST + " from index_manifests m where m.repository_id = ? and m.digest = ?", IndexStore::manifest, repository, digest);
  }

  Optional<ManifestRow> tagged(long repository, String tag) {
    return sql.first(
        "select " + MANIFEST + " from index_tags t join index_manifests m on m.id = t.manifest_id where t.repository_id = ? and t.name = ?", IndexStore::manifest, repository, tag);
  }

  List<ManifestRow> referrers(long repository, String subject, @Nullable String artifactType, long after, int limit) {
    return sql.list(
        "select " + MANIFEST + " from index_manifests m where m.repository_id = ? and m.subject = ? and (? or m.artifact_type = ?) and m.id > ? order by m.id fetch first " + limit + " rows only",
        IndexStore::manifest, repository, subject, artifactType == null, artifactType == null ? "" : artifactType, after);
  }

  long addManifest(Caller caller, long repository, ManifestRow row) {
    return manifest(repository, row.digest())
        .map(
            known -> {
              touchManifest(known.id());
              return known.id();
            })
        .orElseGet(
            () ->
                sql.insert(
                    "insert into index_manifests (repository_id, digest, stored, bytes, media_type, subject, artifact_type, creator, created_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    repository, row.digest(), row.stored(), row.bytes(), row.mediaType(), row.subject(), row.artifactType(), caller.accountName(), Instant.now()));
  }

  void removeManifest(long manifest) {
    sql.update("delete from index_tags where manifest_id = ?", manifest);
    sql.update("delete from index_manifests where id = ?", manifest);
  }

  void putTag(Caller caller, long repository, String tag, long manifest) {
    int changed = sql.update("update index_tags set manifest_id = ?, creator = ?, updated_at = ? where repository_id = ? and name = ?", manifest, caller.accountName(), Instant.now(), repository, tag);
    if (changed == 0) {
      sql.update("insert into index_tags (repository_id, name, manifest_id, creator, updated_at) values (?, ?, ?, ?, ?)", repository, tag, manifest, caller.accountName(), Instant.now());
    }
  }

  int removeTag(long repository, String tag) {
    return sql.update("delete from index_tags where repository_id = ? and name = ?", repository, tag);
  }

  List<String> tags(long repository, String after, int limit) {
    return sql.list("select name from index_tags where repository_id = ? and name > ? order by name fetch first " + limit + " rows only", row -> row.getString(1), repository, after);
  }

  static RepositoryRow repository(ResultSet row) throws SQLException {
    return new RepositoryRow(row.getLong(1), row.getLong(2), row.getString(3), row.getBoolean(4), row.getString(5));
  }

  static ManifestRow manifest(ResultSet row) throws SQLException {
    return new ManifestRow(row.getLong(1), row.getString(2), row.getString(3), row.getLong(4), row.getString(5), row.getString(6), row.getString(7));
  }
}
