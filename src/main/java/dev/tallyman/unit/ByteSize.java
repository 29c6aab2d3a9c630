package dev.tallyman.unit;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Amount of data in bytes. Text form uses binary multiples (KiB = 1024), as cgroup files and {@code docker run --memory} do. */
public record ByteSize(long bytes) {
  private static final Pattern TEXT = Pattern.compile("(\\d{1,15})(?:\\.(\\d{1,3}))?\\s?([kmgt]?)(?:i?b)?", Pattern.CASE_INSENSITIVE);

  public ByteSize {
    if (bytes < 0) {
      throw new TallymanException(ErrorKind.INVALID, "size is negative: " + bytes);
    }
  }

  public static ByteSize ofMebibytes(long count) {
    return new ByteSize(Math.multiplyExact(count, 1L << 20));
  }

  /**
   * Reads {@code 512}, {@code 64m}, {@code 1.5g}, {@code 10 MiB}.
   *
   * @throws TallymanException INVALID when the text is no size or does not fit
   */
  public static ByteSize parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip());
    if (!matcher.matches()) {
      throw new TallymanException(ErrorKind.INVALID, "invalid size: '" + text + "'; write a number with k, m, g or t, e.g. 64m");
    }
    String letter = matcher.group(3).toLowerCase(Locale.ROOT);
    long unit = letter.isEmpty() ? 1 : 1L << (10 * ("kmgt".indexOf(letter) + 1));
    double fraction = matcher.group(2) == null ? 0 : Double.parseDouble("0." + matcher.group(2));
    try {
      return new ByteSize(Math.addExact(Math.multiplyExact(Long.parseLong(matcher.group(1)), unit), (long) (fraction * unit)));
    } catch (ArithmeticException e) {
      throw new TallymanException(ErrorKind.INVALID, "invalid size: '" + text + "' is too large", e);
    }
  }

  /** For people: {@code 0 B}, {@code 1.5 KiB}, {@code 64 MiB}. */
  @Override
  public String toString() {
    if (bytes < 1024) {
      return bytes + " B";
    }
    int power = (63 - Long.numberOfLeadingZeros(bytes)) / 10;
    double value = bytes / (double) (1L << (10 * power));
    String number = value >= 100 || value == Math.rint(value) ? String.format(Locale.ROOT, "%.0f", value) : String.format(Locale.ROOT, "%.1f", value);
    return number + " " + "KMGTPE".charAt(power - 1) + "iB";
  }
}
