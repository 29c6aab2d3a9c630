package dev.tallyman.build.remote;

import dev.tallyman.distribution.GuardedHttp;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.jspecify.annotations.Nullable;

/**
 * Asks servers for sources of builds. Only public addresses and what an administrator named are asked, after each redirect again; a redirect leads neither
 * from an encrypted connection to a plain one nor takes credentials elsewhere.
 */
@Singleton
public class SourceClient {
  public static final int NOT_MODIFIED = 304;
  private static final int MOST_REDIRECTS = 10;

  private final SourceHosts hosts;
  private final SourceSettings settings;
  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, SourceClient::thread);

  @Inject
  SourceClient(SourceHosts hosts, SourceSettings settings) {
    this.hosts = hosts;
    this.settings = settings;
    timer.setRemoveOnCancelPolicy(true);
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "source-timer");
    thread.setDaemon(true);
    return thread;
  }

  Outing outing(Waiting waiting) {
    return new Outing(waiting, settings.timeout());
  }

  /**
   * Fetches a file.
   *
   * @return with status 200 or 203; the caller closes it
   * @throws TallymanException DENIED for an address that may not be asked, INVALID or UNAVAILABLE for another answer or none
   */
  public SourceAnswer get(RemoteUrl url, Waiting waiting) {
    return get(url, Condition.none(), waiting);
  }

  /** The same, or {@value #NOT_MODIFIED} when the condition does not hold. */
  public SourceAnswer get(RemoteUrl url, Condition condition, Waiting waiting) {
    Outing outing = outing(waiting);
    URI at = url.address();
    for (int hops = 0; hops <= MOST_REDIRECTS; hops++) {
      Map<String, String> headers = new HashMap<>();
      if (url.authorization() != null && url.isAt(at)) {
        headers.put("Authorization", url.authorization());
      }
      boolean isConditional = at.equals(condition.from());
      if (isConditional) {
        headers.putAll(condition.headers());
      }
      SourceAnswer answer = send(outing, "GET", at, headers, null);
      String location = answer.header("Location");
      if (location == null || !isRedirect(answer.status())) {
        return usable(url, answer, isConditional);
      }
      answer.close();
      at = target(at, location);
    }
    throw new TallymanException(ErrorKind.INVALID, "failed to fetch " + url + ": it leads on more than " + MOST_REDIRECTS + " times");
  }

  private static boolean isRedirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }

  private static SourceAnswer usable(RemoteUrl url, SourceAnswer answer, boolean isConditional) {
    int status = answer.status();
    if (status == 200 || status == 203 || isConditional && status == NOT_MODIFIED) {
      return answer;
    }
    answer.close();
    ErrorKind kind = status >= 500 || status == 429 ? ErrorKind.UNAVAILABLE : ErrorKind.INVALID;
    throw new TallymanException(kind, "failed to fetch " + url + ": invalid response status " + status);
  }

  /** @throws TallymanException DENIED */
  static URI target(URI from, String location) {
    URI next;
    try {
      next = from.resolve(location.strip());
      if (next.getHost() == null || !RemoteUrl.is(next.toString())) {
        throw new IllegalArgumentException("no http");
      }
    } catch (IllegalArgumentException e) {
      throw new TallymanException(ErrorKind.DENIED, "failed to fetch " + from + ": it points to what is no http address", e);
    }
    URI bare = RemoteUrl.parse(next.toString()).address();
    if (from.getScheme().equals("https") && !bare.getScheme().equals("https")) {
      throw new TallymanException(ErrorKind.DENIED, "failed to fetch " + from + ": it points to " + bare + ", which is not encrypted");
    }
    return bare;
  }

  /** One request; redirects are not followed. */
  SourceAnswer send(Outing outing, String method, URI address, Map<String, String> headers, byte @Nullable [] body) {
    outing.check(address.toString());
    HttpUriRequestBase request = new HttpUriRequestBase(method, address);
    headers.forEach(request::setHeader);
    if (body != null) {
      request.setEntity(new ByteArrayEntity(body, ContentType.parse(headers.get("Content-Type"))));
    }
    Waiting.Ticket ticket = outing.waiting().on(request::cancel);
    ScheduledFuture<?> last = timer.schedule(request::cancel, Math.max(1, outing.nanosLeft()), TimeUnit.NANOSECONDS);
    Runnable atEnd = () -> {
      ticket.close();
      last.cancel(false);
    };
    boolean isOpen = false;
    // However slowly a head trickles in.
    ScheduledFuture<?> head = timer.schedule(request::cancel, settings.connectTimeout().plus(settings.silence()).toMillis(), TimeUnit.MILLISECONDS);
    try {
      ClassicHttpResponse response = hosts.clientFor(address).executeOpen(new HttpHost(address.getScheme(), address.getHost(), address.getPort()), request, null);
      isOpen = true;
      return new SourceAnswer(address, response, outing, settings.leastPerMinute().asLongValue(), atEnd, request::cancel);
    } catch (IOException e) {
      outing.check(address.toString());
      throw failed(address, e);
    } finally {
      head.cancel(false);
      if (!isOpen) {
        atEnd.run();
      }
    }
  }

  static TallymanException failed(URI address, IOException e) {
    if (e instanceof GuardedHttp.ForbiddenAddressException) {
      return new TallymanException(ErrorKind.DENIED, "failed to fetch " + address + ": " + e.getMessage(), e);
    }
    String why = String.valueOf(e.getMessage());
    if (e instanceof UnknownHostException) {
      why = "no such host: " + address.getHost();
    } else if (e instanceof SocketTimeoutException || e instanceof InterruptedIOException || e.getClass().getSimpleName().toLowerCase(Locale.ROOT).contains("timeout")) {
      why = "the server does not answer in time";
    } else if (e instanceof SSLException) {
      why = "its certificate or encryption is not accepted: " + e.getMessage();
    }
    return new TallymanException(ErrorKind.UNAVAILABLE, "failed to fetch " + address + ": " + why, e);
  }

  @PreDestroy
  void close() {
    timer.shutdownNow();
  }
}
