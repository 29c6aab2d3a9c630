package dev.tallyman.image;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;

/** Rows about images in registries: digests of manifests, and which compressed form of a layer a repository has. */
@ApplicationScoped
class RegistryFacts {
  private final Sql sql;
  private final Clock clock = Clock.systemUTC();

  @Inject
  RegistryFacts(DataSource source) {
    this.sql = new Sql(source);
  }

  boolean teamHas(long team, Digest diffId) {
    return sql.first(
            "select 1 from layers l join image_layers il on il.layer_id = l.id join images i on i.id = il.image_id"
                + " where l.diff_id = ? and l.is_damaged = false and i.team_id = ? and i.removed_at is null fetch first 1 rows only",
            row -> true, diffId.toString(), team)
        .isPresent();
  }

  void addDigest(long image, String repository, Digest digest) {
    boolean isKnown =
        sql.first("select 1 from repo_digests where image_id = ? and repository = ? and digest = ?", row -> true, image, repository, digest.toString()).isPresent();
    if (!isKnown) {
      sql.update("insert into repo_digests (image_id, repository, digest, created_at) values (?, ?, ?, ?)", image, repository, digest.toString(), clock.instant());
    }
  }

  /** Names with digest as people write them, in the order of the repositories. */
  List<String> digestsOf(long image) {
    return sql.list("select repository, digest from repo_digests where image_id = ? order by repository, digest", row -> familiar(row.getString(1), row.getString(2)), image);
  }

  /** Of all images of a team, by the image's key. */
  Map<Long, List<String>> digestsByImage(long team) {
    record Pair(long image, String name) {}
    Map<Long, List<String>> found = new HashMap<>();
    sql.list(
            "select d.image_id, d.repository, d.digest from repo_digests d join images i on i.id = d.image_id where i.team_id = ? order by d.repository, d.digest",
            row -> new Pair(row.getLong(1), familiar(row.getString(2), row.getString(3))), team)
        .forEach(each -> found.merge(each.image(), List.of(each.name()), RegistryFacts::joined));
    return found;
  }

  private static List<String> joined(List<String> first, List<String> second) {
    return java.util.stream.Stream.concat(first.stream(), second.stream()).toList();
  }

  private static String familiar(String repository, String digest) {
    return ImageReference.parse(repository).familiarName() + "@" + digest;
  }

  /** @return key of the team's image that the repository has under the digest */
  Optional<Long> imageByDigest(long team, String repository, Digest digest) {
    return sql.first(
        "select d.image_id from repo_digests d join images i on i.id = d.image_id where i.team_id = ? and d.repository = ? and d.digest = ? and i.removed_at is null"
            + " order by d.image_id fetch first 1 rows only",
        row -> row.getLong(1), team, repository, digest.toString());
  }

  void addCopy(long layer, ImageParts.Copy copy) {
    sql.update("delete from layer_copies where layer_id = ? and repository = ?", layer, copy.repository());
    sql.update(
        "insert into layer_copies (layer_id, repository, digest, size_bytes, media_type, created_at) values (?, ?, ?, ?, ?, ?)", layer, copy.repository(), copy.digest(),
        copy.sizeBytes(), copy.mediaType(), clock.instant());
  }

  List<ImageParts.Copy> copies(long layer) {
    return sql.list(
        "select l.diff_id, c.repository, c.digest, c.size_bytes, c.media_type from layer_copies c join layers l on l.id = c.layer_id where c.layer_id = ?"
            + " order by c.created_at desc, c.repository",
        row -> new ImageParts.Copy(row.getString(1), row.getString(2), row.getString(3), row.getLong(4), row.getString(5)), layer);
  }
}
