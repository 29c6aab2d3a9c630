package dev.tallyman.engine.control;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Messages from a build to the one client that watches it. A slow reader slows the build down; without a reader all is dropped. */
final class StatusQueue {
  private static final int MOST_BYTES = 1 << 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<byte[]> messages = new ArrayDeque<>();
  private final Duration patience;
  private int bytes;
  private boolean isAttached;
  private boolean isDropped;
  private boolean isEnded;

  /** @param patience how long a full queue waits for its first reader */
  StatusQueue(Duration patience) {
    this.patience = patience;
  }

  void add(byte[] message) {
    long left = patience.toNanos();
    lock.lock();
    try {
      while (!isDropped && bytes > MOST_BYTES) {
        if (isAttached) {
          changed.awaitUninterruptibly();
        } else if (left <= 0) {
          drop();
        } else {
          left = changed.awaitNanos(left);
        }
      }
      if (!isDropped && !isEnded) {
        messages.add(message);
        // A small message costs memory, too.
        bytes += message.length + Long.BYTES * 4;
        changed.signalAll();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      drop();
    } finally {
      lock.unlock();
    }
  }

  /** Nothing follows; what is there can still be read. */
  void end() {
    lock.lock();
    try {
      isEnded = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  boolean isEnded() {
    lock.lock();
    try {
      return isEnded;
    } finally {
      lock.unlock();
    }
  }

  /** There is, or was, a reader. */
  boolean isWatched() {
    lock.lock();
    try {
      return isAttached;
    } finally {
      lock.unlock();
    }
  }

  /** @return false if there is, or was, a reader */
  boolean attach() {
    lock.lock();
    try {
      boolean isFirst = !isAttached;
      isAttached = true;
      return isFirst;
    } finally {
      lock.unlock();
    }
  }

  /** The next message; absent at the end, or when nothing is read any more. */
  byte @Nullable [] take() {
    lock.lock();
    try {
      while (messages.isEmpty() && !isEnded && !isDropped) {
        changed.awaitUninterruptibly();
      }
      byte[] next = messages.poll();
      if (next != null) {
        bytes -= next.length + Long.BYTES * 4;
        changed.signalAll();
      }
      return next;
    } finally {
      lock.unlock();
    }
  }

  /** Nobody reads any more. */
  void drop() {
    lock.lock();
    try {
      isDropped = true;
      messages.clear();
      bytes = 0;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
