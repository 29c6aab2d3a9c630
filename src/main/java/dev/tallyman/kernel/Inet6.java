package dev.tallyman.kernel;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** Addresses of IPv6 as text (RFC 5952) and as 16 bytes. */
public final class Inet6 {
  public static final int BYTES = 16;
  private static final Pattern TEXT = Pattern.compile("(?=.*:.*:)[0-9a-fA-F:]{2,39}");

  private Inet6() {}

  /** True for what may be meant as such an address; whether it is one tells {@link #parse}. */
  public static boolean isMeant(String text) {
    return text.indexOf(':') >= 0;
  }

  public static boolean isAddress(String text) {
    try {
      // Nothing is looked up: a host's name has no colon.
      return TEXT.matcher(text).matches() && InetAddress.getByName(text) instanceof Inet6Address;
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** @throws TallymanException INVALID */
  public static byte[] parse(String text) {
    try {
      if (isAddress(text)) {
        return InetAddress.getByName(text).getAddress();
      }
    } catch (UnknownHostException e) {
      // isAddress has seen that it is one
    }
    throw new TallymanException(ErrorKind.INVALID, "invalid IPv6 address: " + text);
  }

  /** The one spelling that everybody uses: lower case, the longest run of zero groups left out. */
  public static String text(byte[] address) {
    int[] groups = new int[BYTES / 2];
    for (int i = 0; i < groups.length; i++) {
      groups[i] = (address[2 * i] & 0xff) << 8 | (address[2 * i + 1] & 0xff);
    }
    int start = -1;
    int length = 1; // a single zero group is written
    for (int i = 0; i < groups.length; i++) {
      int run = 0;
      while (i + run < groups.length && groups[i + run] == 0) {
        run++;
      }
      if (run > length) {
        start = i;
        length = run;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < groups.length; i++) {
      if (i == start) {
        text.append("::");
        i += length - 1;
      } else {
        text.append(text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":").append(Integer.toHexString(groups[i]));
      }
    }
    return text.toString();
  }

  public static String canonical(String text) {
    return text(parse(text));
  }
}
