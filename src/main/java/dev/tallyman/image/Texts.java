package dev.tallyman.image;

/** Foreign text in our messages. */
final class Texts {
  private static final int LONGEST = 120;

  private Texts() {}

  /** At most 120 characters, control characters replaced, so that an archive cannot fill or forge a message. */
  static String shortened(String text) {
    StringBuilder clean = new StringBuilder();
    text.codePoints().limit(LONGEST).forEach(each -> clean.appendCodePoint(isPlain(each) ? each : '?'));
    return text.codePointCount(0, text.length()) > LONGEST ? clean.append('…').toString() : clean.toString();
  }

  private static boolean isPlain(int codePoint) {
    return !Character.isISOControl(codePoint) && Character.getType(codePoint) != Character.FORMAT && Character.getType(codePoint) != Character.SURROGATE;
  }
}
