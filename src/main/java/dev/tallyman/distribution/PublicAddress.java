package dev.tallyman.distribution;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** Whether an address is one of the open internet (IANA special-purpose registries for IPv4 and IPv6). */
public final class PublicAddress {
  private static final int IPV4_BYTES = 4;
  private static final byte[] NAT64 = {0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};

  private PublicAddress() {}

  public static boolean is(InetAddress address) {
    if (address.isAnyLocalAddress() || address.isLoopbackAddress() || address.isLinkLocalAddress() || address.isSiteLocalAddress() || address.isMulticastAddress()) {
      return false;
    }
    byte[] bytes = address.getAddress();
    return address instanceof Inet6Address ? isPublic6(bytes) : isPublic4(bytes);
  }

  /** Addresses at which no registry is, whoever asks: metadata services of clouds, multicast, nothing at all. */
  public static boolean isNever(InetAddress address) {
    return address.isAnyLocalAddress() || address.isLinkLocalAddress() || address.isMulticastAddress();
  }

  private static boolean isPublic4(byte[] bytes) {
    int first = bytes[0] & 0xff;
    int second = bytes[1] & 0xff;
    boolean isSpecial =
        first == 0 || first >= 240
            || first == 100 && second >= 64 && second < 128 // shared address space
            || first == 192 && second == 0 && (bytes[2] == 0 || bytes[2] == 2)
            || first == 198 && (second == 18 || second == 19) // benchmarks
            || first == 198 && second == 51 && bytes[2] == 100
            || first == 203 && second == 0 && bytes[2] == 113;
    return !isSpecial;
  }

  private static boolean isPublicInside(byte[] bytes, int at) {
    try {
      return is(InetAddress.getByAddress(Arrays.copyOfRange(bytes, at, at + IPV4_BYTES)));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }

  private static boolean isPublic6(byte[] bytes) {
    if (Arrays.equals(bytes, 0, NAT64.length, NAT64, 0, NAT64.length)) {
      return isPublicInside(bytes, NAT64.length);
    }
    if (bytes[0] == 0x20 && bytes[1] == 0x02) { // 6to4 carries an IPv4 address
      return isPublicInside(bytes, 2);
    }
    // Only 2000::/3 is global unicast; documentation and Teredo are in it.
    boolean isDocumentation = bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0x0d && (bytes[3] & 0xff) == 0xb8;
    boolean isTeredo = bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0 && bytes[3] == 0;
    return (bytes[0] & 0xe0) == 0x20 && !isDocumentation && !isTeredo;
  }
}
