package dev.tallyman.engine.http;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The body of an upload as a blocking stream. Reading slowly slows the sender down. */
final class RequestBody extends InputStream {
  private static final int HIGH_BYTES = 1 << 20;
  private static final int LOW_BYTES = HIGH_BYTES / 2;

  /** How long the rest of a refused upload is read: closing at once could take the answer away from a sender that is still writing. */
  private static final long LINGER_MILLIS = 3_000;

  private final HttpServerRequest request;
  private final Context context;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Buffer> queue = new ArrayDeque<>();
  private @Nullable Buffer current;
  private int position;
  private int queued;
  private boolean isPaused;
  private boolean isEnded;
  private boolean isBroken;
  private boolean isDiscarded;

  /** Must be called on the event loop of the request. */
  RequestBody(HttpServerRequest request) {
    this.request = request;
    this.context = Vertx.currentContext();
    request.exceptionHandler(failure -> end(true));
    request.endHandler(end -> end(false));
    request.handler(this::take);
    request.resume();
  }

  private void take(Buffer buffer) {
    lock.lock();
    try {
      if (isDiscarded) {
        return;
      }
      queue.add(buffer);
      queued += buffer.length();
      if (queued > HIGH_BYTES && !isPaused) {
        isPaused = true;
        request.pause();
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void end(boolean broken) {
    lock.lock();
    try {
      isEnded = true;
      isBroken |= broken;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int read() throws IOException {
    byte[] single = new byte[1];
    return read(single, 0, 1) < 0 ? -1 : single[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (current == null) {
      current = next();
      position = 0;
    }
    if (current == null) {
      return -1;
    }
    int count = Math.min(length, current.length() - position);
    current.getBytes(position, position + count, bytes, offset);
    position += count;
    if (position == current.length()) {
      current = null;
    }
    return count;
  }

  /** What can be read without waiting. */
  @Override
  public int available() {
    lock.lock();
    try {
      return queued + (current == null ? 0 : current.length() - position);
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Buffer next() throws IOException {
    lock.lock();
    try {
      while (queue.isEmpty() && !isEnded) {
        changed.await();
      }
      if (queue.isEmpty()) {
        if (isBroken) {
          throw new IOException("the client broke the upload off");
        }
        return null;
      }
      Buffer buffer = queue.remove();
      queued -= buffer.length();
      if (isPaused && queued < LOW_BYTES) {
        isPaused = false;
        context.runOnContext(go -> request.resume());
      }
      return buffer;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while reading an upload", e);
    } finally {
      lock.unlock();
    }
  }

  /** Nobody reads on. What still comes is thrown away for a while, then the connection is closed. */
  void discard() {
    lock.lock();
    try {
      isDiscarded = true;
      queue.clear();
      if (isEnded) {
        return;
      }
    } finally {
      lock.unlock();
    }
    context.runOnContext(
        go -> {
          request.resume();
          context.owner().setTimer(LINGER_MILLIS, id -> request.connection().close());
        });
  }

  boolean isEnded() {
    lock.lock();
    try {
      return isEnded;
    } finally {
      lock.unlock();
    }
  }
}
