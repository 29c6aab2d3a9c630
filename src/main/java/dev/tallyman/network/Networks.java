package dev.tallyman.network;

import dev.tallyman.identity.Caller;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Networks of a team. Three always exist and are everybody's: bridge, none and host. */
public interface Networks {
  List<Network> list(Caller caller);

  /** By id, name or unique beginning of an id. NOT_FOUND: {@code network X not found}. */
  Network inspect(Caller caller, String nameOrId);

  Created create(Caller caller, NewNetwork network);

  /** @throws dev.tallyman.error.TallymanException DENIED while a container is on it, or if it always exists */
  void remove(Caller caller, String nameOrId);

  /** Removes the caller's own networks that nobody is on and that match. @return names */
  List<String> prune(Caller caller, Predicate<Network> filter);

  /**
   * Takes down what the kernel holds of networks that nobody is on, of all teams. They stay in the inventory, and come up again with the next
   * container on them and with the next start of the server. Administrators only. @return names
   */
  List<String> takeDown(Caller caller);

  /**
   * @param driver bridge, macvlan, ipvlan, null (none) or host; @param subnet CIDR, empty for none and host, and with IPv6 alone
   * @param range where addresses are taken from; empty = the whole subnet
   * @param options Docker's, as given; @param team 0 = everybody's
   * @param hasOwnSubnet its creator chose the subnet, so containers may choose addresses in it
   * @param subnet6 CIDR of IPv6, empty = it has none; @param gateway6 in that
   * @param hasOwnSubnet6 as hasOwnSubnet, of IPv6; @param range6 and auxiliaryAddresses6 likewise
   * @param addressOptions Docker's, of the giving of addresses; @param configFrom the model that it was made with, empty = none
   * @param configuration of a model (--config-only): what networks made with it have; absent for networks
   * @param endpoints containers that are on it now and that the caller may see
   */
  record Network(
      String id, String name, String driver, String subnet, String gateway, String range, Map<String, String> auxiliaryAddresses, boolean isInternal, boolean isAttachable,
      boolean isBuiltIn, boolean hasOwnSubnet, Map<String, String> labels, Map<String, String> options, Instant createdAt, String creator, long team, List<Endpoint> endpoints,
      String subnet6, String gateway6, boolean hasOwnSubnet6, String range6, Map<String, String> auxiliaryAddresses6,
      Map<String, String> addressOptions, String configFrom, @Nullable NetworkConfiguration configuration) {
    /** Names work on it, and containers may have addresses of their choice and aliases. */
    public boolean isUserDefined() {
      return !isBuiltIn;
    }

    /** Nothing can be on it. */
    public boolean isConfigOnly() {
      return configuration != null;
    }

    /** Containers have places on it, beside others. */
    public boolean hasAddresses() {
      return !(subnet + subnet6).isEmpty();
    }

    /** It has IPv6 alone. */
    public boolean isWithoutIpv4() {
      return configuration == null ? subnet.isEmpty() && !subnet6.isEmpty() : configuration.isWithoutIpv4();
    }

    /** Its containers have the MAC address of the host's link. */
    public boolean sharesMac() {
      return LanOptions.sharesMac(driver);
    }

    public boolean hasIpv6() {
      return !subnet6.isEmpty();
    }

    public String shortId() {
      return id.substring(0, 12);
    }
  }

  /** @param address6 empty where it has none */
  record Endpoint(String containerId, String name, String address, String mac, List<String> names, String address6) {}

  record Created(String id, List<String> warnings) {}

  /** @param address empty, as the gateway, where the network has IPv6 alone; @param mac derived from the address; empty where it is that of the host's link; @param six absent where the network has no IPv6 */
  record Lease(String networkId, String address, int prefix, String gateway, String mac, @Nullable Lease6 six) {
    public Lease(String networkId, String address, int prefix, String gateway, String mac) {
      this(networkId, address, prefix, gateway, mac, null);
    }
  }

  record Lease6(String address, int prefix, String gateway) {}

  /** Address of the link layer that belongs to an IPv4 address, or where there is none to that of IPv6, as the helper makes it. Empty where there is neither. */
  static String mac(String address, String address6) {
    return !address.isEmpty() ? Subnet.mac(address) : address6.isEmpty() ? "" : Subnet6.mac(address6);
  }
}
