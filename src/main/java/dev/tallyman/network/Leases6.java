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
  private final Addressing6 addressing;
  private final Map<String, String> byContainer = new HashMap<>();
  private final Map<String, String> byAddress = new HashMap<>();
  private final Set<String> fixed = new HashSet<>();
  private long next;

  Leases6(String network, Addressing6 addressing) {
    this.network = network;
    this.addressing = addressing;
  }

  Subnet6 subnet() {
    return addressing.subnet();
  }

  String gateway() {
    return addressing.gateway();
  }

  /** Where addresses are given away: the whole subnet, or the part that was named for it. */
  private Subnet6 range() {
    return addressing.range() == null ? subnet() : addressing.range();
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
    return subnet().hasHost(address) && !addressing.isTaken(address) && !byAddress.containsKey(address);
  }

  private String free() {
    int prefix = range().prefix();
    long size = prefix >= 66 ? 1L << (128 - prefix) : Long.MAX_VALUE;
    long held = byAddress.size() + addressing.auxiliary().size() + 2L; // the network's own and the gateway
    for (long tries = 0; tries <= held; tries++) {
      String address = range().address(next);
      next = next + 1 >= size ? 0 : next + 1;
      if (isFree(address)) {
        return address;
      }
    }
    throw new TallymanException(ErrorKind.EXHAUSTED, "no available IPv6 addresses on this network's address pools: " + network + " (" + range() + "); remove containers that are no longer needed");
  }

  /**
   * Gives a container just this address.
   *
   * @param isUp whether a container is on the network now
   * @throws TallymanException INVALID if the network has no such address, DENIED if somebody has it
   */
  synchronized void fix(String container, String wanted, java.util.function.Predicate<String> isUp) {
    String address = Inet6.canonical(wanted);
    if (!subnet().hasHost(address)) {
      throw new TallymanException(ErrorKind.INVALID, "invalid address " + wanted + ": it does not belong to any of this network's subnets (" + subnet() + ")");
    }
    String other = byAddress.get(address);
    if (container.equals(other)) {
      fixed.add(container);
      return;
    }
    if (addressing.isTaken(address) || (other != null && (fixed.contains(other) || isUp.test(other)))) {
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
