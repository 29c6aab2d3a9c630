package dev.tallyman.distribution;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether an address is one of the open internet (IANA special-purpose registries for IPv4 and IPv6). */
public final class PublicAddress {
  private static final byte[] NAT64 = {0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};
  private static final byte[] LOCAL_NAT64 = {0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 1};
  private static final byte[] SIX_TO_FOUR = {0x20, 0x02};
  private static final byte[] TEREDO = {0x20, 0x01, 0, 0};
  private static final byte[] COMPATIBLE = new byte[12];
  private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff};

  /** Metadata services of clouds that are at no link-local address: of Alibaba, Azure, Google, Oracle (two) and Scaleway. Amazon keeps a whole prefix. */
  private static final Set<InetAddress> METADATA_SERVICES =
      Stream.of("100.100.100.200", "168.63.129.16", "fd20:ce::254", "192.0.0.192", "fd00:c1::a9fe:a9fe", "fd00:42::42").map(PublicAddress::literal).collect(Collectors.toUnmodifiableSet());
  private static final byte[] AMAZON_SERVICES = {(byte) 0xfd, 0, 0x0e, (byte) 0xc2};

  private PublicAddress() {}

  public static boolean is(InetAddress address) {
    if (address.isAnyLocalAddress() || address.isLoopbackAddress() || address.isSiteLocalAddress() || isOfNoServer(address)) {
      return false;
    }
    byte[] bytes = address.getAddress();
    return address instanceof Inet6Address ? isPublic6(bytes) : isPublic4(bytes);
  }

  /** Addresses at which no registry is, whoever asks: metadata services of clouds, multicast, nothing at all; also as they are written within others. */
  public static boolean isNever(InetAddress address) {
    if (address.isAnyLocalAddress() || isOfNoServer(address)) {
      return true;
    }
    byte[] bytes = address.getAddress();
    return address instanceof Inet6Address && inside(bytes).stream().anyMatch(PublicAddress::isOfNoServer);
  }

  private static boolean isOfNoServer(InetAddress address) {
    return address.isLinkLocalAddress() || address.isMulticastAddress() || METADATA_SERVICES.contains(address)
        || address instanceof Inet6Address && startsWith(address.getAddress(), AMAZON_SERVICES);
  }

  /** All addresses of IPv4 to which a packet for this one might be sent on. */
  private static List<InetAddress> inside(byte[] bytes) {
    if (startsWith(bytes, NAT64) || startsWith(bytes, COMPATIBLE) || startsWith(bytes, MAPPED)) {
      return List.of(inside(bytes, 12, 13, 14, 15));
    }
    if (startsWith(bytes, LOCAL_NAT64)) {
      // Each network says for itself how long its prefix is; the ninth byte is left out (RFC 6052).
      return List.of(inside(bytes, 12, 13, 14, 15), inside(bytes, 9, 10, 11, 12), inside(bytes, 7, 9, 10, 11), inside(bytes, 6, 7, 9, 10));
    }
    if (startsWith(bytes, SIX_TO_FOUR)) {
      return List.of(inside(bytes, 2, 3, 4, 5));
    }
    if (startsWith(bytes, TEREDO)) {
      byte[] client = bytes.clone();
      for (int i = 12; i < client.length; i++) {
        client[i] = (byte) ~client[i];
      }
      return List.of(inside(bytes, 4, 5, 6, 7), inside(client, 12, 13, 14, 15));
    }
    return List.of();
  }

  private static InetAddress literal(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("a literal is asked of nobody", e);
    }
  }

  private static boolean startsWith(byte[] bytes, byte[] prefix) {
    return Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
  }

  private static InetAddress inside(byte[] bytes, int... places) {
    byte[] found = new byte[places.length];
    for (int i = 0; i < places.length; i++) {
      found[i] = bytes[places[i]];
    }
    try {
      return InetAddress.getByAddress(found);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
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

  private static boolean isPublic6(byte[] bytes) {
    if (startsWith(bytes, NAT64) || startsWith(bytes, SIX_TO_FOUR)) {
      return inside(bytes).stream().allMatch(PublicAddress::is);
    }
    // Only 2000::/3 is global unicast; documentation and Teredo are in it.
    boolean isDocumentation = bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0x0d && (bytes[3] & 0xff) == 0xb8;
    return (bytes[0] & 0xe0) == 0x20 && !isDocumentation && !startsWith(bytes, TEREDO);
  }
}
