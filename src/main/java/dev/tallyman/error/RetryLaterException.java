package dev.tallyman.error;

import java.time.Duration;

/** EXHAUSTED for a known time: too many tries. Answered with 429 and a Retry-After header. */
public final class RetryLaterException extends TallymanException {
  private final long seconds;

  /** @param wait is rounded up to full seconds */
  public RetryLaterException(String message, Duration wait) {
    super(ErrorKind.EXHAUSTED, message);
    this.seconds = Math.max(1, (wait.toMillis() + 999) / 1000);
  }

  public long seconds() {
    return seconds;
  }
}
