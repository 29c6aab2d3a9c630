package dev.tallyman.engine.http;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;

/** A version of the Docker Engine API: {@code 1.minor}. */
public record ApiVersion(int minor) implements Comparable<ApiVersion> {
  /** What dockerd accepted for the longest time; older clients have been gone for ten years. */
  public static final ApiVersion OLDEST = new ApiVersion(24);

  /** The newest version whose behaviour is here. */
  public static final ApiVersion NEWEST = new ApiVersion(51);

  /**
   * @param text from a path, such as {@code 1.41}
   * @throws TallymanException INVALID, in dockerd's words, for a version that is not served
   */
  static ApiVersion parse(String text) {
    if (isTooOld(text)) {
      throw new TallymanException(ErrorKind.INVALID, tooOld(text));
    }
    int minor = minor(text);
    if (minor > NEWEST.minor) {
      throw new TallymanException(ErrorKind.INVALID, "client version " + text + " is too new. Maximum supported API version is " + NEWEST);
    }
    return new ApiVersion(minor);
  }

  /** Clients of such a version want errors as plain text. */
  static boolean isTooOld(String text) {
    return text.startsWith("0.") || minor(text) < OLDEST.minor;
  }

  static String tooOld(String text) {
    return "client version " + text + " is too old. Minimum supported API version is " + OLDEST + ", please upgrade your client to a newer version";
  }

  private static int minor(String text) {
    try {
      return text.startsWith("1.") ? Integer.parseInt(text.substring(2)) : Integer.MAX_VALUE;
    } catch (NumberFormatException e) {
      return Integer.MAX_VALUE;
    }
  }

  public boolean isBefore(int otherMinor) {
    return minor < otherMinor;
  }

  @Override
  public int compareTo(ApiVersion other) {
    return Integer.compare(minor, other.minor);
  }

  @Override
  public String toString() {
    return "1." + minor;
  }
}
