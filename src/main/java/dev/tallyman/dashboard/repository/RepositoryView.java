package dev.tallyman.dashboard.repository;

import dev.tallyman.dashboard.FilterValues;
import dev.tallyman.index.Repositories.Details;
import dev.tallyman.index.RepositoryImages.Tag;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the page of one repository shows.
 *
 * @param tags one page of them
 * @param after tag after which the page begins; empty for the first one
 * @param typed what was refused and is to be corrected; absent at first sight
 */
record RepositoryView(Details details, Readme.Shown readme, List<Tag> tags, String after, boolean hasMore, @Nullable Typed typed) {
  static final int ROWS = 50;

  /** @param error in the reader's language */
  record Typed(String description, String readme, String error) {}

  static String path(String name) {
    return link(name, "");
  }

  public String path() {
    return path(details.name());
  }

  public String firstLink() {
    return path();
  }

  public @Nullable String nextLink() {
    return hasMore ? link(details.name(), tags.get(tags.size() - 1).name()) : null;
  }

  /** What a pull of the whole repository would take; its commands are examples until there is a tag. */
  public String firstTag() {
    return tags.isEmpty() ? "latest" : tags.stream().map(Tag::name).filter("latest"::equals).findFirst().orElse(tags.get(0).name());
  }

  public String typedDescription() {
    return typed == null ? details.description() : typed.description();
  }

  public String typedReadme() {
    return typed == null ? details.readme() : typed.readme();
  }

  private static String link(String name, String last) {
    return new FilterValues().with("name", name).with("last", last).link("/ui/repositories/one", null);
  }
}
