package dev.tallyman.container;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Host ports, e.g. {@code 8080} or {@code 8000-8010}. */
record PortRange(int first, int last) {
  private static final Pattern TEXT = Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?");

  /** @throws dev.tallyman.error.TallymanException INVALID */
  static PortRange parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    int first = matcher.matches() ? Integer.parseInt(matcher.group(1)) : -1;
    int last = first < 0 || matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
    if (first < 0 || last > 65535 || first > last || (first == 0 && last != 0)) {
      throw Refusal.invalid("invalid port specification: " + Refusal.quoted(text));
    }
    return new PortRange(first, last);
  }

  boolean isOne() {
    return first == last;
  }

  boolean holds(int port) {
    return port >= first && port <= last;
  }
}
