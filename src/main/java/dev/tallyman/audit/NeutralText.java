package dev.tallyman.audit;

/** Makes text from clients harmless for terminals, logs and pages: one line, no control characters, no marks that turn its direction. */
final class NeutralText {
  private NeutralText() {}

  /** @param maxLength in UTF-16 units; longer text is cut and ends with … */
  static String of(String text, int maxLength) {
    StringBuilder out = new StringBuilder(Math.min(text.length(), maxLength));
    int i = 0;
    while (i < text.length() && out.length() < maxLength) {
      int point = text.codePointAt(i);
      out.appendCodePoint(isHarmless(point) ? point : '\uFFFD');
      i += Character.charCount(point);
    }
    if (i < text.length() || out.length() > maxLength) {
      out.setLength(maxLength - 1);
      if (Character.isHighSurrogate(out.charAt(out.length() - 1))) {
        out.setLength(out.length() - 1);
      }
      out.append('…');
    }
    return out.toString();
  }

  private static boolean isHarmless(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.UNASSIGNED -> false;
      default -> true;
    };
  }
}
