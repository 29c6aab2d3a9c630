package dev.tallyman.web;

import java.util.Optional;
import java.util.regex.Pattern;

/** Refuses paths that two readers could understand differently; everything behind the guard sees plain ones only. */
final class RequestPath {
  private static final Pattern ESCAPE = Pattern.compile("%(?![0-9a-fA-F]{2})");
  private static final Pattern TRICK = Pattern.compile("//|;|\\\\|%2e|%5c|%3b|%00|%0a|%0d|%25|/\\.\\.?(/|$)", Pattern.CASE_INSENSITIVE);

  private RequestPath() {}

  /** @return what is wrong with the raw path of a request; absent for a plain one */
  static Optional<String> fault(String raw) {
    if (!raw.startsWith("/")) {
      return Optional.of("the path must begin with /");
    }
    for (int i = 0; i < raw.length(); i++) {
      if (raw.charAt(i) <= ' ' || raw.charAt(i) >= 0x7f) {
        return Optional.of("the path holds a character that must be percent-encoded");
      }
    }
    if (ESCAPE.matcher(raw).find()) {
      return Optional.of("the path holds a damaged percent-encoding");
    }
    return TRICK.matcher(raw).find() ? Optional.of("the path is not in its plain form: no //, ;, \\, dot segments or encoded dots") : Optional.empty();
  }
}
