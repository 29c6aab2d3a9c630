package dev.tallyman.build.dockerfile;

import java.util.Locale;

/** Texts in messages: quoted as Go's {@code %q} does, because that is what Docker prints; long ones are cut. */
final class Quoting {
  private static final int LONGEST = 200;

  private Quoting() {}

  static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    text.codePoints().limit(LONGEST).forEach(c -> append(out, c));
    return out.append(text.codePointCount(0, text.length()) > LONGEST ? "…\"" : "\"").toString();
  }

  private static void append(StringBuilder out, int c) {
    switch (c) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> {
        if (c < ' ' || c == 0x7f) {
          out.append(String.format(Locale.ROOT, "\\x%02x", c));
        } else {
          out.appendCodePoint(c);
        }
      }
    }
  }
}
