package dev.tallyman.container;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for about a container's place on one network.
 *
 * @param network name or id, as given
 * @param address wanted IPv4 address; empty = any
 * @param mac six bytes in colon form; empty = derived from the address
 * @param aliases further names on this network
 * @param links {@code container:alias}: names that only this container knows
 * @param address6 wanted IPv6 address; empty = any, where the network has them
 * @param gatewayPriority the network with the highest gets the default route
 * @param options {@link #LINK_NAME}, {@link #LINK_SYSCTLS}, and a client's own remarks: kept and shown
 */
public record PlaceSpec(
    String network, String address, String mac, List<String> aliases, List<String> links, int gatewayPriority, String address6, Map<String, String> options) {
  /** Those of Docker's options that mean something here. */
  public static final String LINK_NAME = "com.docker.network.endpoint.ifname";

  public static final String LINK_SYSCTLS = "com.docker.network.endpoint.sysctls";

  public PlaceSpec(
      String network, @Nullable String address, @Nullable String mac, @Nullable List<String> aliases, @Nullable List<String> links, int gatewayPriority, @Nullable String address6,
      @Nullable Map<String, String> options) {
    this.network = network;
    this.address = address == null ? "" : address;
    this.mac = mac == null ? "" : mac;
    this.aliases = aliases == null ? List.of() : List.copyOf(aliases);
    this.links = links == null ? List.of() : List.copyOf(links);
    this.gatewayPriority = gatewayPriority;
    this.address6 = address6 == null ? "" : address6;
    this.options = options == null ? Map.of() : Map.copyOf(options);
  }

  public PlaceSpec(String network, @Nullable String address, @Nullable String mac, @Nullable List<String> aliases, @Nullable List<String> links, int gatewayPriority, @Nullable String address6) {
    this(network, address, mac, aliases, links, gatewayPriority, address6, Map.of());
  }

  public PlaceSpec(String network, @Nullable String address, @Nullable String mac, @Nullable List<String> aliases, @Nullable List<String> links, int gatewayPriority) {
    this(network, address, mac, aliases, links, gatewayPriority, "");
  }

  public static PlaceSpec plain(String network) {
    return new PlaceSpec(network, "", "", List.of(), List.of(), 0);
  }

  /** How the link is called in the container; absent = the next free of eth0, eth1 … */
  @Nullable String linkName() {
    String name = options.getOrDefault(LINK_NAME, "");
    return name.isEmpty() ? null : name;
  }

  /** Settings of the link, as the kernel's side takes them. */
  List<String> linkSysctls() {
    String given = options.get(LINK_SYSCTLS);
    return given == null ? List.of() : LinkSysctls.parse(given);
  }

  boolean hasAddress() {
    return !address.isEmpty();
  }

  boolean hasAddress6() {
    return !address6.isEmpty();
  }
}
