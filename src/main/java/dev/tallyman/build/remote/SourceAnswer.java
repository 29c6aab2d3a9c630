package dev.tallyman.build.remote;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.jspecify.annotations.Nullable;

/** What a server said. Closing it ends the connection if its body was not read to the end. */
public final class SourceAnswer implements AutoCloseable {
  private static final long MINUTE_NANOS = 60_000_000_000L;

  private final URI address;
  private final ClassicHttpResponse response;
  private final Outing outing;
  private final long leastPerMinute;
  private final Runnable atEnd;
  private final Runnable breakOff;
  private boolean isWhole;

  /** @param atEnd runs when this is closed; @param breakOff ends the connection */
  SourceAnswer(URI address, ClassicHttpResponse response, Outing outing, long leastPerMinute, Runnable atEnd, Runnable breakOff) {
    this.address = address;
    this.response = response;
    this.outing = outing;
    this.leastPerMinute = leastPerMinute;
    this.atEnd = atEnd;
    this.breakOff = breakOff;
    this.isWhole = response.getEntity() == null;
  }

  /** Where the answer came from, after redirects; without credentials. */
  public URI address() {
    return address;
  }

  public int status() {
    return response.getCode();
  }

  String reason() {
    return response.getReasonPhrase() == null ? "" : response.getReasonPhrase();
  }

  public @Nullable String header(String name) {
    Header header = response.getFirstHeader(name);
    return header == null ? null : header.getValue();
  }

  /** By name, in lower case. */
  Map<String, List<String>> headers() {
    Map<String, List<String>> all = new LinkedHashMap<>();
    for (Header each : response.getHeaders()) {
      all.computeIfAbsent(each.getName().toLowerCase(Locale.ROOT), name -> new ArrayList<>()).add(each.getValue());
    }
    return all;
  }

  /** A server that trickles, or takes too long in all, is given up: reading throws. */
  public InputStream body() throws IOException {
    return response.getEntity() == null ? InputStream.nullInputStream() : new Paced(response.getEntity().getContent());
  }

  @Override
  public void close() {
    atEnd.run();
    if (!isWhole) {
      breakOff.run(); // or the library would read on to the end, of which there may be none
    }
    try {
      response.close();
    } catch (IOException e) {
      // It is broken or done with.
    }
  }

  private final class Paced extends InputStream {
    private final InputStream in;
    private long minuteStart = System.nanoTime();
    private long minuteBytes;

    Paced(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      outing.check(address.toString());
      try {
        int count = in.read(bytes, offset, length);
        isWhole = count < 0;
        requireSpeed(Math.max(count, 0));
        return count;
      } catch (IOException e) {
        outing.check(address.toString()); // rather why it was ended than that it was
        throw SourceClient.failed(address, e);
      }
    }

    private void requireSpeed(int count) {
      minuteBytes += count;
      if (System.nanoTime() - minuteStart > MINUTE_NANOS) {
        if (minuteBytes < leastPerMinute) {
          throw new TallymanException(ErrorKind.UNAVAILABLE, "failed to fetch " + address + ": the server is too slow, it sent " + minuteBytes + " bytes in a minute");
        }
        minuteStart = System.nanoTime();
        minuteBytes = 0;
      }
    }
  }
}
