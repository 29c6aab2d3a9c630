package dev.tallyman.web;

import dev.tallyman.identity.Origin;
import dev.tallyman.identity.Way;
import dev.tallyman.web.CallerSource.Credentials;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/** Reads what a request presents: an explicit token first, then the container whose socket it is, the cookie, the peer of the unix socket. */
final class RequestCredentials {
  private static final int MAX_LENGTH = 512;

  private RequestCredentials() {}

  static Optional<Credentials> of(RoutingContext context, Way way) {
    HttpServerRequest request = context.request();
    Origin origin = Doors.originOf(request);
    String header = request.getHeader("X-Tallyman-Token");
    if (header != null) {
      return Optional.of(new Credentials.Token(cut(header.strip()), null, way, origin));
    }
    String authorization = request.getHeader("Authorization");
    if (authorization != null) {
      return authorization(authorization.strip(), way, origin);
    }
    Resident resident = Doors.residentOf(request);
    if (resident != null) {
      return Optional.of(new Credentials.Inside(resident, way, origin));
    }
    Optional<String> cookie = way == Way.DOCKER ? Optional.empty() : SessionCookie.read(context);
    if (cookie.isPresent()) {
      return Optional.of(new Credentials.Session(cut(cookie.get()), way, origin));
    }
    return origin.uid() == null ? Optional.empty() : Optional.of(new Credentials.Peer(way, origin));
  }

  private static Optional<Credentials> authorization(String header, Way way, Origin origin) {
    int space = header.indexOf(' ');
    String scheme = (space < 0 ? header : header.substring(0, space)).toLowerCase(Locale.ROOT);
    String value = space < 0 ? "" : header.substring(space + 1).strip();
    if (scheme.equals("basic")) {
      return Optional.of(basic(value, way, origin));
    }
    return Optional.of(new Credentials.Token(scheme.equals("bearer") ? cut(value) : "", null, way, origin));
  }

  private static Credentials basic(String value, Way way, Origin origin) {
    try {
      String pair = new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      if (colon >= 0) {
        return new Credentials.Token(cut(pair.substring(colon + 1)), pair.substring(0, colon), way, origin);
      }
    } catch (IllegalArgumentException e) {
      // Not base64: the same as a wrong token.
    }
    return new Credentials.Token("", null, way, origin);
  }

  private static String cut(String secret) {
    return secret.length() > MAX_LENGTH ? "" : secret;
  }
}
