package dev.tallyman.index;

import dev.tallyman.image.Sql;
import dev.tallyman.index.IndexStore.RepositoryRow;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** What is counted of repositories in the tables index_*. */
@ApplicationScoped
class FigureStore {
  private static final String COLUMNS =
      "r.id, (select count(*) from index_tags where repository_id = r.id), (select coalesce(sum(bytes), 0) from index_blobs where repository_id = r.id)"
          + ", (select coalesce(sum(bytes), 0) from index_manifests where repository_id = r.id), (select max(updated_at) from index_tags where repository_id = r.id)"
          + ", (select max(created_at) from index_manifests where repository_id = r.id), (select max(pulled_at) from index_manifests where repository_id = r.id), r.pulls";
  private final Sql sql;

  @Inject
  FigureStore(DataSource database) {
    this.sql = new Sql(database);
  }

  /** @param pulledAt to the minute; @param pulls without those of the last half minute */
  record Figures(long tags, long storedBytes, @Nullable Instant pushedAt, @Nullable Instant pulledAt, long pulls) {
    static final Figures NONE = new Figures(0, 0, null, null, 0);
  }

  private record Counted(long repository, Figures figures) {}

  /** By id of the repository; those that are gone are left out. */
  Map<Long, Figures> of(List<RepositoryRow> repositories) {
    Map<Long, Figures> found = new HashMap<>();
    if (!repositories.isEmpty()) {
      String places = String.join(", ", Collections.nCopies(repositories.size(), "?"));
      sql.list("select " + COLUMNS + " from index_repositories r where r.id in (" + places + ")", FigureStore::read, repositories.stream().map(RepositoryRow::id).toArray())
          .forEach(each -> found.put(each.repository(), each.figures()));
    }
    return found;
  }

  private static Counted read(ResultSet row) throws SQLException {
    Instant pushed = Stream.of(time(row, 5), time(row, 6)).filter(each -> each != null).max(Instant::compareTo).orElse(null);
    return new Counted(row.getLong(1), new Figures(row.getLong(2), row.getLong(3) + row.getLong(4), pushed, time(row, 7), row.getLong(8)));
  }

  private static @Nullable Instant time(ResultSet row, int column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }
}
