package dev.tallyman.dashboard.repository;

import dev.tallyman.dashboard.FilterValues;
import dev.tallyman.index.Repositories.Listed;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page of the list.
 *
 * @param query empty for all
 * @param after name after which the page begins; empty for the first one
 * @param hasMore there are repositories behind the last row
 */
record RepositoryList(List<Listed> rows, String query, String after, boolean hasMore) {
  static final int ROWS = 50;

  /** True where there is nothing at all, as far as the reader may see. */
  public boolean isEmpty() {
    return rows.isEmpty() && query.isEmpty() && after.isEmpty();
  }

  public String firstLink() {
    return link("");
  }

  public @Nullable String nextLink() {
    return hasMore ? link(rows.get(rows.size() - 1).summary().name()) : null;
  }

  private String link(String last) {
    return new FilterValues().with("q", query).with("last", last).link("/ui/repositories", null);
  }
}
