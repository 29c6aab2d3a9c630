package dev.tallyman.distribution;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.error.UnreachableException;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.function.Function;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.jspecify.annotations.Nullable;

/** Requests about one repository at one registry by one person: log-in, redirects, and tries again where that is safe. */
final class RegistrySession {
  private static final int MOST_REDIRECTS = 5;
  private static final int MOST_TRIES = 4;
  private static final long LONGEST_PAUSE_SECONDS = 30;

  private final Outbound outbound;
  private final Tokens tokens;
  private final Duration backOff;
  private final Endpoint registry;
  private final String scope;
  private final Login login;
  private volatile @Nullable String authorization;
  private volatile boolean isLoginSent;

  /** @param scope e.g. {@code repository:library/busybox:pull}; empty for a mere log-in */
  RegistrySession(Outbound outbound, Tokens tokens, Duration backOff, Endpoint registry, String scope, Login login) {
    this.outbound = outbound;
    this.tokens = tokens;
    this.backOff = backOff;
    this.registry = registry;
    this.scope = scope;
    this.login = login;
  }

  Endpoint registry() {
    return registry;
  }

  /** The account's stored log-in if it was sent, for the trail; else empty. */
  String storedLogin() {
    return login.isStored() && isLoginSent ? login.user() : "";
  }

  /**
   * Sends what {@code build} makes for an address, again after a log-in or a failure that may pass.
   *
   * @param path on the registry, or a whole address that the registry gave
   * @return any answer that is no redirect and no demand for credentials; the caller closes it
   */
  ClassicHttpResponse send(String path, boolean isRepeatable, Function<URI, HttpUriRequestBase> build) throws IOException {
    URI address = path.startsWith("/") ? registry.resolve(path) : URI.create(path);
    long pause = backOff.toMillis();
    for (int attempt = 1; ; attempt++) {
      boolean isLast = !isRepeatable || attempt == MOST_TRIES;
      try {
        ClassicHttpResponse answer = authorized(address, build);
        if (isLast || !mayPass(answer.getCode())) {
          return answer;
        }
        pause = Math.max(pause, retryAfterMillis(answer));
        answer.close();
      } catch (GuardedHttp.ForbiddenAddressException | javax.net.ssl.SSLException e) {
        throw e;
      } catch (IOException e) {
        if (isLast || e instanceof java.net.ConnectException || e instanceof java.net.UnknownHostException) {
          throw e;
        }
      }
      sleep(pause);
      pause *= 2;
    }
  }

  private static boolean mayPass(int status) {
    return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
  }

  private static long retryAfterMillis(ClassicHttpResponse answer) {
    Header header = answer.getFirstHeader("Retry-After");
    String text = header == null ? "" : header.getValue().strip();
    return text.matches("[0-9]{1,6}") ? Math.min(Long.parseLong(text), LONGEST_PAUSE_SECONDS) * 1000 : 0;
  }

  private static void sleep(long millis) throws IOException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted between two tries", e);
    }
  }

  private ClassicHttpResponse authorized(URI address, Function<URI, HttpUriRequestBase> build) throws IOException {
    ClassicHttpResponse answer = redirected(address, build);
    if (answer.getCode() != 401) {
      return answer;
    }
    Header demand = answer.getFirstHeader("WWW-Authenticate");
    Bodies.skip(answer);
    if (demand == null) {
      throw new TallymanException(ErrorKind.DENIED, "unauthorized: authentication required");
    }
    authorization = answerTo(Challenge.parse(demand.getValue()));
    ClassicHttpResponse second = redirected(address, build);
    if (second.getCode() == 401) {
      byte[] body = Bodies.read(second, 64 * 1024);
      second.close();
      throw new TallymanException(ErrorKind.DENIED, Bodies.reason(401, body, "unauthorized: authentication required"));
    }
    return second;
  }

  private String answerTo(Challenge challenge) throws IOException {
    if (challenge.scheme().equals("bearer")) {
      isLoginSent |= Tokens.mayHaveLogin(registry, challenge, login);
      return "Bearer " + tokens.fetch(registry, challenge, scope, login);
    }
    if (challenge.scheme().equals("basic") && !login.user().isEmpty() && !registry.isMirror()) {
      isLoginSent = true;
      return login.basic();
    }
    throw new TallymanException(ErrorKind.DENIED, "no basic auth credentials");
  }

  private ClassicHttpResponse redirected(URI start, Function<URI, HttpUriRequestBase> build) throws IOException {
    URI address = start;
    for (int hop = 0; hop <= MOST_REDIRECTS; hop++) {
      HttpUriRequestBase request = build.apply(address);
      String given = authorization;
      // Only the registry itself gets them: where it points to (its storage) has its own signature in the address.
      if (given != null && registry.isAt(address)) {
        request.setHeader("Authorization", given);
      }
      ClassicHttpResponse answer = outbound.send(registry, address, request);
      if (answer.getCode() < 301 || answer.getCode() > 308 || answer.getCode() == 304 || answer.getFirstHeader("Location") == null) {
        return answer;
      }
      String location = answer.getFirstHeader("Location").getValue();
      Bodies.skip(answer);
      address = resolve(address, location);
    }
    throw new UnreachableException("the registry " + registry.authority() + " sends us in circles");
  }

  URI resolve(URI from, String location) {
    try {
      return from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new UnreachableException("the registry " + registry.authority() + " pointed to what is no address", e);
    }
  }
}
