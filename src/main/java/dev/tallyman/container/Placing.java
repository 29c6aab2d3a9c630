package dev.tallyman.container;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.network.Networks;
import dev.tallyman.network.Networks.Lease;
import dev.tallyman.network.Networks.Network;
import dev.tallyman.network.Places;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Gives containers their places on networks and takes them back. */
@Singleton
class Placing {
  static final String BRIDGE = "bridge";
  private static final Logger LOG = Logger.getLogger(Placing.class);

  private final Networks networks;
  private final Places places;

  @Inject
  Placing(Networks networks, Places places) {
    this.networks = networks;
    this.places = places;
  }

  static boolean isBridged(String networkMode) {
    return !networkMode.equals("none") && !networkMode.equals("host") && !networkMode.startsWith("container:");
  }

  /** What a new container gets; reserved until {@link #forget}. None for modes without a network of the container's own. */
  List<Membership> reserve(Caller caller, String container, ContainerSpec spec) {
    List<Membership> reserved = new ArrayList<>();
    if (!isBridged(spec.networkMode())) {
      return reserved;
    }
    try {
      for (Wanted each : wanted(caller, spec)) {
        reserved.add(reserve(container, spec, each.network(), each.place()));
      }
    } catch (RuntimeException e) {
      forget(container, reserved);
      throw e;
    }
    return ordered(reserved);
  }

  private record Wanted(Network network, PlaceSpec place) {}

  /** The network of the network mode, unless only others were named, and those others; the links and the MAC address are those of the first. */
  private List<Wanted> wanted(Caller caller, ContainerSpec spec) {
    Network first = networks.inspect(caller, spec.networkMode());
    List<Wanted> all = new ArrayList<>();
    for (PlaceSpec each : spec.networking().places()) {
      Network network = Refusal.named(() -> networks.inspect(caller, each.network()), "");
      if (all.stream().anyMatch(known -> known.network().id().equals(network.id()))) {
        throw Refusal.invalid("network " + network.name() + " is named twice");
      }
      all.add(network.id().equals(first.id()) ? 0 : all.size(), new Wanted(network, each));
    }
    boolean isFirstNamed = !all.isEmpty() && all.get(0).network().id().equals(first.id());
    if (!isFirstNamed && (all.isEmpty() || first.isUserDefined())) {
      all.add(0, new Wanted(first, PlaceSpec.plain(first.name())));
    }
    Wanted head = all.get(0);
    PlaceSpec given = head.place();
    List<String> links = new ArrayList<>(given.links());
    if (head.network().isUserDefined()) {
      spec.networking().links().stream().filter(each -> !links.contains(each)).forEach(links::add);
    }
    String mac = given.mac().isEmpty() && spec.macAddress() != null ? spec.macAddress() : given.mac();
    all.set(0, new Wanted(head.network(), new PlaceSpec(given.network(), given.address(), mac, given.aliases(), links, given.gatewayPriority(), given.address6(), given.options())));
    return all;
  }

  Membership reserve(String container, ContainerSpec spec, Network network, PlaceSpec place) {
    check(network, place);
    if (network.isWithoutIpv4() && LinkSysctls.isWithoutIpv6(spec, place)) {
      throw Refusal.invalid("network " + network.name() + " has IPv6 alone, which the container's sysctls switch off: it would have no address there");
    }
    Lease lease = places.reserve(network.id(), container, wanted(spec, place, null));
    return new Membership(lease, network.name(), network.isUserDefined(), network.isInternal(), place, network.driver());
  }

  /** @param had the address that it had; a wish goes before it */
  private static Places.Wanted wanted(ContainerSpec spec, PlaceSpec place, Networks.@Nullable Lease had) {
    String address = had != null ? had.address() : place.hasAddress() ? place.address() : null;
    String had6 = had == null || had.six() == null ? null : had.six().address();
    return new Places.Wanted(address, place.hasAddress(), had6 == null && place.hasAddress6() ? place.address6() : had6, place.hasAddress6(), LinkSysctls.isWithoutIpv6(spec, place));
  }

  static void requireNoModel(Network network) {
    if (network.isConfigOnly()) {
      throw new TallymanException(ErrorKind.DENIED, "cannot create endpoint on configuration-only network " + network.name());
    }
  }

  private static void check(Network network, PlaceSpec place) {
    requireNoModel(network);
    if (!network.hasAddresses()) {
      throw Refusal.invalid("conflicting options: a container cannot be on the network " + network.name() + " and on others");
    }
    NetworkRules.checkPlace(place);
    if (network.sharesMac() && !place.mac().isEmpty()) {
      throw Refusal.invalid("ipvlan interfaces do not support custom mac address assignment");
    }
    if (place.hasAddress() && network.isWithoutIpv4()) {
      throw Refusal.invalid("invalid address " + place.address() + ": network " + network.name() + " has no IPv4");
    }
    if (place.hasAddress6() && !network.hasIpv6()) {
      throw Refusal.invalid("invalid address " + place.address6() + ": network " + network.name() + " has no IPv6");
    }
    if (place.hasAddress6() && !network.hasOwnSubnet6()) {
      throw Refusal.invalid("user specified IP address is supported only when connecting to networks with user configured subnets");
    }
    if (!network.isUserDefined()) {
      if (place.hasAddress()) {
        throw Refusal.invalid("user specified IP address is supported on user defined networks only");
      }
      if (!place.aliases().isEmpty()) {
        throw Refusal.invalid("network-scoped aliases are only supported for user-defined networks");
      }
      if (!place.links().isEmpty()) {
        throw Refusal.invalid("links of a place are only supported for user-defined networks");
      }
    } else if (place.hasAddress() && !network.hasOwnSubnet()) {
      throw Refusal.invalid("user specified IP address is supported only when connecting to networks with user configured subnets");
    }
  }

  /** The one with the default route of IPv4 first: one with a way out, of these one with the highest priority, and of these one with both families. */
  static List<Membership> ordered(List<Membership> memberships) {
    return memberships.stream().sorted(Comparator.comparing(Membership::isInternal).thenComparing(each -> -each.settings().gatewayPriority()).thenComparing(each -> each.lease().six() == null || each.lease().address().isEmpty())).toList();
  }

  /** The first that has a family, and with it that family's default route and ports. */
  static @Nullable Membership gateway(List<Membership> ordered, boolean isIpv6) {
    return ordered.stream()
        .filter(each -> (isIpv6 ? each.lease().six() != null : !each.lease().address().isEmpty()) && each.isInternal() == ordered.get(0).isInternal())
        .findFirst()
        .orElse(null);
  }

  /**
   * Puts a container, which is about to run or runs, on its networks.
   *
   * @return its facts, with other addresses where somebody else asked for its own meanwhile
   */
  Facts lease(Facts facts) {
    List<Membership> leased = new ArrayList<>();
    for (Membership each : facts.memberships()) {
      leased.add(lease(facts, each));
    }
    return leased.equals(facts.memberships()) ? facts : facts.withMemberships(leased);
  }

  Membership lease(Facts facts, Membership place) {
    try {
      return place.with(places.lease(place.networkId(), place.member(facts), wanted(facts.spec(), place.settings(), place.lease())));
    } catch (TallymanException e) {
      if (e.kind() == ErrorKind.NOT_FOUND) {
        throw new TallymanException(ErrorKind.NOT_FOUND, "failed to set up container networking: network " + place.networkName() + " (" + place.networkId() + ") not found", e);
      }
      throw e;
    }
  }

  /** The same addresses again after the server's start. A network that is gone shows at the container's next start. */
  Facts reserveAgain(Facts facts) {
    List<Membership> known = new ArrayList<>();
    for (Membership each : facts.memberships()) {
      try {
        Lease lease = places.reserve(each.networkId(), facts.id(), wanted(facts.spec(), each.settings(), each.lease()));
        if (!lease.address().equals(each.lease().address())) {
          LOG.warnf("container %s gets the address %s instead of %s at its next start", facts.id(), lease.address(), each.lease().address());
        }
        known.add(each.with(lease));
      } catch (TallymanException e) {
        LOG.warnf("container %s has no place on network %s any more: %s", facts.id(), each.networkName(), e.getMessage());
        known.add(each);
      }
    }
    return known.equals(facts.memberships()) ? facts : facts.withMemberships(known);
  }

  /** It does not run any more. */
  void release(Facts facts) {
    places.silence(facts.id());
    facts.memberships().forEach(each -> places.release(each.networkId(), facts.id()));
  }

  void forget(Facts facts) {
    places.silence(facts.id());
    forget(facts.id(), facts.memberships());
  }

  void forget(String container, List<Membership> memberships) {
    memberships.forEach(each -> places.forget(each.networkId(), container));
  }

  /** The kernel did not know one of the bridges. */
  void lost(Facts facts) {
    facts.memberships().forEach(each -> places.lost(each.networkId()));
  }

  void rename(Facts facts) {
    facts.memberships().forEach(each -> places.rename(each.networkId(), each.member(facts)));
  }
}
