package dev.tallyman.network;

import dev.tallyman.error.TallymanException;
import java.util.function.Supplier;

/**
 * Where networks that name no subnet get theirs. Read when the server starts: whoever made a wrong setting is there to be told then.
 *
 * @param prefix length of the prefix of what a network gets of the first; of the second it gets a /64
 */
record AddressPools(Subnet four, int prefix, Subnet6 six) {
  static final int SIX_PREFIX = 64;
  private static final int MAX_PREFIX = 30;

  /** @throws IllegalArgumentException which names the setting */
  static AddressPools of(NetworkConfig config) {
    Subnet four = setting("pool", () -> Subnet.parse(config.pool()));
    Subnet6 six = setting("pool6", () -> Subnet6.parse(config.pool6()));
    int prefix = config.poolPrefix();
    if (prefix < four.prefix() || prefix > MAX_PREFIX) {
      throw new IllegalArgumentException("tallyman.network.pool-prefix is " + prefix + ": write one from that of tallyman.network.pool, " + four.prefix() + ", to " + MAX_PREFIX);
    }
    if (six.prefix() > SIX_PREFIX) {
      throw new IllegalArgumentException("tallyman.network.pool6 is " + six + ": a network gets a /" + SIX_PREFIX + " of it, so write a prefix of " + SIX_PREFIX + " or less");
    }
    return new AddressPools(four, prefix, six);
  }

  static <T> T setting(String name, Supplier<T> read) {
    try {
      return read.get();
    } catch (TallymanException e) {
      throw new IllegalArgumentException("tallyman.network." + name + ": " + String.valueOf(e.getMessage()).replace("invalid network config:\n", ""), e);
    }
  }
}
