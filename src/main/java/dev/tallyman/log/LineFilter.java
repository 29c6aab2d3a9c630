package dev.tallyman.log;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Which lines a query wants, by stream and by the time at which the line began. Both ends of the time are included. */
record LineFilter(boolean wantsOutput, boolean wantsErrors, long sinceNanos, long untilNanos) {
  static LineFilter of(Logs.LogQuery query) {
    return new LineFilter(query.wantsOutput(), query.wantsErrors(), nanos(query.since(), Long.MIN_VALUE), nanos(query.until(), Long.MAX_VALUE));
  }

  private static long nanos(@Nullable Instant at, long absent) {
    if (at == null) {
      return absent;
    }
    try {
      return Math.addExact(Math.multiplyExact(at.getEpochSecond(), 1_000_000_000L), at.getNano());
    } catch (ArithmeticException e) { // centuries away
      return at.getEpochSecond() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }

  boolean wants(RecordReader entry) {
    return entry.isError() ? wantsErrors : wantsOutput;
  }

  boolean isInTime(long nanos) {
    return nanos >= sinceNanos && nanos <= untilNanos;
  }
}
