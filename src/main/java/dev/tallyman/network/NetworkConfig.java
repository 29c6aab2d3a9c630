package dev.tallyman.network;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Settings of networks. */
@ConfigMapping(prefix = "tallyman.network")
interface NetworkConfig {
  /** Range of the network {@code bridge}; its first address is the gateway. Must lie in the policy's {@code subnets}; two instances need two ranges. */
  @WithDefault("10.88.0.0/16")
  String subnet();
}
