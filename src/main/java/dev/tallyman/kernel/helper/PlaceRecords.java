package dev.tallyman.kernel.helper;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.Inet6;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.SandboxSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The records of a request that are about networks. */
final class PlaceRecords {
  private static final int ENDPOINT_BYTES = 84;
  private static final int MAC_BYTES = 6;

  private PlaceRecords() {}

  static byte[] pair(int first, int second) {
    return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putInt(first).putInt(second).array();
  }

  /** @param range e.g. {@code 10.0.0.0/8} */
  static byte[] source(String range) {
    int slash = range.indexOf('/');
    if (slash < 0 || !range.substring(slash + 1).matches("\\d{1,2}")) {
      throw new KernelException(ErrorKind.INVALID, "not a range of addresses: " + range);
    }
    return pair((int) Addresses.ipv4(range.substring(0, slash)), Integer.parseInt(range.substring(slash + 1)));
  }

  static boolean is6(String rangeOrAddress) {
    return rangeOrAddress.indexOf(':') >= 0;
  }

  /** A gateway or the first of a range, and its prefix. */
  static byte[] range6(String address, int prefix) {
    return ByteBuffer.allocate(Inet6.BYTES + 4).order(ByteOrder.LITTLE_ENDIAN).put(Inet6.parse(address)).putInt(prefix).array();
  }

  /** @param range e.g. {@code fd00::/8} */
  static byte[] source6(String range) {
    int slash = range.indexOf('/');
    if (slash < 0 || !range.substring(slash + 1).matches("\\d{1,3}")) {
      throw new KernelException(ErrorKind.INVALID, "not a range of addresses: " + range);
    }
    return range6(range.substring(0, slash), Integer.parseInt(range.substring(slash + 1)));
  }

  static byte[] endpoint6(String network, SandboxSpec.Six six) {
    if (!Request.isId(network)) {
      throw new KernelException(ErrorKind.INVALID, "network is not an id of " + Protocol.ID_CHARS + " hex characters");
    }
    return ByteBuffer.allocate(Protocol.ID_CHARS + 2 * Inet6.BYTES + 4)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(network.getBytes(StandardCharsets.US_ASCII))
        .put(Inet6.parse(six.address()))
        .put(Inet6.parse(six.gateway()))
        .putInt(six.prefix())
        .array();
  }

  /** What a place has of IPv4, where it has that. */
  static void address(Request request, String address, int prefix, String gateway) {
    if (!address.isEmpty()) {
      request.number(Tag.ADDRESS, Addresses.ipv4(address)).number(Tag.PREFIX, prefix).number(Tag.GATEWAY, Addresses.ipv4(gateway));
    }
  }

  /** How the link to a network is called in the container, where it was asked for, and its settings. */
  static void link(Request request, String network, @Nullable String name, List<String> sysctls) {
    if (name != null) {
      request.record(Tag.LINK_NAME, (network + " " + name).getBytes(StandardCharsets.UTF_8));
    }
    sysctls.forEach(each -> request.record(Tag.LINK_SYSCTL, (network + " " + each).getBytes(StandardCharsets.UTF_8)));
  }

  static void publication(Request request, List<SandboxSpec.Port> ports, List<String> sources) {
    for (SandboxSpec.Port each : ports) {
      if (is6(each.hostAddress())) {
        request.record(Tag.PORT6, StartRequest.port6(each));
      } else {
        request.record(Tag.PORT, StartRequest.port(each));
      }
    }
    for (String each : sources) {
      if (is6(each)) {
        request.record(Tag.SOURCE6, source6(each));
      } else {
        request.record(Tag.SOURCE, source(each));
      }
    }
  }

  static byte[] endpoint(SandboxSpec.Place place) {
    if (!Request.isId(place.network())) {
      throw new KernelException(ErrorKind.INVALID, "network is not an id of " + Protocol.ID_CHARS + " hex characters");
    }
    return ByteBuffer.allocate(ENDPOINT_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(place.network().getBytes(StandardCharsets.US_ASCII))
        .putInt(place.address().isEmpty() ? 0 : (int) Addresses.ipv4(place.address()))
        .putInt(place.address().isEmpty() ? 0 : (int) Addresses.ipv4(place.gateway()))
        .putInt(place.prefix())
        .put(place.mac() == null ? new byte[MAC_BYTES] : Addresses.mac(place.mac()))
        .putShort((short) 0)
        .array();
  }
}
