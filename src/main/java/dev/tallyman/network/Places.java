package dev.tallyman.network;

import dev.tallyman.kernel.ResolverSockets;
import dev.tallyman.network.Networks.Lease;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The places of containers on networks. For the containers' own package, which has asked whether the caller may. */
public interface Places {
  /**
   * Reserves an address for a container until {@link #forget}; touches no kernel. The same container gets the address that it has.
   *
   * @param wanted taken if they are free
   * @throws dev.tallyman.error.TallymanException NOT_FOUND without such a network, DENIED if a fixed address is taken
   */
  Lease reserve(String networkId, String container, Wanted wanted);

  /** @param isFixed none but this one will do; @param address6 likewise of IPv6, where the network has that; @param isWithout6 also there it gets none */
  record Wanted(@Nullable String address, boolean isFixed, @Nullable String address6, boolean isFixed6, boolean isWithout6) {}

  /** Brings the bridge up (if it is not) and puts a container on the network, reserving an address if it has none. Its neighbours find it by its names. */
  Lease lease(String networkId, Member member, Wanted wanted);

  /** The container, if it is on the network, has other names now. */
  void rename(String networkId, Member member);

  /** The container is no longer on the network; its address stays its own. */
  void release(String networkId, String container);

  /** Gives the address of a removed container back. */
  void forget(String networkId, String container);

  /** The kernel did not know the bridge: the next {@link #lease} makes it anew. */
  void lost(String networkId);

  /** Makes kernel and inventory agree at start-up: bridges of known networks up, unknown ones down. */
  void reconcile();

  /**
   * Answers what a running container asks its resolver.
   *
   * @param servers to ask for names that are not on its networks; none = the host's
   */
  void serve(String container, ResolverSockets sockets, List<String> servers);

  /** The same for one that runs already: its sockets are opened anew. */
  void serve(String container, List<String> servers);

  /** True if somebody answers what the container asks. */
  boolean isServed(String container);

  /** The container has ended. */
  void silence(String container);
}
