package dev.tallyman.distribution;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.error.UnreachableException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.function.LongConsumer;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a blob, exactly as many as its descriptor says. When the connection breaks, the rest is asked for, so the reader notices
 * nothing. A registry that trickles is given up.
 */
final class BlobStream extends InputStream {
  private static final int MOST_BREAKS = 5;
  private static final long MINUTE_NANOS = 60_000_000_000L;

  private final RegistrySession session;
  private final String path;
  private final long size;
  private final long leastPerMinute;
  private final LongConsumer progress;
  private @Nullable ClassicHttpResponse answer;
  private @Nullable InputStream body;
  private long position;
  private int breaks;
  private long minuteStart = System.nanoTime();
  private long minuteBytes;

  /** @param progress told the bytes so far; what it throws ends the stream */
  BlobStream(RegistrySession session, String path, long size, long leastPerMinute, LongConsumer progress) {
    this.session = session;
    this.path = path;
    this.size = size;
    this.leastPerMinute = leastPerMinute;
    this.progress = progress;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    while (true) {
      if (position == size) {
        requireEnd();
        return -1;
      }
      try {
        int count = open().read(bytes, offset, (int) Math.min(length, size - position));
        if (count < 0) {
          throw new IOException("the connection ended after " + position + " of " + size + " bytes");
        }
        position += count;
        requireSpeed(count);
        progress.accept(position);
        return count;
      } catch (IOException e) {
        closeAnswer();
        if (++breaks > MOST_BREAKS || e instanceof java.net.UnknownHostException) {
          throw e;
        }
      }
    }
  }

  private void requireSpeed(int count) {
    minuteBytes += count;
    if (System.nanoTime() - minuteStart > MINUTE_NANOS) {
      if (minuteBytes < leastPerMinute) {
        throw new UnreachableException("the registry " + session.registry().authority() + " is too slow: " + minuteBytes + " bytes in a minute");
      }
      minuteStart = System.nanoTime();
      minuteBytes = 0;
    }
  }

  /** A blob that goes on after its size is another one than the manifest names. */
  private void requireEnd() throws IOException {
    InputStream open = body;
    if (open != null && open.read() >= 0) {
      closeAnswer();
      throw new TallymanException(ErrorKind.INVALID, "the registry " + session.registry().authority() + " sends more than the " + size + " bytes that the manifest names");
    }
    closeAnswer();
  }

  private InputStream open() throws IOException {
    InputStream open = body;
    if (open != null) {
      return open;
    }
    ClassicHttpResponse opened = session.send(path, true, this::request);
    answer = opened;
    int expected = position == 0 ? 200 : 206;
    if (opened.getCode() != expected || position > 0 && !startsHere(opened)) {
      int status = opened.getCode();
      byte[] said = Bodies.read(opened, 64 * 1024);
      closeAnswer();
      if (position > 0 && status == 200) {
        throw new UnreachableException("the connection to " + session.registry().authority() + " broke, and it cannot go on from where it broke");
      }
      throw RegistryErrors.of(status, said, "blob");
    }
    body = opened.getEntity() == null ? InputStream.nullInputStream() : opened.getEntity().getContent();
    return body;
  }

  private HttpUriRequestBase request(URI address) {
    HttpGet request = new HttpGet(address);
    if (position > 0) {
      request.setHeader("Range", "bytes=" + position + "-" + (size - 1));
    }
    return request;
  }

  private boolean startsHere(ClassicHttpResponse partial) {
    Header range = partial.getFirstHeader("Content-Range");
    return range != null && range.getValue().startsWith("bytes " + position + "-");
  }

  private void closeAnswer() {
    ClassicHttpResponse open = answer;
    answer = null;
    body = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        // It is broken or done with.
      }
    }
  }

  @Override
  public void close() {
    closeAnswer();
  }
}
