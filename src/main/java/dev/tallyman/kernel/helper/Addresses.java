package dev.tallyman.kernel.helper;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.KernelException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Addresses as the protocol writes them. */
final class Addresses {
  private static final Pattern IPV4 = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");
  private static final Pattern MAC = Pattern.compile("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}");

  private Addresses() {}

  /** {@code 10.88.0.2} is 0x0a580002. */
  static long ipv4(String dotted) {
    Matcher matcher = IPV4.matcher(dotted);
    if (!matcher.matches()) {
      throw new KernelException(ErrorKind.INVALID, "not an IPv4 address: " + dotted);
    }
    long address = 0;
    for (int i = 1; i <= 4; i++) {
      int part = Integer.parseInt(matcher.group(i));
      if (part > 255) {
        throw new KernelException(ErrorKind.INVALID, "not an IPv4 address: " + dotted);
      }
      address = address << 8 | part;
    }
    return address;
  }

  static byte[] mac(String colons) {
    if (!MAC.matcher(colons).matches()) {
      throw new KernelException(ErrorKind.INVALID, "not a MAC address: " + colons);
    }
    byte[] bytes = new byte[6];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Integer.parseInt(colons.substring(3 * i, 3 * i + 2), 16);
    }
    return bytes;
  }
}
