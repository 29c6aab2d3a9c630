package dev.tallyman.dashboard;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The filters of a page as they stand in its address. Days are whole days of UTC; what is no day or number counts as not given. */
public final class FilterValues {
  private final Map<String, String> values = new LinkedHashMap<>();

  /** Adds a filter, unless it is blank. */
  public FilterValues with(String field, @Nullable String text) {
    String given = orNull(text);
    if (given != null) {
      values.put(field, given);
    }
    return this;
  }

  public String get(String field) {
    return values.getOrDefault(field, "");
  }

  public boolean isEmpty() {
    return values.isEmpty();
  }

  /** @param path without a query; @param before where an older page begins, absent for the newest */
  public String link(String path, @Nullable Long before) {
    String query = values.entrySet().stream().map(each -> each.getKey() + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8)).collect(Collectors.joining("&"));
    String older = before == null ? "" : (query.isEmpty() ? "" : "&") + "before=" + before;
    return query.isEmpty() && older.isEmpty() ? path : path + "?" + query + older;
  }

  public static @Nullable String orNull(@Nullable String text) {
    return text == null || text.isBlank() ? null : text.strip();
  }

  /** When the day begins. */
  public static @Nullable Instant begin(@Nullable String day) {
    LocalDate date = date(day);
    return date == null ? null : begin(date);
  }

  /** When the day is over: the first moment of the next one. */
  public static @Nullable Instant end(@Nullable String day) {
    LocalDate date = date(day);
    return date == null ? null : begin(date.plusDays(1));
  }

  public static @Nullable Long number(@Nullable String text) {
    return text != null && text.matches("\\d{1,18}") ? Long.valueOf(text) : null;
  }

  private static Instant begin(LocalDate day) {
    return day.atStartOfDay(ZoneOffset.UTC).toInstant();
  }

  private static @Nullable LocalDate date(@Nullable String text) {
    String given = orNull(text);
    try {
      return given == null ? null : LocalDate.parse(given);
    } catch (DateTimeException e) {
      return null;
    }
  }
}
