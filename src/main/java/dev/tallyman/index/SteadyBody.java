package dev.tallyman.index;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongSupplier;

/** A body that must bring so many bytes in each minute. Silence of a minute is the edge's to end. */
final class SteadyBody extends FilterInputStream {
  private static final long MINUTE_NANOS = 60_000_000_000L;

  private final long leastPerMinute;
  private final LongSupplier clock;
  private long minuteStart;
  private long minuteBytes;

  /** @param clock nanoseconds */
  SteadyBody(InputStream body, long leastPerMinute, LongSupplier clock) {
    super(body);
    this.leastPerMinute = leastPerMinute;
    this.clock = clock;
    this.minuteStart = clock.getAsLong();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  /** @throws SlowBodyException */
  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int count = in.read(bytes, offset, length);
    minuteBytes += Math.max(0, count);
    if (clock.getAsLong() - minuteStart > MINUTE_NANOS) {
      if (count >= 0 && minuteBytes < leastPerMinute) {
        throw new SlowBodyException(minuteBytes);
      }
      minuteStart = clock.getAsLong();
      minuteBytes = 0;
    }
    return count;
  }
}
