package dev.tallyman.kernel;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Bridges of container networks, and the places of running containers on them. */
public interface Bridges {
  /**
   * Brings a bridge up, or does nothing if it is.
   *
   * @throws KernelException ALREADY_EXISTS if its subnet overlaps with another network or a route of the host, the host has a link of its name, or it is up in another form
   */
  void up(Bridge bridge);

  /** Removes a bridge; an absent one is success. */
  void down(String network);

  List<String> list();

  /**
   * Puts a running container on a network.
   *
   * @param ports published there if no other network of it has a way out; @param sources as of {@link SandboxSpec.Network.Bridge}
   */
  void connect(String container, SandboxSpec.Place place, List<SandboxSpec.Port> ports, List<String> sources);

  /** Takes a running container off a network. Not being on it is success. */
  void disconnect(String container, String network);

  /** Opens the resolver of a running container anew; absent where there is none to answer at. */
  Optional<ResolverSockets> resolver(String container);

  /**
   * @param network 64 hex characters
   * @param gateway IPv4 address of the bridge in dotted form; empty = it has IPv6 alone
   * @param prefix length of the network's prefix, 8 to 30; 0 = it has IPv6 alone
   * @param isInternal true for no way out
   * @param mtu of its links; 0 = the kernel's own
   * @param isIsolated its containers do not reach one another
   * @param keepsAddresses what leaves it is not masqueraded
   * @param gateway6 its IPv6 address; absent = it has none
   * @param prefix6 8 to 126
   * @param name how the bridge is called on the host, where the policy's {@code bridge_names} has that; absent = by the beginning of its id
   * @param lan where it is one of the host's LANs: then there is no bridge, and the gateway is somebody else
   */
  record Bridge(
      String network, String gateway, int prefix, boolean isInternal, int mtu, boolean isIsolated, boolean keepsAddresses, @Nullable String gateway6, int prefix6,
      @Nullable String name, @Nullable Lan lan) {
    public static Bridge plain(String network, String gateway, int prefix) {
      return new Bridge(network, gateway, prefix, false, 0, false, false, null, 0, null, null);
    }
  }

  /**
   * @param mode bridge, private, vepa or passthru, as macvlan has them; or ipvlan-l2, ipvlan-l3 or ipvlan-l3s, maybe with -private or -vepa behind
   * @param parent a link of the host, or LINK.VLAN
   */
  record Lan(String mode, String parent) {}
}
