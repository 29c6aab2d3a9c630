package dev.tallyman.network;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is stored of a network beside its columns, as JSON.
 *
 * @param options Docker's, as given; @param range empty = the whole subnet
 * @param subnet6 CIDR of IPv6, empty = none; @param gateway6 in that
 * @param hasOwnSubnet6 as hasOwnSubnet; @param range6 as range; @param auxiliary6 as auxiliary, of IPv6; absent in records of earlier versions
 * @param addressOptions as of {@link NewNetwork}; configFrom likewise
 * @param configuration of a model of networks; absent for others
 * @param hasOwnSubnet its creator named the subnet, so that containers may choose addresses in it
 */
record NetworkTraits(
    Map<String, String> labels, Map<String, String> options, String range, Map<String, String> auxiliary, boolean isAttachable,
    boolean hasOwnSubnet, String creator, String subnet6, String gateway6, boolean hasOwnSubnet6, String range6, Map<String, String> auxiliary6,
    Map<String, String> addressOptions, String configFrom, @Nullable NetworkConfiguration configuration) {
  NetworkTraits(
      @Nullable Map<String, String> labels, @Nullable Map<String, String> options, @Nullable String range, @Nullable Map<String, String> auxiliary, boolean isAttachable,
      boolean hasOwnSubnet, @Nullable String creator, @Nullable String subnet6, @Nullable String gateway6, boolean hasOwnSubnet6, @Nullable String range6,
      @Nullable Map<String, String> auxiliary6, @Nullable Map<String, String> addressOptions, @Nullable String configFrom, @Nullable NetworkConfiguration configuration) {
    this.labels = labels == null ? Map.of() : new TreeMap<>(labels);
    this.options = options == null ? Map.of() : new TreeMap<>(options);
    this.range = range == null ? "" : range;
    this.auxiliary = auxiliary == null ? Map.of() : new TreeMap<>(auxiliary);
    this.isAttachable = isAttachable;
    this.hasOwnSubnet = hasOwnSubnet;
    this.creator = creator == null ? "" : creator;
    this.subnet6 = subnet6 == null ? "" : subnet6;
    this.gateway6 = gateway6 == null ? "" : gateway6;
    this.hasOwnSubnet6 = hasOwnSubnet6;
    this.range6 = range6 == null ? "" : range6;
    this.auxiliary6 = auxiliary6 == null ? Map.of() : new TreeMap<>(auxiliary6);
    this.addressOptions = addressOptions == null ? Map.of() : new TreeMap<>(addressOptions);
    this.configFrom = configFrom == null ? "" : configFrom;
    this.configuration = configuration;
  }

  static NetworkTraits none() {
    return new NetworkTraits(Map.of(), Map.of(), "", Map.of(), false, false, "", "", "", false, "", Map.of(), Map.of(), "", null);
  }
}
