package dev.tallyman.index;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Part of a blob (RFC 9110, 14.2).
 *
 * @param isWhole no part was asked for, or one in a form that may be ignored (several ranges, other units)
 */
record Ranges(long first, long count, boolean isWhole) {
  private static final Pattern ONE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

  /** @throws RangeException when nothing of the blob is in the range */
  static Ranges of(@Nullable String header, long size) {
    Matcher matcher = header == null ? null : ONE.matcher(header.strip());
    if (matcher == null || !matcher.matches() || (matcher.group(1).isEmpty() && matcher.group(2).isEmpty())) {
      return new Ranges(0, size, true);
    }
    boolean isSuffix = matcher.group(1).isEmpty();
    long first = isSuffix ? Math.max(0, size - Long.parseLong(matcher.group(2))) : Long.parseLong(matcher.group(1));
    long last = isSuffix || matcher.group(2).isEmpty() ? size - 1 : Math.min(size - 1, Long.parseLong(matcher.group(2)));
    if (last < first) {
      throw new RangeException("the blob has " + size + " bytes; nothing of it is in that range", null, "bytes */" + size);
    }
    return new Ranges(first, last - first + 1, false);
  }

  /** Value of Content-Range. */
  String shown(long size) {
    return "bytes " + first + "-" + (first + count - 1) + "/" + size;
  }
}
