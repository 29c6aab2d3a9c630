package dev.tallyman.dashboard.live;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * An open answer of server-sent events (HTML standard, 9.2). Any thread may send; what a reader does not take is bounded: facts that are
 * stale a moment later are dropped, output waits.
 */
final class EventStream implements AutoCloseable {
  /** Bytes under way to a slow reader. */
  private static final int MAX_PENDING = 256 * 1024;

  /** Keeps the connection from looking dead to proxies, and finds out that the reader has left. */
  private static final long BEAT_MILLIS = 15_000;

  private final RoutingContext context;
  private final HttpServerResponse response;
  private final List<Runnable> atClose = new ArrayList<>();
  private final long beat;
  private int pending;
  private boolean isClosed;

  /** Begins the answer. Must be called on the request's event loop. */
  EventStream(RoutingContext context) {
    this.context = context;
    this.response = context.response();
    response.putHeader("Content-Type", "text/event-stream").putHeader("Cache-Control", "no-store").putHeader("X-Accel-Buffering", "no").setChunked(true);
    response.closeHandler(done -> closed());
    response.exceptionHandler(failure -> closed());
    response.write("retry: 2000\n\n");
    beat = context.vertx().setPeriodic(BEAT_MILLIS, id -> write(Buffer.buffer(":\n\n")));
  }

  /** Sends a fact, or drops it when the reader is behind. */
  void offer(String event, JsonObject data) {
    synchronized (this) {
      if (isClosed || pending > MAX_PENDING) {
        return;
      }
    }
    write(encode(event, data));
  }

  /**
   * Sends a piece of output and waits while too much is under way.
   *
   * @throws IOException when the reader has left
   */
  void send(String event, JsonObject data) throws IOException {
    synchronized (this) {
      while (pending > MAX_PENDING && !isClosed) {
        try {
          wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IOException("interrupted while a reader was slow", e);
        }
      }
      if (isClosed) {
        throw new IOException("the reader has left");
      }
    }
    write(encode(event, data));
  }

  synchronized boolean isClosed() {
    return isClosed;
  }

  /** Runs once when the stream ends, at once if it has. */
  void atClose(Runnable work) {
    synchronized (this) {
      if (!isClosed) {
        atClose.add(work);
        return;
      }
    }
    work.run();
  }

  @Override
  public void close() {
    if (!isClosed()) {
      context.vertx().runOnContext(done -> {
        if (!response.ended()) {
          response.end();
        }
      });
    }
    closed();
  }

  private void write(Buffer bytes) {
    synchronized (this) {
      if (isClosed) {
        return;
      }
      pending += bytes.length();
    }
    response.write(bytes).onComplete(done -> written(bytes.length(), done.succeeded()));
  }

  private void written(int length, boolean isSent) {
    synchronized (this) {
      pending -= length;
      notifyAll();
    }
    if (!isSent) {
      closed();
    }
  }

  private void closed() {
    List<Runnable> work;
    synchronized (this) {
      if (isClosed) {
        return;
      }
      isClosed = true;
      work = List.copyOf(atClose);
      notifyAll();
    }
    context.vertx().cancelTimer(beat);
    work.forEach(Runnable::run);
  }

  private static Buffer encode(String event, JsonObject data) {
    String text = "event: " + event + "\ndata: " + data.encode() + "\n\n";
    return Buffer.buffer(text.getBytes(StandardCharsets.UTF_8));
  }
}
