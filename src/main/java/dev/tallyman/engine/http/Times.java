package dev.tallyman.engine.http;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Times in the forms of the API. */
public final class Times {
  /** Go's zero time: "never". */
  public static final String ZERO = "0001-01-01T00:00:00Z";

  private static final DateTimeFormatter NANOS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'").withZone(ZoneOffset.UTC);
  private static final Pattern DURATION = Pattern.compile("(\\d+(?:\\.\\d+)?)(ns|us|µs|ms|s|m|h)");

  private Times() {}

  /** RFC 3339 with nanoseconds in UTC. */
  public static String text(@Nullable Instant instant) {
    return instant == null ? ZERO : NANOS.format(instant);
  }

  /**
   * A point in time as a client gives it: seconds since 1970 with or without a fraction, RFC 3339 (also without zone), or a Go duration
   * before now ({@code 10m}).
   *
   * @return null for nothing and for 0
   */
  public static @Nullable Instant parse(String text, String name) {
    if (text.isEmpty() || text.equals("0")) {
      return null;
    }
    try {
      if (text.matches("-?\\d{1,18}(\\.\\d{1,9})?")) {
        BigDecimal seconds = new BigDecimal(text);
        long whole = seconds.longValue();
        return Instant.ofEpochSecond(whole, seconds.subtract(BigDecimal.valueOf(whole)).movePointRight(9).longValue());
      }
      Duration before = duration(text);
      if (before != null) {
        return Instant.now().minus(before);
      }
      return text.endsWith("Z") || text.matches(".*T.*[+-]\\d\\d:\\d\\d") ? OffsetDateTime.parse(text).toInstant() : local(text);
    } catch (DateTimeException | ArithmeticException e) {
      throw new TallymanException(ErrorKind.INVALID, "invalid value \"" + text + "\" for parameter " + name + ": it must be seconds since 1970, an RFC 3339 time or a duration", e);
    }
  }

  private static Instant local(String text) {
    return LocalDateTime.parse(text.contains("T") ? text : text + "T00:00:00").toInstant(ZoneOffset.UTC);
  }

  private static @Nullable Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    Duration sum = Duration.ZERO;
    int end = 0;
    while (matcher.find() && matcher.start() == end) {
      BigDecimal nanos = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(nanosOf(matcher.group(2))));
      sum = sum.plusNanos(nanos.longValue());
      end = matcher.end();
    }
    return end == text.length() ? sum : null;
  }

  private static long nanosOf(String unit) {
    return switch (unit) {
      case "ns" -> 1;
      case "us", "µs" -> 1_000;
      case "ms" -> 1_000_000;
      case "s" -> 1_000_000_000L;
      case "m" -> 60_000_000_000L;
      default -> 3_600_000_000_000L;
    };
  }
}
