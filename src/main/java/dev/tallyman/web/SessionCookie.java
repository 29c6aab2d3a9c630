package dev.tallyman.web;

import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The cookie that carries a browser's session id. No script can read it and no foreign page can make a browser send it. */
public final class SessionCookie {
  public static final String NAME = "tallyman_session";

  private SessionCookie() {}

  public static Optional<String> read(RoutingContext context) {
    return Optional.ofNullable(context.request().getCookie(NAME)).map(Cookie::getValue).filter(value -> !value.isEmpty());
  }

  public static void set(RoutingContext context, String sessionId, Instant expiresAt) {
    context.response().addCookie(base(context, sessionId).setMaxAge(Math.max(1, Duration.between(Instant.now(), expiresAt).toSeconds())));
  }

  public static void clear(RoutingContext context) {
    context.response().addCookie(base(context, "").setMaxAge(0));
  }

  private static Cookie base(RoutingContext context, String value) {
    return Cookie.cookie(NAME, value).setPath("/").setHttpOnly(true).setSameSite(CookieSameSite.STRICT).setSecure(context.request().isSSL());
  }
}
