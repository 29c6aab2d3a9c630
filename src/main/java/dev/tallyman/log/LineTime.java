package dev.tallyman.log;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Writes times as Docker does: RFC 3339 in UTC with nine digits, and a space. Remembers the second, since lines come in crowds. */
final class LineTime {
  private static final int FRACTION_END = 29;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** Made when the first time is asked for: it takes longer than to find the last lines of a log. */
  private static final class Format {
    static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss", java.util.Locale.ROOT).withZone(ZoneOffset.UTC);
  }

  private final byte[] prefix = "0000-00-00T00:00:00.000000000Z ".getBytes(StandardCharsets.US_ASCII);
  private long second = Long.MIN_VALUE;

  /** @return valid until the next call */
  byte[] prefix(long nanos) {
    long now = Math.floorDiv(nanos, NANOS_PER_SECOND);
    if (now != second) {
      byte[] text = Format.SECONDS.format(Instant.ofEpochSecond(now)).getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(text, 0, prefix, 0, 19);
      second = now;
    }
    long fraction = Math.floorMod(nanos, NANOS_PER_SECOND);
    for (int i = FRACTION_END - 1; i > 19; i--) {
      prefix[i] = (byte) ('0' + fraction % 10);
      fraction /= 10;
    }
    return prefix;
  }
}
