package dev.tallyman.engine.http;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** How many bytes may be on their way to a client at a time: a slow reader slows the writer down, never fills the heap. */
public final class Window {
  /** 1 MiB: keeps a fast local reader busy and bounds what a stuck one costs. */
  private static final int LIMIT_BYTES = 1 << 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Runnable> listeners = new ArrayList<>();
  private final int limitBytes;
  private long outstanding;
  private boolean isClosed;

  public Window() {
    this(LIMIT_BYTES);
  }

  /** @param limitBytes on their way at a time; one piece may be larger if it is alone */
  public Window(int limitBytes) {
    this.limitBytes = limitBytes;
  }

  /** Waits until the bytes fit. */
  public void acquire(int bytes) throws ClientGoneException {
    lock.lock();
    try {
      while (!isClosed && outstanding > 0 && outstanding + bytes > limitBytes) {
        changed.awaitUninterruptibly();
      }
      if (isClosed) {
        throw new ClientGoneException();
      }
      outstanding += bytes;
    } finally {
      lock.unlock();
    }
  }

  public void release(int bytes) {
    lock.lock();
    try {
      outstanding -= bytes;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The client is gone, or everything was sent. */
  public void close() {
    List<Runnable> told;
    lock.lock();
    try {
      if (isClosed) {
        return;
      }
      isClosed = true;
      told = List.copyOf(listeners);
      listeners.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    told.forEach(Runnable::run);
  }

  public boolean isClosed() {
    lock.lock();
    try {
      return isClosed;
    } finally {
      lock.unlock();
    }
  }

  /** Runs the listener once, at once if it is closed already. It must not block. */
  public void whenClosed(Runnable listener) {
    lock.lock();
    try {
      if (!isClosed) {
        listeners.add(listener);
        return;
      }
    } finally {
      lock.unlock();
    }
    listener.run();
  }

  /** Sleeps; woken early by the end of the client. @return false if it is gone */
  public boolean sleep(long nanos) {
    long left = nanos;
    lock.lock();
    try {
      while (!isClosed && left > 0) {
        left = changed.awaitNanos(left);
      }
      return !isClosed;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }
}
