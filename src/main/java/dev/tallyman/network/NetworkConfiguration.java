package dev.tallyman.network;

import java.util.List;

/** What a model of networks ({@code --config-only}) says of their addresses, beside labels and options. */
public record NetworkConfiguration(List<NewNetwork.Pool> pools, boolean hasIpv6, boolean isWithoutIpv4) {
  public NetworkConfiguration {
    pools = List.copyOf(pools);
  }
}
