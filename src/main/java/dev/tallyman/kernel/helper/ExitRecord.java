package dev.tallyman.kernel.helper;

import dev.tallyman.kernel.Sandboxes.Exit;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The line that a monitor leaves behind: {@code code signal oom started_ns finished_ns}. */
final class ExitRecord {
  private static final Pattern LINE = Pattern.compile("(\\d{1,3}) (\\d{1,2}) ([01]) (\\d{1,19}) (\\d{1,19})\n");

  private ExitRecord() {}

  /** @return absent for a line that is not whole: an end that nobody recorded */
  static Optional<Exit> parse(String line) {
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new Exit(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)), matcher.group(3).equals("1"), instant(matcher.group(4)), instant(matcher.group(5))));
  }

  private static Instant instant(String nanos) {
    return Instant.ofEpochSecond(0, Long.parseLong(nanos));
  }
}
