package dev.tallyman.build.dockerfile;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Go reads them: {@code 1m30s}, {@code 1.5h}, {@code 500ms}, {@code 0}. */
public final class Durations {
  private static final Pattern PART = Pattern.compile("([0-9]{1,18}(?:\\.[0-9]{0,18})?|\\.[0-9]{1,18})(ns|us|µs|μs|ms|s|m|h)");
  private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);

  private Durations() {}

  /** @throws DockerfileException for what is none */
  public static Duration parse(String text) {
    if (text.equals("0") || text.equals("+0") || text.equals("-0")) {
      return Duration.ZERO;
    }
    boolean isNegative = text.startsWith("-");
    String rest = isNegative || text.startsWith("+") ? text.substring(1) : text;
    Matcher part = PART.matcher(rest);
    BigDecimal nanos = BigDecimal.ZERO;
    int at = 0;
    while (at < rest.length() && part.find(at) && part.start() == at) {
      nanos = nanos.add(new BigDecimal(part.group(1).endsWith(".") ? part.group(1) + "0" : part.group(1)).multiply(nanosOf(part.group(2))));
      at = part.end();
    }
    if (rest.isEmpty() || at < rest.length() || nanos.compareTo(MOST) > 0) {
      throw new DockerfileException("time: invalid duration " + Quoting.quoted(text), text, "a duration such as 30s or 1m30s");
    }
    Duration duration = Duration.ofNanos(nanos.setScale(0, RoundingMode.DOWN).longValueExact());
    return isNegative ? duration.negated() : duration;
  }

  private static BigDecimal nanosOf(String unit) {
    return BigDecimal.valueOf(
        switch (unit) {
          case "h" -> 3_600_000_000_000L;
          case "m" -> 60_000_000_000L;
          case "s" -> 1_000_000_000L;
          case "ms" -> 1_000_000L;
          case "ns" -> 1L;
          default -> 1_000L;
        });
  }
}
