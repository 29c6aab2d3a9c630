package dev.tallyman.dashboard.audit;

import dev.tallyman.audit.AuditTrail.AuditFilter;
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

/** Filters of the audit page as they stand in its address. Days are whole days of UTC; what is no day or number is left out. */
public class AuditForm {
  static final int PAGE_ROWS = 50;

  @RestQuery @Nullable String account;
  @RestQuery @Nullable String action;
  @RestQuery @Nullable String object;
  @RestQuery @Nullable String way;
  @RestQuery @Nullable String outcome;
  @RestQuery @Nullable String from;
  @RestQuery @Nullable String to;
  @RestQuery @Nullable String before;

  AuditFilter filter(int limit) {
    LocalDate last = day(to);
    return new AuditFilter(
        orNull(account), orNull(action), orNull(object), orNull(way), orNull(outcome), start(day(from)), last == null ? null : start(last.plusDays(1)), number(before), limit);
  }

  /** @param older id to go on from; null on the last page */
  Shown show(@Nullable Long older) {
    Map<String, String> values = new LinkedHashMap<>();
    put(values, "account", account);
    put(values, "action", action);
    put(values, "object", object);
    put(values, "way", way);
    put(values, "outcome", outcome);
    put(values, "from", from);
    put(values, "to", to);
    return new Shown(values, older, number(before) != null);
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

  private static @Nullable Instant start(@Nullable LocalDate day) {
    return day == null ? null : day.atStartOfDay(ZoneOffset.UTC).toInstant();
  }

  private static @Nullable Long number(@Nullable String text) {
    return text != null && text.matches("\\d{1,18}") ? Long.valueOf(text) : null;
  }

  /** What the template needs. */
  record Shown(Map<String, String> values, @Nullable Long older, boolean isLaterPage) {
    public String value(String field) {
      return values.getOrDefault(field, "");
    }

    public boolean isFiltered() {
      return !values.isEmpty();
    }

    public List<String> ways() {
      return List.of("browser", "rest", "docker", "system");
    }

    public List<String> outcomes() {
      return List.of("done", "refused", "failed");
    }

    public String newestLink() {
      return "/ui/audit" + (values.isEmpty() ? "" : "?" + query());
    }

    public String olderLink() {
      return "/ui/audit?" + (values.isEmpty() ? "" : query() + "&") + "before=" + older;
    }

    private String query() {
      return values.entrySet().stream()
          .map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
          .collect(Collectors.joining("&"));
    }
  }
}
