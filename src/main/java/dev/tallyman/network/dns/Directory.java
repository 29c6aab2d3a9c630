package dev.tallyman.network.dns;

import java.util.List;
import java.util.Optional;

/** What one container may know. Called on event loops: answers at once. */
public interface Directory {
  /**
   * IPv4 addresses of a name among the container's networks; none where they have IPv6 alone.
   *
   * @param name lower case, without the last dot
   * @return absent if the name is none of theirs
   */
  Optional<List<Integer>> addresses(String name);

  /** IPv6 addresses of a name that {@link #addresses} knows; may be empty. */
  List<byte[]> addresses6(String name);

  /** Name of an address of the container's networks, e.g. {@code web.backend}; absent if nobody there has it. */
  Optional<String> name(int address);

  /** The same of IPv6. @param address 16 bytes */
  Optional<String> name6(byte[] address);

  /** Resolvers for everything else, in order; empty = there is no way out. */
  List<java.net.InetSocketAddress> upstream();
}
