package dev.tallyman.index;

/** Texts that tell people what a repository is for: a line, shown in terminals and pages, and a readme. */
final class Description {
  /** In characters as Java and the database count them. */
  static final int MAX_LENGTH = 500;

  static final int MAX_README = 65_536;

  private Description() {}

  /** @throws IndexException if it is too long, or has line ends, control characters or marks that turn its direction */
  static String require(String text) {
    if (text.length() > MAX_LENGTH) {
      throw IndexException.invalid("UNSUPPORTED", "the description is too long: at most " + MAX_LENGTH + " characters");
    }
    if (!text.codePoints().allMatch(Description::isPlain)) {
      throw IndexException.invalid("UNSUPPORTED", "the description must be one line without control characters");
    }
    return text.strip();
  }

  /** @throws IndexException if it is too long, or has control characters beside line ends and tabs, or marks that turn its direction */
  static String requireReadme(String text) {
    if (text.length() > MAX_README) {
      throw IndexException.invalid("UNSUPPORTED", "the readme is too long: at most " + MAX_README + " characters");
    }
    if (!text.codePoints().allMatch(each -> each == '\n' || each == '\r' || each == '\t' || isPlain(each))) {
      throw IndexException.invalid("UNSUPPORTED", "the readme must be text without control characters");
    }
    return text;
  }

  private static boolean isPlain(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
      default -> true;
    };
  }
}
