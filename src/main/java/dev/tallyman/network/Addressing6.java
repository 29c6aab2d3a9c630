package dev.tallyman.network;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.Inet6;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which IPv6 addresses a network has and gives away.
 *
 * @param gateway in canonical form
 * @param range where addresses are taken from for those who ask for none; within the subnet, absent = all of it
 * @param auxiliary addresses in canonical form that others than containers have, by a name
 */
record Addressing6(Subnet6 subnet, String gateway, @Nullable Subnet6 range, Map<String, String> auxiliary) {
  private static final int AUXILIARY_MAX = 1024;

  Addressing6 {
    if (auxiliary.size() > AUXILIARY_MAX) {
      throw invalid("a network has at most " + AUXILIARY_MAX + " auxiliary addresses");
    }
    auxiliary = new TreeMap<>(auxiliary);
    auxiliary.replaceAll((name, address) -> host(subnet, "auxiliary address " + name + "=", address));
    gateway = host(subnet, "gateway ", gateway);
    if (range != null && (range.prefix() < subnet.prefix() || !subnet.overlaps(range))) {
      throw invalid("invalid ip-range " + range + ": parent subnet " + subnet + " does not contain it");
    }
  }

  /** @param gateway empty = the first address; @param range empty = all */
  static Addressing6 of(String subnet, String gateway, String range, Map<String, String> auxiliary) {
    Subnet6 whole = Subnet6.parse(subnet);
    return new Addressing6(whole, gateway.isEmpty() ? whole.address(1) : gateway, range.isEmpty() ? null : Subnet6.range(range), auxiliary);
  }

  /** Whether an address, in canonical form, is none of a container's. */
  boolean isTaken(String address) {
    return address.equals(gateway) || auxiliary.containsValue(address);
  }

  private static String host(Subnet6 subnet, String what, String address) {
    if (!Inet6.isAddress(address) || !subnet.hasHost(address)) {
      throw invalid("invalid " + what + address + ": it is no address of a host in the subnet " + subnet);
    }
    return Inet6.canonical(address);
  }

  private static TallymanException invalid(String message) {
    return new TallymanException(ErrorKind.INVALID, message);
  }
}
