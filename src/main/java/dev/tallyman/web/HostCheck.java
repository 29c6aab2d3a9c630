package dev.tallyman.web;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Whether a request was meant for this server, and whether a page of this server sent it. */
@Singleton
class HostCheck {
  private static final Pattern ADDRESS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[?[0-9a-fA-F:.]*:[0-9a-fA-F:.]*]?");
  private final OwnAddress own;

  @Inject
  HostCheck(OwnAddress own) {
    this.own = own;
  }

  boolean isOurs(HttpServerRequest request) {
    HostAndPort authority = request.authority();
    if (authority == null) {
      return false;
    }
    String host = authority.host().toLowerCase(Locale.ROOT);
    return own.isName(host) || ADDRESS.matcher(host).matches();
  }

  /** True if a browser says that a page of another site caused this request. Programs send neither header. */
  static boolean isFromForeignPage(HttpServerRequest request) {
    String site = request.getHeader("Sec-Fetch-Site");
    if (site != null && !site.equals("same-origin") && !site.equals("none")) {
      return true;
    }
    String origin = request.getHeader("Origin");
    return origin != null && !isSame(origin, request.authority());
  }

  private static boolean isSame(String origin, @Nullable HostAndPort authority) {
    if (authority == null) {
      return false;
    }
    int scheme = origin.indexOf("://");
    String own = authority.port() > 0 ? authority.host() + ":" + authority.port() : authority.host();
    return scheme > 0 && origin.substring(scheme + 3).equalsIgnoreCase(own);
  }
}
