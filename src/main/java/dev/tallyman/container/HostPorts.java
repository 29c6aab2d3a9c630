package dev.tallyman.container;

import dev.tallyman.container.Container.PublishedPort;
import dev.tallyman.container.ContainerSpec.PortBinding;
import dev.tallyman.container.NetworkRules.Port;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.Inet6;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Chooses host ports for those who asked for any. A chosen port belongs to its container until removal, so it survives restarts. */
@Singleton
class HostPorts {
  /** The range of ports that nobody has registered (RFC 6335), as Docker takes it. */
  private static final int FIRST = 49153;

  private static final int LAST = 65535;
  private static final String ANY_ADDRESS = "0.0.0.0";
  private static final String ANY_ADDRESS6 = "::";

  private final Inventory inventory;
  private int next = FIRST;

  @Inject
  HostPorts(Inventory inventory) {
    this.inventory = inventory;
  }

  /** @param defaultAddress for those who name none; empty = all
   * @param hasIpv4 of the container, which then publishes at all IPv4 addresses; @param hasIpv6 likewise
   * @param ofImage ports that the image exposes; published too where the specification says so */
  List<PublishedPort> choose(ContainerSpec spec, List<String> ofImage, String defaultAddress, boolean hasIpv4, boolean hasIpv6) {
    List<PublishedPort> ports = new ArrayList<>();
    boolean isSixAlone = hasIpv6 && !hasIpv4;
    List<String> all = isSixAlone ? List.of(ANY_ADDRESS6) : hasIpv6 ? List.of(ANY_ADDRESS, ANY_ADDRESS6) : List.of(ANY_ADDRESS);
    List<String> everywhere = defaultAddress.isEmpty() || defaultAddress.equals(ANY_ADDRESS) ? all : List.of(defaultAddress);
    for (PortBinding binding : spec.portBindings()) {
      Port port = NetworkRules.port(binding.containerPort());
      List<String> addresses = binding.hostAddress().isEmpty() ? everywhere : List.of(canonical(binding.hostAddress()));
      requireReachable(port, addresses, isSixAlone);
      int number = hostPort(binding, port, ports);
      addresses.forEach(each -> ports.add(new PublishedPort(port.protocol(), each, number, port.number())));
    }
    if (spec.publishesAllPorts()) {
      for (Port port : NetworkRules.exposed(ofImage, spec)) {
        if (ports.stream().noneMatch(each -> isOf(each, port))) {
          requireReachable(port, everywhere, isSixAlone);
          int number = free(port.protocol());
          everywhere.forEach(each -> ports.add(new PublishedPort(port.protocol(), each, number, port.number())));
        }
      }
    }
    return ports.stream().distinct().toList();
  }

  private static void requireReachable(Port port, List<String> addresses, boolean isSixAlone) {
    String four = addresses.stream().filter(each -> isSixAlone && !Inet6.isMeant(each)).findFirst().orElse(null);
    if (four != null) {
      throw Refusal.unsupported("publishing port " + port + " on " + four + " is not supported: the container has IPv6 alone, and no proxy leads there from IPv4; publish on an IPv6 address");
    }
  }

  private static String canonical(String address) {
    return Inet6.isMeant(address) ? Inet6.canonical(address) : address;
  }

  private int hostPort(PortBinding binding, Port port, List<PublishedPort> chosen) {
    if (isAny(binding)) {
      return free(port.protocol());
    }
    PortRange range = PortRange.parse(binding.hostPort());
    return range.isOne() ? range.first() : freeIn(range, port.protocol(), range.first(), chosen);
  }

  /** @param from where the search begins; @param chosen for the same container */
  private int freeIn(PortRange range, String protocol, int from, List<PublishedPort> chosen) {
    for (int i = from; i <= range.last(); i++) {
      int number = i;
      if (!inventory.hasPort(protocol, number) && chosen.stream().noneMatch(each -> each.hostPort() == number && each.protocol().equals(protocol))) {
        return number;
      }
    }
    throw Refusal.unlisted("failed to set up container networking: all ports of the host from " + range.first() + " to " + range.last() + " are taken: port is already allocated");
  }

  private static boolean isAny(PortBinding binding) {
    return binding.hostPort().isEmpty() || binding.hostPort().equals("0");
  }

  private static boolean isOf(PublishedPort published, Port port) {
    return published.containerPort() == port.number() && published.protocol().equals(port.protocol());
  }

  /** True if nobody asked for just this host port. */
  static boolean isChosen(ContainerSpec spec, PublishedPort port) {
    Stream<PortBinding> same = spec.portBindings().stream().filter(binding -> isOf(port, NetworkRules.port(binding.containerPort())));
    return same.noneMatch(binding -> binding.hostPort().equals(String.valueOf(port.hostPort())));
  }

  /** The ports with another one in the place of a chosen one that some program of the host has; of the same range if one was given. */
  List<PublishedPort> replaced(ContainerSpec spec, List<PublishedPort> ports, PublishedPort taken) {
    PortRange range =
        spec.portBindings().stream()
            .filter(binding -> isOf(taken, NetworkRules.port(binding.containerPort())) && !isAny(binding))
            .map(binding -> PortRange.parse(binding.hostPort()))
            .filter(each -> !each.isOne() && each.holds(taken.hostPort()))
            .findFirst()
            .orElse(null);
    int other = range == null ? free(taken.protocol()) : freeIn(range, taken.protocol(), taken.hostPort() + 1, ports);
    return ports.stream().map(each -> isSame(each, taken) ? new PublishedPort(each.protocol(), each.hostAddress(), other, each.containerPort()) : each).toList();
  }

  /** One binding, at the addresses of both families. */
  private static boolean isSame(PublishedPort one, PublishedPort other) {
    return one.protocol().equals(other.protocol()) && one.hostPort() == other.hostPort() && one.containerPort() == other.containerPort();
  }

  private synchronized int free(String protocol) {
    for (int tries = FIRST; tries <= LAST; tries++) {
      int port = next;
      next = next == LAST ? FIRST : next + 1;
      if (!inventory.hasPort(protocol, port)) {
        return port;
      }
    }
    throw new TallymanException(ErrorKind.EXHAUSTED, "all host ports from " + FIRST + " to " + LAST + " are taken; remove containers that are no longer needed");
  }
}
