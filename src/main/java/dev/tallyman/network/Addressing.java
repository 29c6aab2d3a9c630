package dev.tallyman.network;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which addresses a network has and gives away.
 *
 * @param range where addresses are taken from for those who ask for none; within the subnet, absent = all of it
 * @param auxiliary addresses that others than containers have, by a name
 */
record Addressing(Subnet subnet, String gateway, @Nullable Subnet range, Map<String, String> auxiliary) {
  Addressing {
    auxiliary = new TreeMap<>(auxiliary);
    if (subnet.indexOf(gateway) < 0) {
      throw invalid("invalid gateway " + gateway + ": it is no address of a host in the subnet " + subnet);
    }
    if (range != null && !subnet.holds(range)) {
      throw invalid("invalid ip-range " + range + ": parent subnet " + subnet + " does not contain it");
    }
    auxiliary.forEach((name, address) -> {
      if (subnet.indexOf(address) < 0) {
        throw invalid("invalid auxiliary address " + name + "=" + address + ": it is no address of a host in the subnet " + subnet);
      }
    });
  }

  static Addressing of(Subnet subnet) {
    return new Addressing(subnet, subnet.first(), null, Map.of());
  }

  /** @param gateway empty = the first address; @param range empty = all */
  static Addressing of(String subnet, String gateway, String range, Map<String, String> auxiliary) {
    Subnet whole = Subnet.network(subnet);
    return new Addressing(whole, gateway.isEmpty() ? whole.first() : gateway, range.isEmpty() ? null : Subnet.range(range), auxiliary);
  }

  private static TallymanException invalid(String message) {
    return new TallymanException(ErrorKind.INVALID, message);
  }
}
