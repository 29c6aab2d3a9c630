package dev.tallyman.build.remote;

import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Asks a server for a file only if it has changed (RFC 9110, section 13).
 *
 * @param from address that gave the file, which alone can say so; absent: the file is wanted in any case
 */
public record Condition(@Nullable URI from, Map<String, String> headers) {
  private static final Pattern ETAG = Pattern.compile("(W/)?\"[\\x21\\x23-\\x7e]{0,256}\"");
  /** Within the second of a change, and by clocks that differ, two states of a file have the same time. */
  private static final Duration SETTLED = Duration.ofMinutes(1);

  public Condition {
    headers = Map.copyOf(headers);
  }

  public static Condition none() {
    return new Condition(null, Map.of());
  }

  /** By what the server said of the state that it gave. */
  public static Condition of(SourceAnswer answer, Instant now) {
    String control = answer.header("Cache-Control");
    String tag = answer.header("ETag");
    String changed = answer.header("Last-Modified");
    if (answer.status() != 200 || control != null && control.toLowerCase(Locale.ROOT).contains("no-store")) {
      return none();
    }
    if (tag != null && ETAG.matcher(tag).matches()) {
      return new Condition(answer.address(), Map.of("If-None-Match", tag));
    }
    return changed != null && isSettled(changed, now) ? new Condition(answer.address(), Map.of("If-Modified-Since", changed)) : none();
  }

  private static boolean isSettled(String changed, Instant now) {
    try {
      return Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.ROOT).parse(changed)).isBefore(now.minus(SETTLED));
    } catch (DateTimeException e) {
      return false;
    }
  }

  public boolean isNone() {
    return headers.isEmpty();
  }
}
