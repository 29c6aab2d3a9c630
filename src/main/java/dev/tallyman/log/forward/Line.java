package dev.tallyman.log.forward;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * A line of output without its end.
 *
 * @param timeNanos when it began, since 1970
 * @param isPartial a piece of a longer line, and not the last one
 */
public record Line(boolean isError, long timeNanos, byte[] bytes, boolean isPartial) {
  Instant at() {
    return Instant.ofEpochSecond(Math.floorDiv(timeNanos, 1_000_000_000L), Math.floorMod(timeNanos, 1_000_000_000L));
  }

  /** Bytes that are no UTF-8 become the sign for that. */
  String text() {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
