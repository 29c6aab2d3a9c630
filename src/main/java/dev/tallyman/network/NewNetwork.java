package dev.tallyman.network;

import java.util.List;
import java.util.Map;

/**
 * A network that is asked for.
 *
 * @param driver empty = bridge; macvlan, ipvlan
 * @param pools none = a subnet is chosen; at most one of each family
 * @param addressOptions Docker's options of the giving of addresses: shown, and without a meaning, as the one driver there is has none
 * @param isConfigOnly a model: nothing but what networks that name it are made with
 * @param configFrom name of such a model; empty = none
 * @param isWithoutIpv4 it has IPv6 alone
 */
public record NewNetwork(
    String name, String driver, boolean isInternal, boolean isAttachable, boolean hasIpv6, List<Pool> pools, Map<String, String> options, Map<String, String> labels,
    Map<String, String> addressOptions, boolean isConfigOnly, String configFrom, boolean isWithoutIpv4) {
  public NewNetwork(
      String name, String driver, boolean isInternal, boolean isAttachable, boolean hasIpv6, List<Pool> pools, Map<String, String> options, Map<String, String> labels) {
    this(name, driver, isInternal, isAttachable, hasIpv6, pools, options, labels, Map.of(), false, "", false);
  }

  public NewNetwork {
    addressOptions = Map.copyOf(addressOptions);
    pools = List.copyOf(pools);
    options = Map.copyOf(options);
    labels = Map.copyOf(labels);
  }

  /** The same with what a model says. */
  NewNetwork from(NetworkTraits model) {
    NetworkConfiguration said = model.configuration();
    return said == null ? this : new NewNetwork(name, driver, isInternal, isAttachable, said.hasIpv6(), said.pools(), model.options(), model.labels(), model.addressOptions(), false, configFrom, said.isWithoutIpv4());
  }

  /** Whether it says something of its own that a model could say. */
  boolean hasConfiguration() {
    return hasIpv6 || isWithoutIpv4 || !(pools.isEmpty() && labels.isEmpty() && addressOptions.isEmpty());
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
    public Pool {
      auxiliary = Map.copyOf(auxiliary);
    }

    boolean isIpv6() {
      return (subnet + gateway).indexOf(':') >= 0;
    }
  }
}
