package dev.tallyman.index;

import dev.tallyman.image.Sql;
import dev.tallyman.index.IndexStore.ManifestRow;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/** The table index_manifest_parts. Its callers hold the store of blobs exclusively. */
@ApplicationScoped
class PartStore {
  private final Sql sql;

  @Inject
  PartStore(DataSource database) {
    this.sql = new Sql(database);
  }

  /** Once for each manifest; a repeated call changes nothing. */
  void add(long manifest, ManifestDocument document) {
    if (sql.update("update index_manifests set is_taken_apart = true where id = ? and not is_taken_apart", manifest) == 0) {
      return;
    }
    document.blobs().stream().map(each -> each.digest().text()).distinct().forEach(each -> add(manifest, each, false));
    document.children().stream().map(each -> each.digest().text()).distinct().forEach(each -> add(manifest, each, true));
  }

  private void add(long manifest, String digest, boolean isManifest) {
    sql.update("insert into index_manifest_parts (manifest_id, digest, is_manifest) values (?, ?, ?)", manifest, digest, isManifest);
  }

  /** Manifests of the repository whose parts are in the document only. */
  List<ManifestRow> notTakenApart(long repository) {
    return sql.list("select " + IndexStore.MANIFEST + " from index_manifests m where m.repository_id = ? and not m.is_taken_apart", IndexStore::manifest, repository);
  }

  /** Digest of a manifest of the repository that has the blob as configuration or layer. */
  Optional<String> manifestWith(long repository, String blob) {
    return sql.first(
        "select m.digest from index_manifest_parts p join index_manifests m on m.id = p.manifest_id where m.repository_id = ? and p.digest = ? and not p.is_manifest fetch first 1 rows only",
        row -> row.getString(1), repository, blob);
  }

  /** Bytes of the different blobs that the manifest, or the children of an index, have in the repository. */
  long bytes(long repository, long manifest) {
    return sql
        .first(
            "select coalesce(sum(b.bytes), 0) from index_blobs b where b.repository_id = ? and b.digest in (select p.digest from index_manifest_parts p where p.manifest_id = ? and not p.is_manifest"
                + " union select q.digest from index_manifest_parts p join index_manifests c on c.repository_id = ? and c.digest = p.digest"
                + " join index_manifest_parts q on q.manifest_id = c.id and not q.is_manifest where p.manifest_id = ? and p.is_manifest)",
            row -> row.getLong(1), repository, manifest, repository, manifest)
        .orElse(0L);
  }
}
