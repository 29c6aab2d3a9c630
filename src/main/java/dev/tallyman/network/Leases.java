package dev.tallyman.network;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who has which address of a network, in memory; the container inventory is what stays. An address belongs to a container from its
 * creation to its removal. Freed addresses are used again as late as possible, since others may still remember them.
 */
final class Leases {
  private final String network;
  private final Subnet subnet;
  private final BitSet taken = new BitSet();
  private final Map<String, Holder> holders = new HashMap<>();
  private int next = Subnet.GATEWAY + 1;

  private record Holder(int index, long team, boolean isUp) {}

  record Held(String container, String address, long team) {}

  Leases(String network, Subnet subnet) {
    this.network = network;
    this.subnet = subnet;
  }

  Subnet subnet() {
    return subnet;
  }

  /**
   * The address of a container; a new one if it has none.
   *
   * @param wanted taken if it is free; else, or if absent, any other
   * @throws TallymanException EXHAUSTED
   */
  synchronized String reserve(String container, long team, @Nullable String wanted) {
    Holder holder = holders.get(container);
    if (holder == null) {
      int index = wanted == null ? -1 : subnet.indexOf(wanted);
      if (index < 0 || taken.get(index)) {
        index = free();
      }
      taken.set(index);
      holder = new Holder(index, team, false);
      holders.put(container, holder);
    }
    return subnet.address(holder.index());
  }

  private int free() {
    int end = subnet.size() - 1;
    int index = taken.nextClearBit(next);
    if (index >= end) {
      index = taken.nextClearBit(Subnet.GATEWAY + 1);
    }
    if (index >= end) {
      throw new TallymanException(ErrorKind.EXHAUSTED, "no free address is left on network " + network + " (" + subnet + "); remove containers that are no longer needed");
    }
    next = index + 1;
    return index;
  }

  /** Says whether a container with an address is on the network now. */
  synchronized void setUp(String container, boolean isUp) {
    holders.computeIfPresent(container, (id, holder) -> new Holder(holder.index(), holder.team(), isUp));
  }

  synchronized void forget(String container) {
    Holder holder = holders.remove(container);
    if (holder != null) {
      taken.clear(holder.index());
    }
  }

  /** Containers that are on the network now. */
  synchronized List<Held> up() {
    List<Held> found = new ArrayList<>();
    holders.forEach(
        (container, holder) -> {
          if (holder.isUp()) {
            found.add(new Held(container, subnet.address(holder.index()), holder.team()));
          }
        });
    return found;
  }
}
