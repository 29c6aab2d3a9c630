package dev.tallyman.dashboard.event;

import dev.tallyman.event.EventQuery;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** Filters of the page of events as they stand in its address. Days are whole days of UTC; what is no day or number is left out. */
public class EventForm {
  static final int PAGE_ROWS = 50;

  @RestQuery @Nullable String type;
  @RestQuery @Nullable String action;
  @RestQuery @Nullable String object;
  @RestQuery @Nullable String from;
  @RestQuery @Nullable String to;
  @RestQuery @Nullable String before;

  EventQuery query() {
    LocalDate first = day(from);
    LocalDate last = day(to);
    return new EventQuery(orNull(type), orNull(action), orNull(object), first == null ? null : start(first), last == null ? null : start(last.plusDays(1)).minusNanos(1));
  }

  /** Only events before this one of the history. */
  long below() {
    return before != null && before.matches("\\d{1,18}") ? Long.parseLong(before) : Long.MAX_VALUE;
  }

  /** @param older place to go on from; null on the last page */
  Shown show(@Nullable Long older) {
    Map<String, String> values = new LinkedHashMap<>();
    put(values, "type", type);
    put(values, "action", action);
    put(values, "object", object);
    put(values, "from", from);
    put(values, "to", to);
    return new Shown(values, older, below() != Long.MAX_VALUE);
  }

  private static void put(Map<String, String> values, String field, @Nullable String text) {
    if (orNull(text) != null) {
      values.put(field, text.strip());
    }
  }

  private static @Nullable String orNull(@Nullable String text) {
    return text == null || text.isBlank() ? null : text.strip();
  }

  private static @Nullable LocalDate day(@Nullable String text) {
    try {
      return orNull(text) == null ? null : LocalDate.parse(text.strip());
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static Instant start(LocalDate day) {
    return day.atStartOfDay(ZoneOffset.UTC).toInstant();
  }

  /** What the template needs. */
  record Shown(Map<String, String> values, @Nullable Long older, boolean isLaterPage) {
    public String value(String field) {
      return values.getOrDefault(field, "");
    }

    public boolean isFiltered() {
      return !values.isEmpty();
    }

    public List<String> types() {
      return List.of("container", "image", "volume", "network", "secret");
    }

    public String newestLink() {
      return "/ui/events" + (values.isEmpty() ? "" : "?" + query());
    }

    public String olderLink() {
      return "/ui/events?" + (values.isEmpty() ? "" : query() + "&") + "before=" + older;
    }

    private String query() {
      return values.entrySet().stream().map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8)).collect(Collectors.joining("&"));
    }
  }
}
