package dev.tallyman.build.dockerfile;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as {@code size=64m}: binary multiples, with or without {@code b} or {@code ib} at the end. */
final class MountSize {
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,15}(?:\\.[0-9]{1,15})?) ?([kmgtp]?)(?:i?b)?");
  private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);

  private MountSize() {}

  static long bytes(String text, String key) {
    Matcher size = SIZE.matcher(text.toLowerCase(Locale.ROOT));
    if (size.matches()) {
      int power = size.group(2).isEmpty() ? 0 : "kmgtp".indexOf(size.group(2)) + 1;
      BigDecimal bytes = new BigDecimal(size.group(1)).multiply(BigDecimal.valueOf(1024).pow(power)).setScale(0, RoundingMode.DOWN);
      if (bytes.compareTo(MOST) <= 0) {
        return bytes.longValueExact();
      }
    }
    throw new DockerfileException("invalid value for " + key + ": " + text);
  }
}
