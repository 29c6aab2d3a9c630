package dev.tallyman.index;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Names of tags, or parts of them with {@code *} for anything; {@code *} alone is every tag.
 *
 * @param patterns at most 50, each at most 128 characters
 */
record TagPatterns(List<String> patterns) {
  static final TagPatterns NONE = new TagPatterns(List.of());
  private static final int MAX_PATTERNS = 50;
  private static final Pattern FORM = Pattern.compile("[a-zA-Z0-9_.*-]{1,128}");

  /** @throws IndexException INVALID */
  TagPatterns {
    if (patterns.size() > MAX_PATTERNS) {
      throw IndexException.invalid("UNSUPPORTED", "at most " + MAX_PATTERNS + " patterns of tags can be given");
    }
    for (String each : patterns) {
      if (each == null || !FORM.matcher(each).matches()) {
        throw IndexException.invalid("UNSUPPORTED", "a pattern of tags is 1 to 128 letters, digits, _ . - and * (any text)");
      }
    }
    patterns = List.copyOf(patterns);
  }

  boolean isEmpty() {
    return patterns.isEmpty();
  }

  boolean matches(String tag) {
    return patterns.stream().anyMatch(each -> matches(each, tag));
  }

  /** Takes time proportional to both lengths at most: the first place for each part between stars is as good as any later one. */
  private static boolean matches(String pattern, String tag) {
    String[] parts = pattern.split("\\*", -1);
    String first = parts[0];
    String last = parts[parts.length - 1];
    if (parts.length == 1) {
      return pattern.equals(tag);
    }
    if (!tag.startsWith(first) || !tag.endsWith(last) || tag.length() < first.length() + last.length()) {
      return false;
    }
    int at = first.length();
    for (int i = 1; i < parts.length - 1; i++) {
      int found = tag.indexOf(parts[i], at);
      if (found < 0) {
        return false;
      }
      at = found + parts[i].length();
    }
    return at <= tag.length() - last.length();
  }

  /** For people. */
  @Override
  public String toString() {
    return patterns.isEmpty() ? "none" : String.join(", ", patterns);
  }
}
