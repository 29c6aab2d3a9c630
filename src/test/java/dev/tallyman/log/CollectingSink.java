package dev.tallyman.log;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Keeps what it is given. */
final class CollectingSink implements Logs.LogSink {
  private final ByteArrayOutputStream all = new ByteArrayOutputStream();
  private final ByteArrayOutputStream errors = new ByteArrayOutputStream();
  volatile boolean isClosed;

  @Override
  public synchronized void write(boolean isError, ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    all.writeBytes(copy);
    if (isError) {
      errors.writeBytes(copy);
    }
    notifyAll();
  }

  @Override
  public void flush() {}

  @Override
  public boolean isClosed() {
    return isClosed;
  }

  synchronized String text() {
    return all.toString(StandardCharsets.UTF_8);
  }

  synchronized String errorText() {
    return errors.toString(StandardCharsets.UTF_8);
  }

  synchronized int size() {
    return all.size();
  }

  synchronized void awaitText(String wanted) throws InterruptedException {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (!text().contains(wanted)) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new AssertionError("did not come: " + wanted + "; there is: " + text());
      }
      wait(left);
    }
  }
}
