package dev.tallyman.index;

/** The line that tells people what a repository is for. It is shown in terminals and pages. */
final class Description {
  /** In characters as Java and the database count them. */
  static final int MAX_LENGTH = 500;

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

  private static boolean isPlain(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
      default -> true;
    };
  }
}
