package dev.tallyman.engine.http;

import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.buffer.impl.BufferImpl;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.OutputStream;

/**
 * A long answer, sent in chunks as it comes. The head goes out with the first chunk, so that a failure before it is an ordinary error
 * answer. One thread writes.
 */
public final class AnswerStream extends OutputStream {
  private static final int CHUNK_BYTES = 64 << 10;

  private final HttpServerResponse response;
  private final Window window;
  private final String contentType;
  private byte[] pending = new byte[CHUNK_BYTES];
  private int count;
  private boolean isBegun;
  private volatile boolean isFinished;

  AnswerStream(HttpServerResponse response, Window window, String contentType) {
    this.response = response;
    this.window = window;
    this.contentType = contentType;
  }

  /** Sends the head now: clients wait for it before they go on. */
  public void begin() {
    if (!isBegun) {
      isBegun = true;
      response.putHeader("Content-Type", contentType).setChunked(true).write(Buffer.buffer());
    }
  }

  @Override
  public void write(int single) throws IOException {
    write(new byte[] {(byte) single}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int from = offset;
    int left = length;
    while (left > 0) {
      int part = Math.min(left, CHUNK_BYTES - count);
      System.arraycopy(bytes, from, pending, count, part);
      count += part;
      from += part;
      left -= part;
      if (count == CHUNK_BYTES) {
        flush();
      }
    }
  }

  @Override
  public void flush() throws IOException {
    if (count == 0) {
      if (window.isClosed()) {
        throw new ClientGoneException();
      }
      return;
    }
    int size = count;
    byte[] full = pending;
    pending = new byte[CHUNK_BYTES];
    count = 0;
    window.acquire(size);
    begin();
    response.write(BufferImpl.buffer(Unpooled.wrappedBuffer(full, 0, size))).onComplete(sent -> window.release(size));
  }

  public boolean isBegun() {
    return isBegun;
  }

  /** True when nobody reads any more. */
  public boolean isGone() {
    return window.isClosed();
  }

  public Window window() {
    return window;
  }

  /** Sends the rest and the end. */
  public void finish() throws IOException {
    if (isFinished) {
      return;
    }
    if (!isBegun) {
      isBegun = true;
      isFinished = true;
      response.putHeader("Content-Type", contentType).end(BufferImpl.buffer(Unpooled.wrappedBuffer(pending, 0, count)));
      return;
    }
    flush();
    isFinished = true;
    response.end();
  }

  /** Ends an answer that has begun in a way that no client takes for its proper end. */
  static void breakOff(HttpServerResponse response) {
    if (!response.ended()) {
      response.reset();
    }
  }
}
