package dev.tallyman.log.forward;

import dev.tallyman.kernel.libc.UnixDatagrams;
import java.io.IOException;
import java.io.InterruptedIOException;

/** Datagrams to a socket in the file system: what was taken is in the receiver's queue. */
final class UnixDatagramWire implements Wire {
  private static final long FULL_MILLIS = 5;

  private final UnixDatagrams socket;

  UnixDatagramWire(String path) throws IOException {
    socket = new UnixDatagrams(path);
  }

  /** Waits while the receiver's queue is full, until {@link #close()}. */
  @Override
  public void write(byte[] bytes) throws IOException {
    try {
      while (!socket.send(bytes)) {
        Thread.sleep(FULL_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while the receiver took nothing");
    }
  }

  @Override
  public void check() {}

  @Override
  public boolean isDatagram() {
    return true;
  }

  @Override
  public void close() {
    socket.close();
  }
}
