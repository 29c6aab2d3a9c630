package dev.tallyman.log.forward;

import java.io.IOException;
import java.io.InputStream;

/** A connection with two directions. */
interface StreamWire extends Wire {
  /** What the receiver says. @param timeoutMillis how long one read waits; where the platform cannot tell, until {@link #close()} */
  InputStream answers(int timeoutMillis) throws IOException;

  @Override
  default boolean isDatagram() {
    return false;
  }
}
