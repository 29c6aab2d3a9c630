package dev.tallyman.network;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Settings of networks. */
@ConfigMapping(prefix = "tallyman.network")
interface NetworkConfig {
  /** Range of the network {@code bridge}; its first address is the gateway. Must lie in the policy's {@code subnets}; two instances need two ranges. */
  @WithDefault("10.88.0.0/16")
  String subnet();

  /** Where networks that name no subnet get theirs. Must lie in the policy's {@code subnets}; two instances need two pools. */
  @WithDefault("10.88.0.0/13")
  String pool();

  /** Length of the prefix of such a subnet: 20 has room for 4,093 containers, and the default pool for 112 networks beside {@code bridge}. */
  @WithDefault("20")
  int poolPrefix();

  /** Where networks with IPv6 that name no subnet of it get their /64. Must lie in the policy's {@code subnets6}; two instances need two pools. */
  @WithDefault("fd00:7461:6c6c::/56")
  String pool6();

  /** How long each of the host's resolvers may take; clients ask again after 5 s. */
  @WithDefault("2s")
  Duration resolverTimeout();
}
