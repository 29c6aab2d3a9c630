package dev.tallyman.network;

import dev.tallyman.identity.Caller;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

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
   * @param driver bridge, null (none) or host; @param subnet CIDR, empty for none and host
   * @param range where addresses are taken from; empty = the whole subnet
   * @param options Docker's, as given; @param team 0 = everybody's
   * @param hasOwnSubnet its creator chose the subnet, so containers may choose addresses in it
   * @param endpoints containers that are on it now and that the caller may see
   */
  record Network(
      String id, String name, String driver, String subnet, String gateway, String range, Map<String, String> auxiliaryAddresses, boolean isInternal, boolean isAttachable,
      boolean isBuiltIn, boolean hasOwnSubnet, Map<String, String> labels, Map<String, String> options, Instant createdAt, String creator, long team, List<Endpoint> endpoints) {
    /** Names work on it, and containers may have addresses of their choice and aliases. */
    public boolean isUserDefined() {
      return !isBuiltIn;
    }

    public String shortId() {
      return id.substring(0, 12);
    }
  }

  record Endpoint(String containerId, String name, String address, String mac, List<String> names) {}

  record Created(String id, List<String> warnings) {}

  /** @param mac derived from the address */
  record Lease(String networkId, String address, int prefix, String gateway, String mac) {}
}
