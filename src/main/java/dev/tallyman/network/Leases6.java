package dev.tallyman.network;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.Inet6;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who has which IPv6 address of a network; whether a container is on it, {@link Leases} knows. Addresses are given away one after the other. */
final class Leases6 {
  private final String network;
  private final Subnet6 subnet;
  private final String gateway;
  private final Map<String, String> byContainer = new HashMap<>();
  private final Map<String, String> byAddress = new HashMap<>();
  private final Set<String> fixed = new HashSet<>();
  private long next = 1;

  /** @param gateway in canonical form */
  Leases6(String network, Subnet6 subnet, String gateway) {
    this.network = network;
    this.subnet = subnet;
    this.gateway = gateway;
  }

  Subnet6 subnet() {
    return subnet;
  }

  String gateway() {
    return gateway;
  }

  /** The address of a container; a new one if it has none. @param wanted taken if it is free; else any other */
  synchronized String reserve(String container, @Nullable String wanted) {
    String has = byContainer.get(container);
    if (has == null) {
      String canonical = wanted == null ? null : Inet6.canonical(wanted);
      has = canonical == null || !isFree(canonical) ? free() : canonical;
      take(container, has);
    }
    return has;
  }

  private boolean isFree(String address) {
    return subnet.hasHost(address) && !address.equals(gateway) && !byAddress.containsKey(address);
  }

  private String free() {
    long size = subnet.prefix() >= 66 ? 1L << (128 - subnet.prefix()) : Long.MAX_VALUE;
    for (long tries = 0; tries <= byAddress.size() + 1L; tries++) {
      String address = subnet.address(next);
      next = next + 1 >= size ? 1 : next + 1;
      if (isFree(address)) {
        return address;
      }
    }
    throw new TallymanException(ErrorKind.EXHAUSTED, "no available IPv6 addresses on this network's address pools: " + network + " (" + subnet + "); remove containers that are no longer needed");
  }

  /**
   * Gives a container just this address.
   *
   * @param isUp whether a container is on the network now
   * @throws TallymanException INVALID if the network has no such address, DENIED if somebody has it
   */
  synchronized void fix(String container, String wanted, java.util.function.Predicate<String> isUp) {
    String address = Inet6.canonical(wanted);
    if (!subnet.hasHost(address)) {
      throw new TallymanException(ErrorKind.INVALID, "invalid address " + wanted + ": it does not belong to any of this network's subnets (" + subnet + ")");
    }
    String other = byAddress.get(address);
    if (container.equals(other)) {
      fixed.add(container);
      return;
    }
    if (address.equals(gateway) || (other != null && (fixed.contains(other) || isUp.test(other)))) {
      throw new TallymanException(ErrorKind.DENIED, "Address already in use: " + wanted + " on network " + network);
    }
    forget(container);
    if (other != null) {
      forget(other);
    }
    take(container, address);
    fixed.add(container);
  }

  private void take(String container, String address) {
    byContainer.put(container, address);
    byAddress.put(address, container);
  }

  synchronized void forget(String container) {
    fixed.remove(container);
    String address = byContainer.remove(container);
    if (address != null) {
      byAddress.remove(address);
    }
  }

  /** Empty if it has none. */
  synchronized String address(String container) {
    return byContainer.getOrDefault(container, "");
  }

  /** @param address in canonical form */
  synchronized @Nullable String holder(String address) {
    return byAddress.get(address);
  }
}
