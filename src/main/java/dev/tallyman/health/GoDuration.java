package dev.tallyman.health;

import java.math.BigDecimal;
import java.time.Duration;

/** Durations as Go writes them, which is what Docker's texts have: {@code 30s}, {@code 1m30s}, {@code 1.5s}, {@code 500ms}. */
final class GoDuration {
  private GoDuration() {}

  static String text(Duration duration) {
    long nanos = duration.toNanos();
    if (nanos < 1_000_000_000) {
      return decimal(nanos, nanos < 1_000_000 ? 3 : 6) + (nanos < 1_000_000 ? "µs" : "ms");
    }
    String seconds = decimal(nanos % 60_000_000_000L, 9) + "s";
    long minutes = duration.toMinutes();
    if (minutes == 0) {
      return seconds;
    }
    return minutes < 60 ? minutes + "m" + seconds : minutes / 60 + "h" + minutes % 60 + "m" + seconds;
  }

  private static String decimal(long value, int places) {
    return value == 0 ? "0" : new BigDecimal(value).movePointLeft(places).stripTrailingZeros().toPlainString();
  }
}
