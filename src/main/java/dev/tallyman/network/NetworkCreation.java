package dev.tallyman.network;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.network.NetworkStore.Row;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes networks: the bridge (or the LAN's link), then the row. Networks come and go one at a time, so that names and subnets do not collide. */
@Singleton
class NetworkCreation {
  private static final List<String> LINKS = List.of("the parent link", "the host has a link", "another network has a bridge"); // how the helper begins to tell so
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9]([a-zA-Z0-9_. -]{0,253}[a-zA-Z0-9_.-])?");
  private static final String OVERLAP = "invalid pool request: Pool overlaps with other one on this address space";
  /** Subnets of the pool that the host turned out to use itself; more than that many is a wrong pool. */
  private static final int MAX_TRIES = 64;
  private static final long MAX_SIX = 4096;
  private static final int SIX_PREFIX = AddressPools.SIX_PREFIX;
  /** Of a team. They cost no subnet, so nothing else is there to run out. */
  private static final int MAX_MODELS = 100;
  /** Of all labels, options and names of addresses that a network or a model is stored and listed with. */
  private static final int MAX_CHARS = 64 << 10;

  private final NetworkTable table;
  private final NetworkStore store;
  private final BridgeUp bridges;
  private final AddressPools pools;
  private final AuditTrail audit;
  private final ReentrantLock lock = new ReentrantLock();
  private final SecureRandom random = new SecureRandom();

  @Inject
  NetworkCreation(NetworkTable table, NetworkStore store, BridgeUp bridges, NetworkConfig config, AuditTrail audit) {
    this.table = table;
    this.store = store;
    this.bridges = bridges;
    this.pools = AddressPools.of(config);
    this.audit = audit;
  }

  <T> T exclusively(Supplier<T> work) {
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  Row create(Caller caller, NewNetwork asked) {
    checkModels(asked);
    if (!asked.isConfigOnly() && asked.configFrom().isEmpty()) {
      check(asked);
    }
    return exclusively(
        () -> {
          if (table.named(caller, asked.name()) != null) {
            throw new TallymanException(ErrorKind.ALREADY_EXISTS, "network with name " + asked.name() + " already exists");
          }
          Row row = asked.isConfigOnly() ? model(caller, asked) : network(caller, asked.configFrom().isEmpty() ? asked : asked.from(modelOf(caller, asked.configFrom()).traits()));
          commit(caller, row);
          return row;
        });
  }

  private Row network(Caller caller, NewNetwork asked) {
    check(asked);
    boolean isLan = LanOptions.isLan(asked.driver());
    if (!isLan) {
      NetworkOptions.parse(asked.options());
    }
    boolean isInternal = asked.isInternal() || (isLan && LanOptions.parse(asked.driver(), asked.options()).lan() == null);
    if (asked.isWithoutIpv4()) {
      return up(row(caller, asked, null, isInternal, false));
    }
    return asked.pools4().isEmpty() ? inPool(caller, asked, isInternal) : asAsked(caller, asked, isInternal);
  }

  /** Docker's rules (moby, libnetwork, validateConfiguration). */
  private static void checkModels(NewNetwork asked) {
    checkName(asked.name());
    checkLength(asked);
    if (asked.isConfigOnly() && (asked.isInternal() || asked.isAttachable())) {
      throw denied("configuration network can only contain network specific fields. Network operator fields like [ ingress | internal | attachable | scope ] are not supported.");
    }
    if (asked.isConfigOnly() && !asked.configFrom().isEmpty()) {
      throw denied("a configuration network cannot depend on another configuration network");
    }
    if (!asked.configFrom().isEmpty() && asked.hasConfiguration()) {
      throw denied("user specified configurations are not supported if the network depends on a configuration network");
    }
    if (!asked.configFrom().isEmpty() && !asked.options().isEmpty()) {
      throw denied("network driver options are not supported if the network depends on a configuration network");
    }
  }

  /** Nothing in the kernel. Options are looked at by the driver of who uses it. */
  private Row model(Caller caller, NewNetwork asked) {
    checkPools(asked);
    if (table.all().stream().filter(each -> each.isConfigOnly() && Objects.equals(each.team(), caller.team())).count() >= MAX_MODELS) {
      throw new TallymanException(ErrorKind.EXHAUSTED, "the team has " + MAX_MODELS + " configuration networks, as many as a team may have: remove one");
    }
    asked.pools4().forEach(NetworkCreation::addressing);
    NetworkTraits traits =
        new NetworkTraits(
            asked.labels(), asked.options(), "", Map.of(), false, false, caller.accountName(), "", "", false, "", Map.of(), asked.addressOptions(), "",
            new NetworkConfiguration(asked.pools(), asked.hasIpv6(), asked.isWithoutIpv4()));
    return new Row(newId(), caller.team(), asked.name(), "null", "", "", false, Instant.now().truncatedTo(ChronoUnit.MICROS), traits);
  }

  private Row modelOf(Caller caller, String name) {
    Row found = table.named(caller, name);
    if (found == null || !found.isConfigOnly()) {
      throw new TallymanException(ErrorKind.NOT_FOUND, "configuration network \"" + name + "\" does not exist");
    }
    return found;
  }

  /** No event tells of it, as with dockerd: nobody can have been on it. */
  void removeModel(Caller caller, Row row) {
    exclusively(
        () -> {
          if (table.get(row.id()) == null) {
            throw new TallymanException(ErrorKind.NOT_FOUND, "network " + row.name() + " not found");
          }
          if (table.all().stream().anyMatch(each -> Objects.equals(each.team(), row.team()) && each.traits().configFrom().equals(row.name()))) {
            throw denied("error while removing network: configuration network \"" + row.name() + "\" is in use");
          }
          QuarkusTransaction.requiringNew()
              .run(
                  () -> {
                    store.remove(row.id());
                    audit.done(caller, "network.remove", row.name(), "configuration only");
                  });
          table.drop(row.id());
          return true;
        });
  }

  private void commit(Caller caller, Row row) {
    try {
      QuarkusTransaction.requiringNew()
          .run(
              () -> {
                store.add(row);
                audit.done(caller, "network.create", row.name(), row.isConfigOnly() ? "configuration only" : row.subnets() + (row.traits().configFrom().isEmpty() ? "" : " from " + row.traits().configFrom()));
              });
    } catch (RuntimeException e) {
      if (row.hasAddresses()) {
        bridges.down(row.id());
      }
      throw e;
    }
    table.put(row);
  }

  private static void checkName(String name) {
    if (List.of("bridge", "host", "none", "default").contains(name)) {
      throw new TallymanException(ErrorKind.DENIED, "operation is not permitted on predefined " + name + " network");
    }
    if (!NAME.matcher(name).matches()) {
      throw invalid(name.isBlank() ? "network name is empty" : "invalid network name: " + name + "; only letters, digits, _ . - and spaces in between are allowed, beginning with a letter or digit");
    }
  }

  private static void checkLength(NewNetwork asked) {
    long chars =
        Stream.concat(Stream.of(asked.labels(), asked.options(), asked.addressOptions()), asked.pools().stream().map(NewNetwork.Pool::auxiliary))
            .flatMap(each -> each.entrySet().stream())
            .mapToLong(each -> each.getKey().length() + each.getValue().length())
            .sum();
    if (chars > MAX_CHARS) {
      throw invalid("the labels, the options and the auxiliary addresses of network " + asked.name() + " have " + chars + " characters together, " + MAX_CHARS + " at most");
    }
  }

  private static void check(NewNetwork asked) {
    switch (asked.driver()) {
      case "", "bridge", "macvlan", "ipvlan" -> {}
      case "host", "null" -> throw new TallymanException(ErrorKind.DENIED, "only one instance of \"" + asked.driver() + "\" network is allowed");
      case "overlay" -> throw new TallymanException(ErrorKind.UNSUPPORTED, "network driver overlay is not supported: this server is not part of a swarm");
      default -> throw new TallymanException(ErrorKind.NOT_FOUND, "plugin \"" + asked.driver() + "\" not found");
    }
    checkPools(asked);
  }

  private static void checkPools(NewNetwork asked) {
    if (asked.pools4().size() > 1 || asked.pools6().size() > 1) {
      if (!LanOptions.isLan(asked.driver())) {
        throw new TallymanException(ErrorKind.DENIED, "bridge driver doesn't support multiple subnets");
      }
      throw new TallymanException(ErrorKind.UNSUPPORTED, "a network has one subnet of each family: " + asked.pools().size() + " were given");
    }
    if (asked.isWithoutIpv4() && !asked.hasIpv6()) {
      throw invalid("IPv4 or IPv6 must be enabled");
    }
    if (asked.isWithoutIpv4() && !asked.pools4().isEmpty()) {
      throw invalid("an IPv4 subnet needs EnableIPv4, which was switched off");
    }
    if (!asked.hasIpv6() && asked.pools().size() > asked.pools4().size()) {
      throw invalid("an IPv6 subnet needs EnableIPv6 (--ipv6)");
    }
    asked.pools6().forEach(NetworkCreation::check6);
  }

  private static Addressing addressing(NewNetwork.Pool pool) {
    if (pool.subnet().isEmpty()) {
      throw invalid("a gateway, range or auxiliary address needs a subnet");
    }
    return Addressing.of(pool.subnet(), pool.gateway(), pool.range(), pool.auxiliary());
  }

  private static void check6(NewNetwork.Pool pool) {
    if (pool.subnet().isEmpty()) {
      throw invalid("a gateway, range or auxiliary address needs a subnet");
    }
    Addressing6.of(pool.subnet(), pool.gateway(), pool.range(), pool.auxiliary());
  }

  private Row asAsked(Caller caller, NewNetwork asked, boolean isInternal) {
    Addressing addressing = addressing(asked.pools4().get(0));
    if (!isFree(addressing.subnet())) {
      throw new TallymanException(ErrorKind.DENIED, OVERLAP);
    }
    return up(row(caller, asked, addressing, isInternal, true));
  }

  private Row up(Row row) {
    try {
      bridges.up(row);
    } catch (TallymanException e) {
      requireLinks(e);
      throw e.kind() == ErrorKind.ALREADY_EXISTS ? new TallymanException(ErrorKind.DENIED, OVERLAP + ": the host reaches " + row.subnets() + " by another link" + (row.subnet().isEmpty() || row.traits().subnet6().isEmpty() ? "" : ", or " + row.traits().subnet6()), e) : e;
    }
    return row;
  }

  /** Where something else than the subnet is taken, which no other subnet mends: the name of the bridge, or a LAN's parent. */
  private static void requireLinks(TallymanException e) {
    if (e.kind() == ErrorKind.ALREADY_EXISTS && e.getMessage() != null && LINKS.stream().anyMatch(e.getMessage()::startsWith)) {
      throw new TallymanException(ErrorKind.DENIED, e.getMessage(), e);
    }
  }

  private Row inPool(Caller caller, NewNetwork asked, boolean isInternal) {
    Subnet pool = pools.four();
    int tries = 0;
    for (int i = 0; i < pool.parts(pools.prefix()) && tries < MAX_TRIES; i++) {
      Subnet subnet = pool.part(i, pools.prefix());
      if (isFree(subnet)) {
        Row row = row(caller, asked, Addressing.of(subnet), isInternal, false);
        try {
          bridges.up(row);
          return row;
        } catch (TallymanException e) {
          requireLinks(e);
          if (e.kind() != ErrorKind.ALREADY_EXISTS) {
            throw e;
          }
          tries++;
        }
      }
    }
    throw new TallymanException(
        ErrorKind.EXHAUSTED, "all predefined address pools have been fully subnetted: " + pools.four() + " has no free /" + pools.prefix() + " left; remove networks, or name a subnet");
  }

  private boolean isFree(Subnet subnet) {
    return table.bridged().values().stream().map(Leases::addressing).noneMatch(each -> each != null && each.subnet().overlaps(subnet));
  }

  private @Nullable Addressing6 six(NewNetwork asked) {
    if (!asked.hasIpv6()) {
      return null;
    }
    if (asked.pools6().isEmpty()) {
      Subnet6 pool = pools.six();
      for (long i = 0; i < 1L << (SIX_PREFIX - pool.prefix()) && i < MAX_SIX; i++) {
        Subnet6 subnet = pool.part(i, SIX_PREFIX);
        if (isFree(subnet)) {
          return new Addressing6(subnet, subnet.address(1), null, Map.of());
        }
      }
      throw new TallymanException(ErrorKind.EXHAUSTED, "all predefined address pools have been fully subnetted: " + pools.six() + " has no free /64 left; remove networks, or name a subnet");
    }
    NewNetwork.Pool given = asked.pools6().get(0);
    Addressing6 addressing = Addressing6.of(given.subnet(), given.gateway(), given.range(), given.auxiliary());
    if (!isFree(addressing.subnet())) {
      throw new TallymanException(ErrorKind.DENIED, OVERLAP);
    }
    return addressing;
  }

  private boolean isFree(Subnet6 subnet) {
    return table.all6().stream().noneMatch(each -> each.subnet().overlaps(subnet));
  }

  private Row row(Caller caller, NewNetwork asked, @Nullable Addressing addressing, boolean isInternal, boolean hasOwnSubnet) {
    Addressing6 six = six(asked);
    NetworkTraits traits =
        new NetworkTraits(
            asked.labels(), asked.options(), addressing == null || addressing.range() == null ? "" : addressing.range().toString(), addressing == null ? Map.of() : addressing.auxiliary(), asked.isAttachable(), hasOwnSubnet,
            caller.accountName(), six == null ? "" : six.subnet().toString(), six == null ? "" : six.gateway(), !asked.pools6().isEmpty(),
            six == null || six.range() == null ? "" : six.range().toString(), six == null ? Map.of() : six.auxiliary(), asked.addressOptions(), asked.configFrom(), null);
    return new Row(
        newId(), caller.team(), asked.name(), asked.driver().isEmpty() ? NetworkTable.BRIDGE : asked.driver(), addressing == null ? "" : addressing.subnet().toString(), addressing == null ? "" : addressing.gateway(), isInternal,
        Instant.now().truncatedTo(ChronoUnit.MICROS), traits);
  }

  private String newId() {
    byte[] id = new byte[32];
    random.nextBytes(id);
    return HexFormat.of().formatHex(id);
  }

  private static TallymanException denied(String message) {
    return new TallymanException(ErrorKind.DENIED, message);
  }

  private static TallymanException invalid(String message) {
    return new TallymanException(ErrorKind.INVALID, message);
  }
}
