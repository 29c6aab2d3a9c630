package dev.tallyman.kernel.libc;

import java.io.IOException;

/** A function of libc failed. */
public final class LibcException extends IOException {
  private static final int EPIPE = 32;
  private static final int ECONNRESET = 104;

  private final int errno;

  LibcException(String function, int errno) {
    super(function + ": " + Libc.describe(errno));
    this.errno = errno;
  }

  public int errno() {
    return errno;
  }

  public boolean isBrokenPipe() {
    return errno == EPIPE;
  }

  public boolean isConnectionReset() {
    return errno == ECONNRESET;
  }
}
