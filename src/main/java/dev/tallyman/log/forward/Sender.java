package dev.tallyman.log.forward;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/** A connection to a receiver. For one thread, but for {@link #close()}, which ends what another thread waits for. */
public interface Sender extends Closeable {
  /** @throws IOException if they may not have arrived; the connection is of no use then */
  void send(List<Line> lines) throws IOException;

  /** @throws IOException if the receiver has gone away */
  void check() throws IOException;

  /** Whether what was sent has arrived, as far as that can be known. Where not, a while must pass in which the receiver does not break the connection. */
  boolean isSure();
}
