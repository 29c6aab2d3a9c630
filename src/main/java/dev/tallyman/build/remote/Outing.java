package dev.tallyman.build.remote;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;

/** The time that fetching one source may take, over all its requests and until it is on disk. */
final class Outing {
  private final Waiting waiting;
  private final long end;

  Outing(Waiting waiting, Duration most) {
    this.waiting = waiting;
    this.end = System.nanoTime() + most.toNanos();
  }

  Waiting waiting() {
    return waiting;
  }

  long nanosLeft() {
    return end - System.nanoTime();
  }

  /** @throws TallymanException CONFLICT when nobody waits any more, UNAVAILABLE when the time is over */
  void check(String what) {
    waiting.check();
    if (nanosLeft() <= 0) {
      throw new TallymanException(ErrorKind.UNAVAILABLE, "failed to fetch " + what + ": it takes longer than a source of a build may");
    }
  }

  /** Asks at each write whether to go on. */
  OutputStream over(OutputStream out, String what) {
    return new FilterOutputStream(out) {
      @Override
      public void write(int value) throws IOException {
        check(what);
        out.write(value);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        check(what);
        out.write(bytes, offset, length);
      }
    };
  }
}
