package dev.tallyman.network;

import dev.tallyman.identity.Caller;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Networks of a team. Three always exist: bridge, none and host. */
public interface Networks {
  List<Network> list(Caller caller);

  /** By name, id or id prefix. NOT_FOUND: {@code network X not found}. */
  Network inspect(Caller caller, String nameOrId);

  /**
   * Reserves an address for a container until {@link #forget}; touches no kernel. The same container gets the address that it has.
   *
   * @param wantedAddress taken if it is free
   */
  Lease reserve(Caller caller, String networkId, String containerId, @Nullable String wantedAddress);

  /** Brings the bridge up (if it is not) and puts a container on the network, reserving an address if it has none. */
  Lease lease(Caller caller, String networkId, String containerId, @Nullable String wantedAddress);

  /** The container is no longer on the network; its address stays its own. */
  void release(String networkId, String containerId);

  /** Gives the address of a removed container back. */
  void forget(String networkId, String containerId);

  /** The kernel did not know the bridge: the next {@link #lease} makes it anew. */
  void lost(String networkId);

  /** Makes kernel and inventory agree at start-up: bridges of known networks up, unknown ones down. */
  void reconcile();

  /** @param driver bridge, null (none) or host; @param subnet CIDR, empty for none and host */
  record Network(
      String id, String name, String driver, String subnet, String gateway, boolean isInternal, Map<String, String> labels, Map<String, String> options, Instant createdAt,
      long team, List<Endpoint> endpoints) {}

  record Endpoint(String containerId, String address, String mac) {}

  record Lease(String networkId, String address, int prefix, String gateway, String mac) {}
}
