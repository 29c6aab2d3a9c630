package dev.tallyman.network;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.network.NetworkStore.Row;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The networks in memory, and who may see them. */
@Singleton
class NetworkTable {
  static final String BRIDGE = "bridge";

  private final NetworkStore store;
  private final NetworkConfig config;
  private final Map<String, Row> rows = new ConcurrentHashMap<>();
  private final Map<String, Leases> leases = new ConcurrentHashMap<>();
  private final Map<String, Leases6> leases6 = new ConcurrentHashMap<>();

  @Inject
  NetworkTable(NetworkStore store, NetworkConfig config) {
    this.store = store;
    this.config = config;
  }

  /** After the folders and the database, before the containers. */
  void onStart(@Observes @Priority(1500) StartupEvent start) {
    Subnet subnet = AddressPools.setting("subnet", () -> Subnet.parse(config.subnet()));
    AddressPools.of(config); // told now if it is wrong
    QuarkusTransaction.requiringNew().run(() -> load(subnet));
  }

  private void load(Subnet subnet) {
    List<Row> known = store.all();
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    for (String name : List.of(BRIDGE, "none", "host")) {
      boolean isBridge = name.equals(BRIDGE);
      String range = isBridge ? subnet.toString() : "";
      String gateway = isBridge ? subnet.first() : "";
      Row row = known.stream().filter(each -> each.isBuiltIn() && each.name().equals(name)).findFirst().orElse(null);
      if (row == null) {
        row = new Row(idOf(name), null, name, name.equals("none") ? "null" : name, range, gateway, false, now, NetworkTraits.none());
        store.add(row);
      } else if (!row.subnet().equals(range)) {
        store.move(row.id(), range, gateway);
        row = new Row(row.id(), row.team(), name, row.driver(), range, gateway, row.isInternal(), row.createdAt(), row.traits());
      }
      put(row);
    }
    known.stream().filter(each -> !each.isBuiltIn()).forEach(this::put);
  }

  /** Always the same, so that bridges are found again even with a new database. */
  private static String idOf(String name) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(("tallyman network " + name).getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  void put(Row row) {
    rows.put(row.id(), row);
    if (row.hasAddresses()) {
      if (!row.traits().subnet6().isEmpty()) {
        leases6.put(row.id(), new Leases6(row.name(), Addressing6.of(row.traits().subnet6(), row.traits().gateway6(), row.traits().range6(), row.traits().auxiliary6())));
      }
      leases.put(row.id(), new Leases(row.name(), row.subnet().isEmpty() ? null : Addressing.of(row.subnet(), row.gateway(), row.traits().range(), row.traits().auxiliary())));
    }
  }

  void drop(String id) {
    rows.remove(id);
    leases.remove(id);
    leases6.remove(id);
  }

  Collection<Row> all() {
    return rows.values();
  }

  @Nullable Row get(String id) {
    return rows.get(id);
  }

  /** Networks that have addresses. */
  Map<String, Leases> bridged() {
    return leases;
  }

  @Nullable Leases leases(String id) {
    return leases.get(id);
  }

  /** Absent where there is no IPv6. */
  @Nullable Leases6 leases6(String id) {
    return leases6.get(id);
  }

  java.util.Collection<Leases6> all6() {
    return leases6.values();
  }

  /** @throws TallymanException NOT_FOUND */
  Leases leasesOf(String id) {
    Leases found = leases.get(id);
    if (found == null) {
      throw new TallymanException(ErrorKind.NOT_FOUND, "network " + id + " not found");
    }
    return found;
  }

  /** Those that always exist first, then by age. */
  List<Row> visible(Caller caller) {
    return rows.values().stream()
        .filter(row -> isVisible(caller, row))
        .sorted(Comparator.comparing((Row row) -> !row.isBuiltIn()).thenComparing(Row::createdAt).thenComparing(Row::name))
        .toList();
  }

  private static boolean isVisible(Caller caller, Row row) {
    return row.team() == null || caller.sees(row.team());
  }

  /** A name means one of the caller's own team, or one of everybody's. */
  @Nullable Row named(Caller caller, String name) {
    return rows.values().stream().filter(row -> row.name().equals(name) && (row.team() == null || row.team() == caller.team())).findFirst().orElse(null);
  }

  /** Looks up as Docker does: whole id, then name, then unique beginning of an id. */
  Row find(Caller caller, String nameOrId) {
    Row byId = rows.get(nameOrId);
    if (byId != null && isVisible(caller, byId)) {
      return byId;
    }
    Row byName = named(caller, nameOrId);
    if (byName != null) {
      return byName;
    }
    List<Row> matching = nameOrId.isEmpty() ? List.of() : visible(caller).stream().filter(row -> row.id().startsWith(nameOrId)).toList();
    if (matching.size() > 1) {
      throw new TallymanException(ErrorKind.INVALID, "network " + nameOrId + " is ambiguous (" + matching.size() + " matches found based on ID prefix)");
    }
    return matching.stream().findFirst().orElseThrow(() -> new TallymanException(ErrorKind.NOT_FOUND, "network " + nameOrId + " not found"));
  }
}
