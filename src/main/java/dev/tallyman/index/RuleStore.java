package dev.tallyman.index;

import dev.tallyman.image.Sql;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import javax.sql.DataSource;

/** Rules of repositories, and what they are asked about. */
@ApplicationScoped
class RuleStore {
  private final Sql sql;

  @Inject
  RuleStore(DataSource database) {
    this.sql = new Sql(database);
  }

  /** @param id of a manifest */
  record Named(long id, String digest) {}

  Rules rules(long repository) {
    return sql.first("select rules from index_repositories where id = ?", row -> Rules.parse(row.getString(1)), repository).orElse(Rules.NONE);
  }

  void setRules(long repository, Rules rules) {
    sql.update("update index_repositories set rules = ? where id = ?", rules.stored(), repository);
  }

  List<String> tagsOf(long manifest) {
    return sql.list("select name from index_tags where manifest_id = ? order by name", row -> row.getString(1), manifest);
  }

  List<String> tags(long repository) {
    return sql.list("select name from index_tags where repository_id = ? order by name", row -> row.getString(1), repository);
  }

  /** Indexes of the repository that have the manifest. */
  List<Named> indexesWith(long repository, String digest) {
    return sql.list(
        "select m.id, m.digest from index_manifest_parts p join index_manifests m on m.id = p.manifest_id where m.repository_id = ? and p.digest = ? and p.is_manifest",
        row -> new Named(row.getLong(1), row.getString(2)), repository, digest);
  }
}
