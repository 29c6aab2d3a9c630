package dev.tallyman.build.dockerfile;

/** What counts as a blank: Unicode's white space, as Go's {@code unicode.IsSpace} has it. */
final class Blanks {
  private Blanks() {}

  static boolean isBlank(int c) {
    return c >= '\t' && c <= '\r' || c == ' ' || c == 0x85 || c > 0x7f && Character.isSpaceChar(c);
  }

  static String trimmed(String text) {
    int end = text.length();
    while (end > 0 && isBlank(text.charAt(end - 1))) {
      end--;
    }
    return trimmedLeft(text.substring(0, end));
  }

  static String trimmedLeft(String text) {
    return text.substring(leading(text));
  }

  /** How many blanks the text opens with. */
  static int leading(String text) {
    int start = 0;
    while (start < text.length() && isBlank(text.charAt(start))) {
      start++;
    }
    return start;
  }

  /** Blanks that part words of an instruction; narrower than {@link #isBlank}. */
  static boolean isSeparator(char c) {
    return c == ' ' || c == '\t' || c == 0x0b || c == '\f' || c == '\r';
  }
}
