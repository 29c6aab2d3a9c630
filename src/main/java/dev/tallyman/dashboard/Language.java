package dev.tallyman.dashboard;

import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Languages of the pages. A choice by the switch wins over the browser's own list. */
public enum Language {
  ENGLISH("en", Locale.ENGLISH),
  CHINESE("zh", Locale.CHINESE);

  private static final String COOKIE = "tallyman_language";
  private static final long YEAR_SECONDS = 365L * 24 * 3600;

  private final String tag;
  private final Locale locale;

  Language(String tag, Locale locale) {
    this.tag = tag;
    this.locale = locale;
  }

  public String tag() {
    return tag;
  }

  public Locale locale() {
    return locale;
  }

  public static Language of(RoutingContext context) {
    Cookie chosen = context.request().getCookie(COOKIE);
    if (chosen != null) {
      return byTag(chosen.getValue());
    }
    return ofHeader(context.request().getHeader("Accept-Language"));
  }

  /** Takes the first language of the browser's list that we have (RFC 9110, 12.5.4). */
  static Language ofHeader(@Nullable String header) {
    if (header == null || header.length() > 500) {
      return ENGLISH;
    }
    try {
      List<Locale> ours = List.of(Locale.ENGLISH, Locale.CHINESE);
      Locale match = Locale.lookup(Locale.LanguageRange.parse(header), ours);
      return match == null ? ENGLISH : byTag(match.getLanguage());
    } catch (IllegalArgumentException e) {
      return ENGLISH;
    }
  }

  static Language byTag(@Nullable String tag) {
    return CHINESE.tag.equals(tag) ? CHINESE : ENGLISH;
  }

  void remember(RoutingContext context) {
    context
        .response()
        .addCookie(Cookie.cookie(COOKIE, tag).setPath("/ui").setHttpOnly(true).setSameSite(CookieSameSite.STRICT).setSecure(context.request().isSSL()).setMaxAge(YEAR_SECONDS));
  }
}
