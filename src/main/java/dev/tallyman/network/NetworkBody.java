package dev.tallyman.network;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.web.Given;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Body of a request that creates a network. */
@Schema(description = "Only name is required. Without a subnet one is chosen; range is where addresses are taken from; auxiliaryAddresses belong to others than containers. ipv6 adds an IPv6 subnet, which subnet6 may name, with a gateway6, range6 and auxiliaryAddresses6 of its own; with ipv4 false it has that alone. driver is bridge, macvlan or ipvlan; the latter two have a parent, a link of the host (eth0) or a VLAN of it (eth0.10), macvlan a macvlanMode (bridge, private, vepa or passthru), ipvlan an ipvlanMode (l2, l3 or l3s) and an ipvlanFlag (bridge, private or vepa). configOnly makes no network but a model, from which others take addresses, labels and options by configFrom, its name. addressOptions are shown only.")
record NetworkBody(
    @Nullable String name,
    @Nullable String subnet,
    @Nullable String range,
    @Nullable String gateway,
    @Nullable Map<String, String> auxiliaryAddresses,
    @Nullable Boolean internal,
    @Nullable Boolean isolateContainers,
    @Nullable Boolean masquerade,
    @Nullable Integer mtu,
    @Nullable String hostAddress,
    @Nullable Map<String, String> labels,
    @Nullable Boolean ipv4,
    @Nullable Boolean ipv6,
    @Nullable String subnet6,
    @Nullable String gateway6,
    @Nullable String range6,
    @Nullable Map<String, String> auxiliaryAddresses6,
    @Nullable String bridgeName,
    @Nullable String driver,
    @Nullable String parent,
    @Nullable String macvlanMode,
    @Nullable String ipvlanMode,
    @Nullable String ipvlanFlag,
    @Nullable Map<String, String> addressOptions,
    @Nullable Boolean configOnly,
    @Nullable String configFrom) {

  /** @throws TallymanException INVALID */
  NewNetwork read() {
    Map<String, String> options = new HashMap<>();
    put(options, "com.docker.network.bridge.enable_icc", Boolean.TRUE.equals(isolateContainers) ? "false" : null);
    put(options, "com.docker.network.bridge.enable_ip_masquerade", Boolean.FALSE.equals(masquerade) ? "false" : null);
    put(options, "com.docker.network.driver.mtu", mtu == null ? null : String.valueOf(mtu));
    put(options, NetworkOptions.BRIDGE_NAME, bridgeName);
    put(options, "parent", parent);
    put(options, "macvlan_mode", macvlanMode);
    put(options, "ipvlan_mode", ipvlanMode);
    put(options, "ipvlan_flag", ipvlanFlag);
    put(options, "com.docker.network.bridge.host_binding_ipv4", hostAddress);
    boolean isPlain = text(subnet).isEmpty() && text(range).isEmpty() && text(gateway).isEmpty() && orEmpty(auxiliaryAddresses).isEmpty();
    List<NewNetwork.Pool> pools = new ArrayList<>();
    if (!isPlain) {
      pools.add(new NewNetwork.Pool(text(subnet), text(range), text(gateway), orEmpty(auxiliaryAddresses)));
    }
    boolean hasIpv6 = Boolean.TRUE.equals(ipv6) || !text(subnet6).isEmpty();
    if (text(subnet6).isEmpty() && !((text(gateway6) + text(range6)).isEmpty() && orEmpty(auxiliaryAddresses6).isEmpty())) {
      throw new TallymanException(ErrorKind.INVALID, "the fields gateway6, range6 and auxiliaryAddresses6 need subnet6");
    }
    if (!text(subnet6).isEmpty()) {
      pools.add(new NewNetwork.Pool(text(subnet6), text(range6), text(gateway6), orEmpty(auxiliaryAddresses6)));
    }
    return new NewNetwork(Given.required(name, "name"), text(driver), Boolean.TRUE.equals(internal), false, hasIpv6, pools, options, orEmpty(labels), orEmpty(addressOptions), Boolean.TRUE.equals(configOnly), text(configFrom), Boolean.FALSE.equals(ipv4));
  }

  private static void put(Map<String, String> options, String name, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      options.put(name, value);
    }
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static Map<String, String> orEmpty(@Nullable Map<String, String> map) {
    if (map != null && map.containsValue(null)) {
      throw new TallymanException(ErrorKind.INVALID, "an object in the body holds null");
    }
    return map == null ? Map.of() : map;
  }
}
