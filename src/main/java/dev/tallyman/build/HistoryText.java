package dev.tallyman.build;

import dev.tallyman.image.ImageConfig;
import java.math.BigDecimal;
import java.util.List;
import java.util.stream.Collectors;

/** Values of instructions as BuildKit writes them in the history of an image: in the formats of Go's fmt, which scanners of images read again. */
final class HistoryText {
  /** Of each step that a build adds. */
  static final String COMMENT = "buildkit.dockerfile.v0";
  /** Ends the text of instructions that make files. */
  static final String MARK = " # buildkit";

  private static final long SECOND = 1_000_000_000;

  private HistoryText() {}

  /** {@code [a b]}, as by %v. */
  static String list(List<String> values) {
    return "[" + String.join(" ", values) + "]";
  }

  /** {@code ["a" "b"]}, as by %q. */
  static String quoted(List<String> values) {
    return values.stream().map(each -> '"' + escaped(each, '"') + '"').collect(Collectors.joining(" ", "[", "]"));
  }

  /** A pointer to a structure, as by %q. */
  static String quoted(ImageConfig.Healthcheck check) {
    String retries = Character.toString(check.retries() > Character.MAX_CODE_POINT ? '\ufffd' : check.retries());
    return "&{" + quoted(check.test()) + " \"" + duration(check.intervalNanos()) + "\" \"" + duration(check.timeoutNanos()) + "\" \"" + duration(check.startPeriodNanos()) + "\" \""
        + duration(check.startIntervalNanos()) + "\" '" + escaped(retries, '\'') + "'}";
  }

  private static String escaped(String text, char quote) {
    StringBuilder out = new StringBuilder();
    text.codePoints().forEach(c -> {
      switch (c) {
        case 7 -> out.append("\\a");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case 11 -> out.append("\\v");
        case '\\' -> out.append("\\\\");
        default -> {
          if (c == quote) {
            out.append('\\').append(quote);
          } else if (isPrintable(c)) {
            out.appendCodePoint(c);
          } else {
            out.append(c < ' ' || c == 0x7f ? String.format("\\x%02x", c) : String.format(c > 0xffff ? "\\U%08x" : "\\u%04x", c));
          }
        }
      }
    });
    return out.toString();
  }

  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      default -> true;
    };
  }

  /** As Go's durations tell themselves: {@code 1m30s}, {@code 1.5s}, {@code 100ms}. */
  static String duration(long nanos) {
    if (nanos == 0) {
      return "0s";
    }
    if (nanos < SECOND) {
      return nanos < 1_000 ? nanos + "ns" : nanos < 1_000_000 ? decimal(nanos, 3) + "µs" : decimal(nanos, 6) + "ms";
    }
    long minutes = nanos / (60 * SECOND);
    String seconds = decimal(nanos % (60 * SECOND), 9) + "s";
    return minutes == 0 ? seconds : minutes < 60 ? minutes + "m" + seconds : minutes / 60 + "h" + minutes % 60 + "m" + seconds;
  }

  private static String decimal(long number, int places) {
    return BigDecimal.valueOf(number, places).stripTrailingZeros().toPlainString();
  }
}
