package dev.tallyman.error;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Keeps names and passwords that people write into addresses out of what is shown or kept. */
public final class Credentials {
  private static final String SCHEME = "(?i)\\b([a-z][a-z0-9+.-]{0,20}://)";
  private static final Pattern IN_ADDRESS = Pattern.compile(SCHEME + "[^/?#\\s]*@");
  /** What begins as no address does: a colon after which there is no port is a password's, in which the end of the host's name was not written as %XX. */
  private static final Pattern UNTIDY = Pattern.compile(SCHEME + "(?!HOST(:\\d{1,5})?(/|$)|HOST[?#])".replace("HOST", "(\\[[0-9a-f:.%]{0,60}]|[^:/?#]*)"));
  private static final Pattern WORD = Pattern.compile("\\S+");

  private Credentials() {}

  /** The text without {@code user:password@} of the addresses in it. */
  public static String removed(String text) {
    if (text.indexOf('@') < 0) {
      return text;
    }
    String tidy = IN_ADDRESS.matcher(text).replaceAll("$1");
    return tidy.indexOf('@') < 0 ? tidy : WORD.matcher(tidy).replaceAll(word -> Matcher.quoteReplacement(withoutUntidy(word.group())));
  }

  private static String withoutUntidy(String word) {
    int end = word.lastIndexOf('@');
    Matcher matcher = UNTIDY.matcher(word);
    return end >= 0 && matcher.find() && matcher.end() <= end ? word.substring(0, matcher.end()) + word.substring(end + 1) : word;
  }
}
