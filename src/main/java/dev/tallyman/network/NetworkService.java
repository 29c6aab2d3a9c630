package dev.tallyman.network;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.Bridges;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The three networks that always exist, which all teams share; containers on them cannot tell teams apart, but see only what policy lets through. */
@ApplicationScoped
class NetworkService implements Networks {
  private static final Logger LOG = Logger.getLogger(NetworkService.class);
  private static final String BRIDGE = "bridge";

  private final NetworkStore store;
  private final Bridges bridges;
  private final NetworkConfig config;
  private final Map<String, NetworkStore.Row> rows = new LinkedHashMap<>();
  private final Map<String, Leases> leases = new ConcurrentHashMap<>();
  private final Set<String> up = ConcurrentHashMap.newKeySet();

  @Inject
  NetworkService(NetworkStore store, Bridges bridges, NetworkConfig config) {
    this.store = store;
    this.bridges = bridges;
    this.config = config;
  }

  /** After the folders and the database, before the containers. */
  void onStart(@Observes @Priority(1500) StartupEvent start) {
    Subnet subnet = Subnet.parse(config.subnet());
    QuarkusTransaction.requiringNew().run(() -> load(subnet));
  }

  private void load(Subnet subnet) {
    List<NetworkStore.Row> known = store.all();
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    for (String name : List.of(BRIDGE, "none", "host")) {
      boolean isBridge = name.equals(BRIDGE);
      String range = isBridge ? subnet.toString() : "";
      String gateway = isBridge ? subnet.gateway() : "";
      NetworkStore.Row row = known.stream().filter(each -> each.name().equals(name)).findFirst().orElse(null);
      if (row == null) {
        row = new NetworkStore.Row(idOf(name), null, name, name.equals("none") ? "null" : name, range, gateway, false, now);
        store.add(row);
      } else if (!row.subnet().equals(range)) {
        store.move(row.id(), range, gateway);
        row = new NetworkStore.Row(row.id(), row.team(), name, row.driver(), range, gateway, row.isInternal(), row.createdAt());
      }
      rows.put(row.id(), row);
      if (isBridge) {
        leases.put(row.id(), new Leases(name, subnet));
      }
    }
  }

  /** Always the same, so that bridges are found again even with a new database. */
  private static String idOf(String name) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(("tallyman network " + name).getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  @Override
  public List<Network> list(Caller caller) {
    return rows.values().stream().filter(row -> isVisible(caller, row)).map(row -> shown(caller, row)).toList();
  }

  @Override
  public Network inspect(Caller caller, String nameOrId) {
    for (Predicate<NetworkStore.Row> rule : List.<Predicate<NetworkStore.Row>>of(row -> row.id().equals(nameOrId), row -> row.name().equals(nameOrId))) {
      for (NetworkStore.Row row : rows.values()) {
        if (isVisible(caller, row) && rule.test(row)) {
          return shown(caller, row);
        }
      }
    }
    List<NetworkStore.Row> matching = nameOrId.isEmpty() ? List.of() : rows.values().stream().filter(row -> isVisible(caller, row) && row.id().startsWith(nameOrId)).toList();
    if (matching.size() > 1) {
      throw new TallymanException(ErrorKind.INVALID, "network " + nameOrId + " is ambiguous (" + matching.size() + " matches found based on ID prefix)");
    }
    return matching.stream()
        .findFirst()
        .map(row -> shown(caller, row))
        .orElseThrow(() -> new TallymanException(ErrorKind.NOT_FOUND, "network " + nameOrId + " not found"));
  }

  private static boolean isVisible(Caller caller, NetworkStore.Row row) {
    return row.team() == null || caller.sees(row.team());
  }

  private Network shown(Caller caller, NetworkStore.Row row) {
    Leases held = leases.get(row.id());
    List<Endpoint> endpoints =
        held == null
            ? List.of()
            : held.up().stream().filter(each -> caller.sees(each.team())).map(each -> new Endpoint(each.container(), each.address(), Subnet.mac(each.address()))).toList();
    return new Network(
        row.id(), row.name(), row.driver(), row.subnet(), row.gateway(), row.isInternal(), Map.of(), Map.of(), row.createdAt(), row.team() == null ? 0 : row.team(), endpoints);
  }

  @Override
  public Lease reserve(Caller caller, String networkId, String containerId, @Nullable String wantedAddress) {
    Leases of = leasesOf(networkId);
    String address = of.reserve(containerId, caller.team(), wantedAddress);
    return new Lease(networkId, address, of.subnet().prefix(), of.subnet().gateway(), Subnet.mac(address));
  }

  @Override
  public Lease lease(Caller caller, String networkId, String containerId, @Nullable String wantedAddress) {
    Lease lease = reserve(caller, networkId, containerId, wantedAddress);
    bringUp(networkId);
    leasesOf(networkId).setUp(containerId, true);
    return lease;
  }

  private void bringUp(String networkId) {
    if (up.contains(networkId)) {
      return;
    }
    Subnet subnet = leasesOf(networkId).subnet();
    bridges.up(networkId, subnet.gateway(), subnet.prefix(), rows.get(networkId).isInternal());
    up.add(networkId);
  }

  private Leases leasesOf(String networkId) {
    Leases found = leases.get(networkId);
    if (found == null) {
      throw new TallymanException(ErrorKind.NOT_FOUND, "network " + networkId + " not found");
    }
    return found;
  }

  @Override
  public void release(String networkId, String containerId) {
    leasesOf(networkId).setUp(containerId, false);
  }

  @Override
  public void forget(String networkId, String containerId) {
    leasesOf(networkId).forget(containerId);
  }

  @Override
  public void lost(String networkId) {
    up.remove(networkId);
  }

  @Override
  public void reconcile() {
    up.clear();
    leases.keySet().forEach(this::bringUp);
    Set<String> unknown = new HashSet<>(bridges.list());
    unknown.removeAll(leases.keySet());
    for (String each : unknown) {
      try {
        bridges.down(each);
        LOG.infof("bridge of the unknown network %s was taken down", each);
      } catch (TallymanException e) {
        LOG.warnf("bridge of the unknown network %s stays: %s", each, e.getMessage());
      }
    }
  }
}
