package dev.tallyman.web;

import io.vertx.core.http.HttpServerResponse;

/** What browsers are told about our pages: own scripts and styles only, no frames, no guessing of content types. */
final class SecurityHeaders {
  private SecurityHeaders() {}

  static void add(HttpServerResponse response) {
    response
        .putHeader(
            "Content-Security-Policy",
            "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader("X-Frame-Options", "DENY")
        .putHeader("Referrer-Policy", "same-origin")
        .putHeader("Cross-Origin-Opener-Policy", "same-origin")
        .putHeader("Cross-Origin-Resource-Policy", "same-origin");
  }
}
