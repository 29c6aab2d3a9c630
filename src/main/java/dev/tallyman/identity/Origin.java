package dev.tallyman.identity;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where a request came from, as the kernel told it.
 *
 * @param address the peer's IP address; absent on a unix socket
 * @param uid the peer's user id on a unix socket (SO_PEERCRED)
 * @param pid the peer's process id on a unix socket
 * @param container whose socket of the Engine API was used; nothing else is known then
 */
public record Origin(@Nullable String address, @Nullable Long uid, @Nullable Integer pid, @Nullable String container) {
  public static Origin none() {
    return new Origin(null, null, null, null);
  }

  public static Origin ofAddress(String address) {
    return new Origin(address, null, null, null);
  }

  public static Origin ofPeer(long uid, int pid) {
    return new Origin(null, uid, pid, null);
  }

  public static Origin ofContainer(String container) {
    return new Origin(null, null, null, container);
  }

  /** Key for counting by whom: the address, of IPv6 the /64 that one customer has; without one the peer's user or container. */
  public String network() {
    if (container != null) {
      return "container " + container;
    }
    if (address == null) {
      return "uid " + uid;
    }
    if (!address.contains(":")) {
      return address;
    }
    String[] groups = address.split(":", -1);
    return String.join(":", Arrays.copyOf(groups, Math.min(4, groups.length)));
  }

  /** Text for people and for the audit trail: {@code 127.0.0.1}, {@code uid 0, pid 4711} or {@code container 0123456789ab}. */
  @Override
  public String toString() {
    if (address != null) {
      return address;
    }
    if (container != null) {
      return "container " + container.substring(0, 12);
    }
    return uid == null ? "server" : "uid " + uid + ", pid " + pid;
  }
}
