package dev.tallyman.network;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.event.Event;
import dev.tallyman.event.Events;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.network.NetworkStore.Row;
import dev.tallyman.web.Failures;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Use cases of networks: says who may do what, and records what is done and attempts that fail. */
@ApplicationScoped
class NetworkService implements Networks {
  private final NetworkTable table;
  private final NetworkStore store;
  private final NetworkCreation creation;
  private final BridgeUp bridges;
  private final AuditTrail audit;
  private final Events events;

  @Inject
  NetworkService(NetworkTable table, NetworkStore store, NetworkCreation creation, BridgeUp bridges, AuditTrail audit, Events events) {
    this.table = table;
    this.store = store;
    this.creation = creation;
    this.bridges = bridges;
    this.audit = audit;
    this.events = events;
  }

  @Override
  public List<Network> list(Caller caller) {
    return table.visible(caller).stream().map(row -> shown(caller, row)).toList();
  }

  @Override
  public Network inspect(Caller caller, String nameOrId) {
    return shown(caller, table.find(caller, nameOrId));
  }

  private Network shown(Caller caller, Row row) {
    Leases held = table.leases(row.id());
    List<Endpoint> endpoints =
        held == null
            ? List.of()
            : held.up().stream()
                .filter(each -> caller.sees(each.member().team()))
                .map(each -> new Endpoint(each.member().container(), each.member().name(), each.address(), LanOptions.sharesMac(row.driver()) ? "" : Networks.mac(each.address(), address6(row, each.member().container())), each.member().names(), address6(row, each.member().container())))
                .toList();
    NetworkTraits traits = row.traits();
    return new Network(
        row.id(), row.name(), row.driver(), row.subnet(), row.gateway(), traits.range(), traits.auxiliary(), row.isInternal(), traits.isAttachable(), row.isBuiltIn(),
        traits.hasOwnSubnet(), traits.labels(), traits.options(), row.createdAt(), traits.creator(), row.team() == null ? 0 : row.team(), endpoints,
        traits.subnet6(), traits.gateway6(), traits.hasOwnSubnet6(), traits.range6(), traits.auxiliary6(), traits.addressOptions(), traits.configFrom(), traits.configuration());
  }

  private String address6(Row row, String container) {
    Leases6 held = table.leases6(row.id());
    return held == null ? "" : held.address(container);
  }

  @Override
  public Created create(Caller caller, NewNetwork asked) {
    return attempt(
        caller, "create", asked.name(),
        () -> {
          caller.require(Role.MEMBER, "create network " + asked.name());
          Row row = creation.create(caller, asked);
          publish(caller, row, "create");
          return new Created(row.id(), List.of());
        });
  }

  @Override
  public void remove(Caller caller, String nameOrId) {
    attempt(
        caller, "remove", nameOrId,
        () -> {
          caller.require(Role.MEMBER, "remove network " + nameOrId);
          Row row = table.find(caller, nameOrId);
          if (row.isBuiltIn()) {
            throw new TallymanException(ErrorKind.DENIED, row.name() + " is a pre-defined network and cannot be removed");
          }
          if (row.isConfigOnly()) {
            creation.removeModel(caller, row);
          } else {
            removeUnused(caller, row);
          }
          return true;
        });
  }

  /** The kernel's side first: while the helper finds a container on it, it stays. A crash in between leaves a network whose bridge comes back. */
  private void removeUnused(Caller caller, Row row) {
    bridges.sweep(row.id());
    creation.exclusively(
        () -> {
          List<Leases.Held> users = table.leasesOf(row.id()).up();
          if (!users.isEmpty()) {
            String who =
                users.stream()
                    .filter(each -> caller.sees(each.member().team()))
                    .map(each -> "name:\"" + each.member().name() + "\" id:\"" + each.member().container().substring(0, 12) + "\"")
                    .collect(Collectors.joining(", "));
            throw new TallymanException(
                ErrorKind.DENIED, "error while removing network: network " + row.name() + " has active endpoints (" + who + "); disconnect or stop these containers first");
          }
          bridges.down(row.id());
          QuarkusTransaction.requiringNew()
              .run(
                  () -> {
                    store.remove(row.id());
                    audit.done(caller, "network.remove", row.name(), row.subnets());
                  });
          table.drop(row.id());
          return true;
        });
    publish(caller, row, "destroy");
  }

  @Override
  public List<String> prune(Caller caller, Predicate<Network> filter) {
    return attempt(
        caller, "prune", "networks",
        () -> {
          caller.require(Role.MEMBER, "prune networks");
          List<String> removed = new ArrayList<>();
          for (Row row : table.visible(caller)) {
            // An administrator sees other teams' networks, but cleans up in the own team only.
            boolean isOwn = row.team() != null && row.team() == caller.team();
            if (isOwn && row.hasAddresses() && table.leasesOf(row.id()).up().isEmpty() && filter.test(shown(caller, row)) && tryRemove(caller, row)) {
              removed.add(row.name());
            }
          }
          events.publish(new Event(caller, "network", "prune", "", caller.team(), Map.of("reclaimed", "0"), Instant.now()));
          return removed;
        });
  }

  /** One that came into use in the meantime is left out. */
  private boolean tryRemove(Caller caller, Row row) {
    try {
      removeUnused(caller, row);
      return true;
    } catch (TallymanException e) {
      return false;
    }
  }

  @Override
  public List<String> takeDown(Caller caller) {
    return attempt(
        caller, "down", "networks",
        () -> {
          caller.require(Role.ADMINISTRATOR, "take networks down");
          List<String> down = table.all().stream().filter(row -> row.hasAddresses() && tryDown(row)).map(Row::name).sorted().toList();
          QuarkusTransaction.requiringNew().run(() -> audit.done(caller, "network.down", "networks", down.size() + " without a container"));
          return down;
        });
  }

  /** One that a container is on, or gets on in this moment, stays. */
  private boolean tryDown(Row row) {
    if (!table.leasesOf(row.id()).up().isEmpty()) {
      return false;
    }
    try {
      bridges.sweep(row.id());
      bridges.down(row.id());
      return true;
    } catch (TallymanException e) {
      return false;
    }
  }

  private void publish(Caller caller, Row row, String action) {
    events.publish(new Event(caller, "network", action, row.id(), row.team() == null ? 0 : row.team(), Map.of("name", row.name(), "type", row.driver()), Instant.now()));
  }

  private <T> T attempt(Caller caller, String action, String object, Supplier<T> work) {
    try {
      return work.get();
    } catch (RuntimeException e) {
      RuntimeException known = Failures.known(e);
      RuntimeException why = known == null ? e : known;
      audit.failed(caller, "network." + action, object, why);
      throw why;
    }
  }
}
