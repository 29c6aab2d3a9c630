package dev.tallyman.container;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.Bridges;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.network.Networks;
import dev.tallyman.network.Networks.Network;
import dev.tallyman.network.Places;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

/** Puts containers on networks and takes them off, whether they run or not: the helper first, then one commit that says so. */
@Singleton
class Connecting {
  private final Networks networks;
  private final Placing placing;
  private final Places places;
  private final Bridges bridges;
  private final ContainerStore store;
  private final Ledger ledger;
  private final ContainerEvents events;
  private final ResolverFile resolverFile;
  private final Cleaning cleaning;

  @Inject
  Connecting(
      Networks networks, Placing placing, Places places, Bridges bridges, ContainerStore store, Ledger ledger, ContainerEvents events, ResolverFile resolverFile, Cleaning cleaning) {
    this.networks = networks;
    this.placing = placing;
    this.places = places;
    this.bridges = bridges;
    this.store = store;
    this.ledger = ledger;
    this.events = events;
    this.resolverFile = resolverFile;
    this.cleaning = cleaning;
  }

  void connect(Caller caller, Cell cell, PlaceSpec place) {
    Network network = networks.inspect(caller, place.network());
    cell.locked(() -> connectLocked(caller, cell, network, place));
  }

  private void connectLocked(Caller caller, Cell cell, Network network, PlaceSpec place) {
    Facts before = cell.facts();
    requireOwnNetwork(before, network);
    if (before.on(network.id()) != null) {
      throw new TallymanException(ErrorKind.DENIED, "endpoint with name " + before.name() + " already exists in network " + network.name());
    }
    boolean isAlive = before.state().isAlive();
    if (isAlive && !network.isInternal() && before.memberships().stream().anyMatch(each -> !each.isInternal() && each.settings().gatewayPriority() < place.gatewayPriority())) {
      throw Refusal.unsupported("the default route of a running container stays where it is: stop the container to give network " + network.name() + " a higher gateway priority");
    }
    NetworkRules.checkNextTo(place, before.memberships().stream().map(Membership::settings).toList());
    Membership membership = placing.reserve(cell.id, before.spec(), network, place);
    List<Membership> memberships = new ArrayList<>(before.memberships());
    memberships.add(membership);
    Facts after = before.withMemberships(Placing.ordered(memberships));
    try {
      if (isAlive) {
        join(after, membership);
      }
      commit(caller, cell, after, "connect", network);
    } catch (RuntimeException e) {
      undo(cell, membership);
      throw e;
    }
    if (isAlive) {
      resolverFile.follow(before, after);
      events.publishNetwork(caller, after, membership, "connect");
    }
  }

  private void join(Facts after, Membership membership) {
    placing.lease(after, membership);
    try {
      bridges.connect(after.id(), Sandboxing.place(membership), Sandboxing.ports(after), AllowedSources.of(after));
    } catch (KernelException e) {
      if (e.kind() != ErrorKind.NOT_FOUND) {
        throw e;
      }
      // Somebody took the bridge away, or the container has ended: then the second try tells.
      places.lost(membership.networkId());
      placing.lease(after, membership);
      bridges.connect(after.id(), Sandboxing.place(membership), Sandboxing.ports(after), AllowedSources.of(after));
    }
    if (membership.isNamed() && !places.isServed(after.id())) {
      places.serve(after.id(), after.spec().dns());
    }
  }

  private void undo(Cell cell, Membership membership) {
    try {
      if (cell.state().isAlive()) {
        bridges.disconnect(cell.id, membership.networkId());
      }
    } catch (TallymanException ignored) {
      // It is not on it, or it has ended meanwhile; either way nothing is left.
    }
    places.forget(membership.networkId(), cell.id);
  }

  void disconnect(Caller caller, Cell cell, String networkName) {
    Network network = networks.inspect(caller, networkName);
    cell.locked(() -> disconnectLocked(caller, cell, network));
  }

  private void disconnectLocked(Caller caller, Cell cell, Network network) {
    Facts before = cell.facts();
    requireOwnNetwork(before, network);
    Membership membership = before.on(network.id());
    if (membership == null) {
      throw Refusal.conflict("container " + before.id() + " is not connected to network " + network.name());
    }
    boolean isAlive = before.state().isAlive();
    if (isAlive) {
      bridges.disconnect(cell.id, network.id());
    } else {
      // One that ended a moment ago is still on it for the kernel, and nobody would find that out once its address is given up.
      cleaning.finish(List.of(cell.id));
    }
    Facts after = before.withMemberships(before.memberships().stream().filter(each -> each != membership).toList());
    commit(caller, cell, after, "disconnect", network);
    places.forget(network.id(), cell.id);
    if (isAlive) {
      if (!after.hasResolver()) {
        places.silence(cell.id);
      }
      resolverFile.follow(before, after);
      events.publishNetwork(caller, after, membership, "disconnect");
    }
  }

  private void commit(Caller caller, Cell cell, Facts after, String what, Network network) {
    ledger.commit(caller, after, what, "network " + network.name(), () -> store.update(after));
    cell.set(after);
  }

  private static void requireOwnNetwork(Facts facts, Network network) {
    String mode = facts.spec().networkMode();
    if (facts.state() == ContainerState.REMOVING || facts.state() == ContainerState.REMOVED) {
      throw Refusal.conflict("container " + facts.id() + " is marked for removal and cannot be connected or disconnected to the network");
    }
    Placing.requireNoModel(network);
    if (mode.equals("host") || network.driver().equals("host")) {
      throw Refusal.conflict("container cannot be disconnected from host network or connected to host network");
    }
    if (mode.startsWith("container:")) {
      throw Refusal.conflict("container sharing network namespace with another container or host cannot be connected to any other network");
    }
    if (mode.equals("none") || network.driver().equals("null")) {
      throw Refusal.conflict("container cannot be connected to multiple networks with one of the networks in private (none) mode");
    }
  }
}
