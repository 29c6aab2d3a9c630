package dev.tallyman.dashboard.image;

import dev.tallyman.container.Container;
import dev.tallyman.image.Images.Image;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the list of images shows. */
record ImageList(String query, List<Row> rows, boolean isEmpty) {
  /** @param containers how many containers of the reader were made from it */
  record Row(Image image, long containers) {
    /** Path of the image's page. */
    public String path() {
      return "/ui/images/" + image.id();
    }
  }

  static ImageList of(@Nullable String query, List<Image> images, List<Container> containers) {
    String needle = query == null ? "" : query.strip().toLowerCase(Locale.ROOT);
    List<Row> rows =
        images.stream()
            .filter(image -> matches(image, needle))
            .map(image -> new Row(image, containers.stream().filter(container -> container.imageId().equals(image.id())).count()))
            .toList();
    return new ImageList(query == null ? "" : query.strip(), rows, images.isEmpty());
  }

  private static boolean matches(Image image, String needle) {
    return needle.isEmpty()
        || image.tags().stream().anyMatch(tag -> tag.toLowerCase(Locale.ROOT).contains(needle))
        || image.id().startsWith(needle)
        || image.id().startsWith("sha256:" + needle);
  }
}
