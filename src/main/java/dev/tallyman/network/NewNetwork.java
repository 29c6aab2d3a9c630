package dev.tallyman.network;

import java.util.List;
import java.util.Map;

/**
 * A network that is asked for.
 *
 * @param driver empty = bridge; macvlan, ipvlan
 * @param pools none = a subnet is chosen; at most one of each family
 */
public record NewNetwork(
    String name, String driver, boolean isInternal, boolean isAttachable, boolean hasIpv6, List<Pool> pools, Map<String, String> options, Map<String, String> labels) {
  public NewNetwork {
    pools = List.copyOf(pools);
    options = Map.copyOf(options);
    labels = Map.copyOf(labels);
  }

  List<Pool> pools4() {
    return pools.stream().filter(each -> !each.isIpv6()).toList();
  }

  /** Those of IPv6, which count only when the network is to have it. */
  List<Pool> pools6() {
    return hasIpv6 ? pools.stream().filter(Pool::isIpv6).toList() : List.of();
  }

  /** @param subnet CIDR; @param range CIDR within it, empty = all of it; @param gateway empty = the first address; @param auxiliary names and addresses of others */
  public record Pool(String subnet, String range, String gateway, Map<String, String> auxiliary) {
    boolean isIpv6() {
      return (subnet + gateway).indexOf(':') >= 0;
    }
  }
}
