package dev.tallyman.dashboard.container;

import dev.tallyman.container.Container;
import dev.tallyman.container.Containers.ContainerFilter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the list shows.
 *
 * @param show {@code running}, {@code all} or {@code removed}
 * @param query text that name, image, id, creator or a label contains
 * @param matching how many there are; {@code rows} has the newest {@link #MAX_ROWS} of them
 * @param isEmpty true if nothing would be shown without the query either
 */
record ContainerList(String show, String query, List<ContainerRow> rows, int matching, boolean isEmpty) {
  /** A page longer than this helps nobody and makes every live update heavy; searching finds the rest. */
  static final int MAX_ROWS = 200;

  static ContainerFilter filter(String show) {
    return switch (show) {
      case "running" -> ContainerFilter.running();
      case "removed" -> new ContainerFilter(true, true, 0, Map.of());
      default -> ContainerFilter.all();
    };
  }

  static String show(@Nullable String text) {
    return "running".equals(text) || "removed".equals(text) ? text : "all";
  }

  static ContainerList of(String show, @Nullable String query, List<Container> found, boolean canChange) {
    List<Container> shown = found.stream().filter(container -> !"removed".equals(show) || container.removedAt() != null).toList();
    String needle = query == null ? "" : query.strip().toLowerCase(Locale.ROOT);
    List<Container> matching = shown.stream().filter(container -> matches(container, needle)).toList();
    List<ContainerRow> rows = matching.stream().limit(MAX_ROWS).map(container -> new ContainerRow(container, Actions.of(container, canChange))).toList();
    return new ContainerList(show, query == null ? "" : query.strip(), rows, matching.size(), shown.isEmpty());
  }

  /** Address of this list, to come back to after an action. */
  public String here() {
    return "/ui/containers?show=" + show + (query.isEmpty() ? "" : "&q=" + URLEncoder.encode(query, StandardCharsets.UTF_8));
  }

  private static boolean matches(Container container, String needle) {
    return needle.isEmpty()
        || contains(container.name(), needle)
        || contains(container.image(), needle)
        || container.id().startsWith(needle)
        || contains(container.creator(), needle)
        || container.labels().entrySet().stream().anyMatch(label -> contains(label.getKey() + "=" + label.getValue(), needle));
  }

  private static boolean contains(String text, String needle) {
    return text.toLowerCase(Locale.ROOT).contains(needle);
  }
}
