package dev.tallyman.network;

import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.Bridges;
import dev.tallyman.network.NetworkStore.Row;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Which networks, bridges and LANs, are up in the kernel. */
@Singleton
class BridgeUp {
  private static final Logger LOG = Logger.getLogger(BridgeUp.class);

  private final NetworkTable table;
  private final Bridges bridges;
  private final Departures departures;
  private final Set<String> up = ConcurrentHashMap.newKeySet();

  @Inject
  BridgeUp(NetworkTable table, Bridges bridges, Departures departures) {
    this.table = table;
    this.bridges = bridges;
    this.departures = departures;
  }

  void ensure(String networkId) {
    Row row = table.get(networkId);
    if (row != null && !up.contains(networkId)) {
      up(row);
    }
  }

  void up(Row row) {
    bridges.up(LanOptions.isLan(row.driver()) ? lan(row, LanOptions.parse(row.driver(), row.traits().options())) : bridge(row, NetworkOptions.parse(row.traits().options())));
    up.add(row.id());
  }

  private static Bridges.Bridge bridge(Row row, NetworkOptions options) {
    return new Bridges.Bridge(
        row.id(), row.gateway(), prefix(row), row.isInternal(), options.mtu(), options.isIsolated(), options.keepsAddresses(), gateway6(row), prefix6(row),
        options.bridgeName().isEmpty() ? null : options.bridgeName(), null);
  }

  private static Bridges.Bridge lan(Row row, LanOptions options) {
    boolean isAlone = options.lan() == null;
    return new Bridges.Bridge(
        row.id(), row.gateway(), prefix(row), row.isInternal(), options.mtu(), isAlone && options.isIsolated(), false, gateway6(row), prefix6(row), null,
        options.lan());
  }

  private static @Nullable String gateway6(Row row) {
    return row.traits().subnet6().isEmpty() ? null : row.traits().gateway6();
  }

  private static int prefix(Row row) {
    return row.subnet().isEmpty() ? 0 : Subnet.parse(row.subnet()).prefix();
  }

  private static int prefix6(Row row) {
    return row.traits().subnet6().isEmpty() ? 0 : Subnet6.parse(row.traits().subnet6()).prefix();
  }

  /** What containers that have ended left on it goes at once: the kernel would take them for being there. Under no lock that others wait for. */
  void sweep(String networkId) {
    departures.finish(table.leasesOf(networkId).resting());
  }

  /** @throws dev.tallyman.kernel.KernelException CONFLICT while a container is on it */
  void down(String networkId) {
    up.remove(networkId);
    bridges.down(networkId);
  }

  void lost(String networkId) {
    up.remove(networkId);
  }

  /** Known networks up, unknown ones down. One that cannot be brought up must not keep the containers of the others from being found. */
  void reconcile() {
    up.clear();
    Set<String> unknown = new HashSet<>(bridges.list());
    unknown.removeAll(table.bridged().keySet());
    for (String each : unknown) {
      try {
        bridges.down(each);
        LOG.infof("bridge of the unknown network %s was taken down", each);
      } catch (TallymanException e) {
        LOG.warnf("bridge of the unknown network %s stays: %s", each, e.getMessage());
      }
    }
    for (String each : table.bridged().keySet()) {
      try {
        ensure(each);
      } catch (TallymanException e) {
        LOG.errorf("network %s is not up, its containers cannot be started: %s", each, e.getMessage());
      }
    }
  }
}
