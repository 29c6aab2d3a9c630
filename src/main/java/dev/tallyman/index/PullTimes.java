package dev.tallyman.index;

import dev.tallyman.image.Sql;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** When manifests and tags were last pulled, to the minute: many pulls of one image must not wait for each other's row. Who pulled is in the trail. */
@ApplicationScoped
class PullTimes {
  private static final Duration EXACT_TO = Duration.ofMinutes(1);
  private static final String OLDER = " and (pulled_at is null or pulled_at < ?)";
  private final Sql sql;

  @Inject
  PullTimes(DataSource database) {
    this.sql = new Sql(database);
  }

  /** @param tag by which it was asked for; absent = by digest */
  void note(long repository, long manifest, @Nullable String tag) {
    Instant now = Instant.now();
    Instant before = now.minus(EXACT_TO);
    sql.update("update index_manifests set pulled_at = ? where id = ?" + OLDER, now, manifest, before);
    if (tag != null) {
      sql.update("update index_tags set pulled_at = ? where repository_id = ? and name = ?" + OLDER, now, repository, tag, before);
    }
  }
}
