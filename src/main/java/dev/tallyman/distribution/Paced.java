package dev.tallyman.distribution;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Lets through as many figures as a person can read: ten a second for each layer, and the last one. */
final class Paced implements TransferProgress {
  private static final long PAUSE_NANOS = 100_000_000L;

  private final TransferProgress inner;
  private final Map<String, Long> last = new ConcurrentHashMap<>();

  Paced(TransferProgress inner) {
    this.inner = inner;
  }

  @Override
  public void line(String text) {
    inner.line(text);
  }

  @Override
  public void status(String id, String status) {
    inner.status(id, status);
  }

  @Override
  public void bytes(String id, String status, long current, long total) {
    long now = System.nanoTime();
    Long before = last.get(id);
    if (before == null || now - before >= PAUSE_NANOS || current == total) {
      last.put(id, now);
      inner.bytes(id, status, current, total);
    }
  }
}
