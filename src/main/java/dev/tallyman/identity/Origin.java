package dev.tallyman.identity;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where a request came from, as the kernel told it.
 *
 * @param address the peer's IP address; absent on a unix socket
 * @param uid the peer's user id on a unix socket (SO_PEERCRED)
 * @param pid the peer's process id on a unix socket
 */
public record Origin(@Nullable String address, @Nullable Long uid, @Nullable Integer pid) {
  public static Origin none() {
    return new Origin(null, null, null);
  }

  public static Origin ofAddress(String address) {
    return new Origin(address, null, null);
  }

  public static Origin ofPeer(long uid, int pid) {
    return new Origin(null, uid, pid);
  }

  /** Key for counting by whom: the address, of IPv6 the /64 that one customer has; without one the peer's user. */
  public String network() {
    if (address == null) {
      return "uid " + uid;
    }
    if (!address.contains(":")) {
      return address;
    }
    String[] groups = address.split(":", -1);
    return String.join(":", Arrays.copyOf(groups, Math.min(4, groups.length)));
  }

  /** Text for people and for the audit trail: {@code 127.0.0.1} or {@code uid 0, pid 4711}. */
  @Override
  public String toString() {
    if (address != null) {
      return address;
    }
    return uid == null ? "server" : "uid " + uid + ", pid " + pid;
  }
}
