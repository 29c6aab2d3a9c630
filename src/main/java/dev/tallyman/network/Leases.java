package dev.tallyman.network;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who has which address of a network, and which names, in memory; the container inventory is what stays. An address belongs to a container
 * from its creation to its removal, unless somebody asks for just that address while the container is down and did not ask for it itself.
 * Freed addresses are used again as late as possible, since others may still remember them.
 */
final class Leases {
  private final String network;
  private final @Nullable Addressing addressing;
  private final BitSet taken = new BitSet();
  private final Map<String, Holder> holders = new HashMap<>();
  private final Map<Integer, String> byIndex = new HashMap<>();
  /** Containers that are on the network now, by each of their names. */
  private final Map<String, Set<String>> named = new HashMap<>();
  private int next;

  /** @param index negative for none; @param member absent while the container is not on the network; @param isFixed it asked for this address */
  private record Holder(int index, boolean isFixed, @Nullable Member member) {}

  /** @param address empty where the network has none of IPv4 */
  record Held(Member member, String address) {}

  /** @param addressing absent where the network has IPv6 alone: then nobody has an address here */
  Leases(String network, @Nullable Addressing addressing) {
    this.network = network;
    this.addressing = addressing;
    if (addressing != null) {
      taken.set(subnet().indexOf(addressing.gateway()));
      addressing.auxiliary().values().forEach(each -> taken.set(subnet().indexOf(each)));
      next = first();
    }
  }

  private Subnet subnet() {
    return given().subnet();
  }

  private Addressing given() {
    if (addressing == null) {
      throw new IllegalStateException("network " + network + " has no IPv4");
    }
    return addressing;
  }

  @Nullable Addressing addressing() {
    return addressing;
  }

  /** Where addresses are given away: the whole range without its own and the broadcast address, or the part that was named for it. */
  private int first() {
    Subnet range = given().range();
    return range == null ? 1 : Math.max(1, range.base() - subnet().base());
  }

  private int end() {
    Subnet range = given().range();
    return range == null ? subnet().size() - 1 : Math.min(subnet().size() - 1, range.base() - subnet().base() + range.size());
  }

  /**
   * The address of a container; a new one if it has none. Empty where the network has IPv6 alone.
   *
   * @param wanted taken if it is free; else, or if absent, any other
   * @throws TallymanException EXHAUSTED
   */
  synchronized String reserve(String container, @Nullable String wanted) {
    Holder holder = holders.get(container);
    if (holder == null && addressing == null) {
      holder = take(container, -1, false);
    } else if (holder == null) {
      int index = wanted == null ? -1 : subnet().indexOf(wanted);
      holder = take(container, index < 0 || taken.get(index) ? free() : index, false);
    }
    return address(holder);
  }

  private String address(Holder holder) {
    return holder.index() < 0 ? "" : subnet().address(holder.index());
  }

  /**
   * Gives a container just this address.
   *
   * @throws TallymanException INVALID if the network has no such address, DENIED if somebody has it
   */
  synchronized void fix(String container, String wanted) {
    int index = subnet().indexOf(wanted);
    if (index < 0) {
      throw new TallymanException(ErrorKind.INVALID, "invalid address " + wanted + ": it does not belong to any of this network's subnets (" + subnet() + ")");
    }
    String other = byIndex.get(index);
    Holder holder = other == null ? null : holders.get(other);
    if (container.equals(other)) {
      holders.put(container, new Holder(index, true, holder == null ? null : holder.member()));
      return;
    }
    if (taken.get(index) && (holder == null || holder.isFixed() || holder.member() != null)) {
      throw new TallymanException(ErrorKind.DENIED, "Address already in use: " + wanted + " on network " + network);
    }
    forget(container);
    if (other != null) {
      forget(other);
    }
    take(container, index, true);
  }

  private Holder take(String container, int index, boolean isFixed) {
    Holder holder = new Holder(index, isFixed, null);
    if (index >= 0) {
      taken.set(index);
      byIndex.put(index, container);
    }
    holders.put(container, holder);
    return holder;
  }

  private int free() {
    int index = taken.nextClearBit(next);
    if (index >= end()) {
      index = taken.nextClearBit(first());
    }
    if (index >= end()) {
      throw new TallymanException(
          ErrorKind.EXHAUSTED, "no available IPv4 addresses on this network's address pools: " + network + " (" + subnet() + "); remove containers that are no longer needed");
    }
    next = index + 1;
    return index;
  }

  /** The container, which has an address, is on the network now. */
  synchronized void up(Member member) {
    Holder holder = holders.get(member.container());
    if (holder == null) {
      return;
    }
    unname(holder);
    holders.put(member.container(), new Holder(holder.index(), holder.isFixed(), member));
    member.names().forEach(each -> named.computeIfAbsent(each, name -> new LinkedHashSet<>()).add(member.container()));
  }

  /** It is not any more; its address stays its own. */
  synchronized void down(String container) {
    Holder holder = holders.get(container);
    if (holder != null) {
      unname(holder);
      holders.put(container, new Holder(holder.index(), holder.isFixed(), null));
    }
  }

  private void unname(Holder holder) {
    Member member = holder.member();
    if (member != null) {
      member.names().forEach(each -> named.computeIfPresent(each, (name, having) -> having.remove(member.container()) && having.isEmpty() ? null : having));
    }
  }

  synchronized void forget(String container) {
    down(container);
    Holder holder = holders.remove(container);
    if (holder != null && holder.index() >= 0) {
      taken.clear(holder.index());
      byIndex.remove(holder.index());
    }
  }

  /** Containers that have an address and are not on the network now. */
  synchronized List<String> resting() {
    return holders.entrySet().stream().filter(each -> each.getValue().member() == null).map(Map.Entry::getKey).toList();
  }

  /** Containers that are on the network now. */
  synchronized List<Held> up() {
    List<Held> found = new ArrayList<>();
    for (Holder each : holders.values()) {
      if (each.member() != null) {
        found.add(new Held(each.member(), address(each)));
      }
    }
    return found;
  }

  synchronized boolean isUp(String container) {
    Holder holder = holders.get(container);
    return holder != null && holder.member() != null;
  }

  /** Containers of a name as the asker, who is on the network, knows it. */
  synchronized List<String> containers(String asker, String name) {
    Holder holder = holders.get(asker);
    if (holder == null || holder.member() == null) {
      return List.of();
    }
    return List.copyOf(named.getOrDefault(holder.member().links().getOrDefault(name, name), Set.of()));
  }

  /** Name of a container that is on the network. */
  synchronized Optional<String> nameOf(String container) {
    Holder holder = holders.get(container);
    return holder == null || holder.member() == null ? Optional.empty() : Optional.of(holder.member().name());
  }

  /** Addresses of a name as the asker, who is on the network, knows it. */
  synchronized List<Integer> addresses(String asker, String name) {
    Holder holder = holders.get(asker);
    if (holder == null || holder.member() == null) {
      return List.of();
    }
    String meant = holder.member().links().getOrDefault(name, name);
    return named.getOrDefault(meant, Set.of()).stream().map(holders::get).filter(each -> each.index() >= 0).map(each -> subnet().base() + each.index()).toList();
  }

  /** Name of whoever has the address and is on the network. */
  synchronized Optional<String> name(int address) {
    String container = addressing == null ? null : byIndex.get(address - subnet().base());
    Holder holder = container == null ? null : holders.get(container);
    return holder == null || holder.member() == null ? Optional.empty() : Optional.of(holder.member().name());
  }
}
