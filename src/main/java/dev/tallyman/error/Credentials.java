package dev.tallyman.error;

import java.util.regex.Pattern;

/** Keeps names and passwords that people write into addresses out of what is shown or kept. */
public final class Credentials {
  private static final Pattern IN_ADDRESS = Pattern.compile("(?i)\\b([a-z][a-z0-9+.-]{0,20}://)[^/?#\\s]*@");

  private Credentials() {}

  /** The text without {@code user:password@} of the addresses in it. */
  public static String removed(String text) {
    return text.indexOf('@') < 0 ? text : IN_ADDRESS.matcher(text).replaceAll("$1");
  }
}
