package dev.tallyman.container;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Docker's value of the filter until: a time, seconds since 1970, or how long ago ({@code 1h30m}). */
final class Until {
  private static final Pattern SECONDS = Pattern.compile("(\\d{1,12})(?:\\.(\\d{1,9}))?");
  private static final Pattern AGO = Pattern.compile("(?:(\\d{1,6})h)?(?:(\\d{1,6})m)?(?:(\\d{1,6})s)?");

  private Until() {}

  /** @throws dev.tallyman.error.TallymanException INVALID */
  static Instant parse(String text) {
    Matcher seconds = SECONDS.matcher(text);
    if (seconds.matches()) {
      String fraction = seconds.group(2) == null ? "" : seconds.group(2);
      return Instant.ofEpochSecond(Long.parseLong(seconds.group(1)), Long.parseLong((fraction + "000000000").substring(0, 9)));
    }
    Matcher ago = AGO.matcher(text);
    if (!text.isEmpty() && ago.matches()) {
      return Instant.now().minus(Duration.ofHours(number(ago, 1)).plusMinutes(number(ago, 2)).plusSeconds(number(ago, 3)));
    }
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw Refusal.invalid("invalid filter 'until=" + text + "': write a time, or how long ago, e.g. 24h");
    }
  }

  private static long number(Matcher matcher, int group) {
    return matcher.group(group) == null ? 0 : Long.parseLong(matcher.group(group));
  }
}
