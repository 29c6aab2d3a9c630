package dev.tallyman.container;

import dev.tallyman.container.Container.PublishedPort;
import dev.tallyman.container.ContainerSpec.PortBinding;
import dev.tallyman.container.NetworkRules.Port;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
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

  private final Inventory inventory;
  private int next = FIRST;

  @Inject
  HostPorts(Inventory inventory) {
    this.inventory = inventory;
  }

  /** @param ofImage ports that the image exposes; published too where the specification says so */
  List<PublishedPort> choose(ContainerSpec spec, List<String> ofImage) {
    List<PublishedPort> ports = new ArrayList<>();
    for (PortBinding binding : spec.portBindings()) {
      Port port = NetworkRules.port(binding.containerPort());
      int hostPort = isAny(binding) ? free(port.protocol()) : Integer.parseInt(binding.hostPort());
      ports.add(new PublishedPort(port.protocol(), binding.hostAddress().isEmpty() ? ANY_ADDRESS : binding.hostAddress(), hostPort, port.number()));
    }
    if (spec.publishesAllPorts()) {
      for (Port port : NetworkRules.exposed(ofImage, spec)) {
        if (ports.stream().noneMatch(each -> isOf(each, port))) {
          ports.add(new PublishedPort(port.protocol(), ANY_ADDRESS, free(port.protocol()), port.number()));
        }
      }
    }
    return ports.stream().distinct().toList();
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

  /** The ports with another one in the place of a chosen one that some program of the host has. */
  List<PublishedPort> replaced(List<PublishedPort> ports, PublishedPort taken) {
    return ports.stream()
        .map(each -> each.equals(taken) ? new PublishedPort(each.protocol(), each.hostAddress(), free(each.protocol()), each.containerPort()) : each)
        .toList();
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
