package dev.tallyman.testing;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.Bridges;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.ResolverSockets;
import dev.tallyman.kernel.SandboxSpec;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import java.util.List;
import java.util.Optional;

/** Bridges in memory. Nobody can send to a resolver, so there is none. */
@Alternative
@Priority(1)
@ApplicationScoped
public class FakeBridges implements Bridges {
  private final FakeKernel kernel;

  public FakeBridges(FakeKernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public void up(Bridge bridge) {
    FakeSandboxes.requireId(bridge.network());
    if (bridge.prefix() == 0 ? bridge.gateway6() == null : bridge.prefix() < 8 || bridge.prefix() > 30) {
      throw new KernelException(ErrorKind.INVALID, "prefix is out of range");
    }
    synchronized (kernel) {
      Bridge known = kernel.networks.get(bridge.network());
      if (known != null && !known.equals(bridge)) {
        throw new KernelException(ErrorKind.ALREADY_EXISTS, "network");
      }
      if (kernel.networks.values().stream().anyMatch(each -> !each.network().equals(bridge.network()) && overlap(each, bridge))) {
        throw new KernelException(ErrorKind.ALREADY_EXISTS, "subnet");
      }
      if (bridge.lan() != null && !kernel.parents.contains(bridge.lan().parent())) {
        throw new KernelException(
            ErrorKind.DENIED, "the policy of this host forbids it: macvlan_parents does not allow " + bridge.lan().parent() + " (root can change that in the policy file)");
      }
      if (bridge.lan() != null && kernel.networks.values().stream().anyMatch(each -> !each.network().equals(bridge.network()) && isTaken(each, bridge))) {
        throw new KernelException(ErrorKind.ALREADY_EXISTS, "the parent link is used by another network: it is passed through to one alone, and has either macvlan or one mode of ipvlan");
      }
      if (bridge.name() != null && !bridge.name().startsWith("br-")) {
        throw new KernelException(ErrorKind.DENIED, "the policy of this host forbids it: bridge_names does not allow " + bridge.name() + " (root can change that in the policy file)");
      }
      if (bridge.name() != null && kernel.networks.values().stream().anyMatch(each -> !each.network().equals(bridge.network()) && bridge.name().equals(each.name()))) {
        throw new KernelException(ErrorKind.ALREADY_EXISTS, "another network has a bridge of that name");
      }
      if (bridge.lan() == null && kernel.routes.stream().anyMatch(each -> overlap(each, bridge))) {
        throw new KernelException(ErrorKind.ALREADY_EXISTS, "subnet of the host");
      }
      kernel.networks.put(bridge.network(), bridge);
    }
  }

  private static boolean isTaken(Bridge one, Bridge other) {
    return one.lan() != null && other.lan() != null && one.lan().parent().equals(other.lan().parent()) && ((one.lan().mode() + other.lan().mode()).contains("passthru") || ((one.lan().mode() + other.lan().mode()).contains("ipvlan") && !one.lan().mode().equals(other.lan().mode())));
  }

  private static boolean overlap(Bridge one, Bridge other) {
    if (one.prefix() == 0 || other.prefix() == 0) {
      return false;
    }
    int shift = 32 - Math.min(one.prefix(), other.prefix());
    return number(one.gateway()) >> shift == number(other.gateway()) >> shift;
  }

  private static long number(String address) {
    long number = 0;
    for (String part : address.split("\\.")) {
      number = number << 8 | Integer.parseInt(part);
    }
    return number;
  }

  @Override
  public void down(String network) {
    synchronized (kernel) {
      // Until it is cleaned up, not only until it ends: the real kernel forgets a link some time after the last process.
      boolean isUsed = kernel.containers.values().stream().anyMatch(each -> each.places.contains(network));
      if (isUsed) {
        throw new KernelException(ErrorKind.CONFLICT, "the network has running containers");
      }
      kernel.networks.remove(network);
    }
  }

  @Override
  public List<String> list() {
    synchronized (kernel) {
      return List.copyOf(kernel.networks.keySet());
    }
  }

  @Override
  public void connect(String container, SandboxSpec.Place place, List<SandboxSpec.Port> ports, List<String> sources) {
    synchronized (kernel) {
      FakeContainer found = running(container);
      if (!kernel.networks.containsKey(place.network())) {
        throw new KernelException(ErrorKind.NOT_FOUND, "no such network");
      }
      if (!found.places.add(place.network())) {
        throw new KernelException(ErrorKind.ALREADY_EXISTS, "the container is on the network already");
      }
    }
  }

  @Override
  public void disconnect(String container, String network) {
    synchronized (kernel) {
      running(container).places.remove(network);
    }
  }

  private FakeContainer running(String container) {
    FakeContainer found = kernel.get(container);
    if (!found.isRunning()) {
      throw new KernelException(ErrorKind.CONFLICT, "the container does not run");
    }
    if (!(found.spec.network() instanceof SandboxSpec.Network.Bridge)) {
      throw new KernelException(ErrorKind.INVALID, "invalid value: the container has no network of its own");
    }
    return found;
  }

  @Override
  public Optional<ResolverSockets> resolver(String container) {
    synchronized (kernel) {
      running(container);
    }
    return Optional.empty();
  }
}
