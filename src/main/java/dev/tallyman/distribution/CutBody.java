package dev.tallyman.distribution;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;

/**
 * The body of a foreign server's answer. Closed before its end it takes the connection with it; the client would read the rest first, to use the connection again, and
 * the rest may be endless or trickle.
 */
final class CutBody extends HttpEntityWrapper {
  private final Cancellable request;
  private volatile boolean isAtEnd;

  CutBody(HttpEntity body, Cancellable request) {
    super(body);
    this.request = request;
  }

  @Override
  public InputStream getContent() throws IOException {
    return new FilterInputStream(super.getContent()) {
      @Override
      public int read() throws IOException {
        int value = super.read();
        isAtEnd |= value < 0;
        return value;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        int count = super.read(bytes, offset, length);
        isAtEnd |= count < 0;
        return count;
      }

      @Override
      public void close() throws IOException {
        CutBody.this.close();
      }
    };
  }

  /** By any thread, also while another one reads. */
  @Override
  public void close() throws IOException {
    if (isAtEnd) {
      super.close();
    } else {
      request.cancel();
    }
  }
}
