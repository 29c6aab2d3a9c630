package dev.tallyman.dashboard;

import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** A message from one request to the page after it, carried by a cookie that the next page clears. */
public record Flash(boolean isError, String text) {
  private static final String COOKIE = "tallyman_flash";
  /** A browser keeps 4096 bytes per cookie; base64 makes three bytes four. */
  private static final int MAX_BYTES = 2400;

  /** How long an answer may take to be followed. */
  private static final long SECONDS = 60;

  void leave(RoutingContext context) {
    byte[] bytes = ((isError ? "e" : "i") + shorten(text)).getBytes(StandardCharsets.UTF_8);
    context.response().addCookie(base(context, Base64.getUrlEncoder().withoutPadding().encodeToString(bytes)).setMaxAge(SECONDS));
  }

  static @Nullable Flash take(RoutingContext context) {
    Cookie cookie = context.request().getCookie(COOKIE);
    if (cookie == null || cookie.getValue().isEmpty()) {
      return null;
    }
    if (!context.response().headWritten()) {
      context.response().addCookie(base(context, "").setMaxAge(0));
    }
    try {
      String text = new String(Base64.getUrlDecoder().decode(cookie.getValue()), StandardCharsets.UTF_8);
      return text.length() < 2 ? null : new Flash(text.charAt(0) == 'e', text.substring(1));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static String shorten(String text) {
    String kept = text;
    while (kept.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
      kept = kept.substring(0, kept.length() * 3 / 4) + "…";
    }
    return kept;
  }

  private static Cookie base(RoutingContext context, String value) {
    return Cookie.cookie(COOKIE, value).setPath("/ui").setHttpOnly(true).setSameSite(CookieSameSite.STRICT).setSecure(context.request().isSSL());
  }
}
