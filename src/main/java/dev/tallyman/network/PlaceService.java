package dev.tallyman.network;

import dev.tallyman.kernel.Bridges;
import dev.tallyman.kernel.ResolverSockets;
import dev.tallyman.network.Networks.Lease;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gives containers their addresses and tells their names. */
@ApplicationScoped
class PlaceService implements Places {
  private final NetworkTable table;
  private final BridgeUp bridges;
  private final Bridges kernel;
  private final Resolvers resolvers;

  @Inject
  PlaceService(NetworkTable table, BridgeUp bridges, Bridges kernel, Resolvers resolvers) {
    this.table = table;
    this.bridges = bridges;
    this.kernel = kernel;
    this.resolvers = resolvers;
  }

  @Override
  public Lease reserve(String networkId, String container, Wanted wanted) {
    Leases leases = table.leasesOf(networkId);
    if (wanted.isFixed() && wanted.address() != null) {
      leases.fix(container, wanted.address());
    }
    String address = leases.reserve(container, wanted.address());
    Addressing four = leases.addressing();
    Networks.Lease6 six = six(networkId, container, wanted, leases);
    NetworkStore.Row row = table.get(networkId);
    String mac = row != null && LanOptions.sharesMac(row.driver()) ? "" : Networks.mac(address, six == null ? "" : six.address());
    return new Lease(networkId, address, four == null ? 0 : four.subnet().prefix(), four == null ? "" : four.gateway(), mac, six);
  }

  private Networks.@Nullable Lease6 six(String networkId, String container, Wanted wanted, Leases leases) {
    Leases6 found = table.leases6(networkId);
    if (found == null || wanted.isWithout6()) {
      return null;
    }
    try {
      if (wanted.isFixed6() && wanted.address6() != null) {
        found.fix(container, wanted.address6(), leases::isUp);
      }
      return new Networks.Lease6(found.reserve(container, wanted.address6()), found.subnet().prefix(), found.gateway());
    } catch (RuntimeException e) {
      if (!leases.isUp(container)) {
        leases.forget(container);
      }
      throw e;
    }
  }

  @Override
  public Lease lease(String networkId, Member member, Wanted wanted) {
    Lease lease = reserve(networkId, member.container(), wanted);
    // Seen to be on it before its bridge is asked for: from here on the network is not removed.
    table.leasesOf(networkId).up(member);
    bridges.ensure(networkId);
    return lease;
  }

  @Override
  public void rename(String networkId, Member member) {
    Leases leases = table.leases(networkId);
    if (leases != null && leases.isUp(member.container())) {
      leases.up(member);
    }
  }

  @Override
  public void release(String networkId, String container) {
    Leases leases = table.leases(networkId);
    if (leases != null) {
      leases.down(container);
    }
  }

  @Override
  public void forget(String networkId, String container) {
    Leases leases = table.leases(networkId);
    if (leases != null) {
      leases.forget(container);
    }
    Leases6 six = table.leases6(networkId);
    if (six != null) {
      six.forget(container);
    }
  }

  @Override
  public void lost(String networkId) {
    bridges.lost(networkId);
  }

  @Override
  public void reconcile() {
    bridges.reconcile();
  }

  @Override
  public void serve(String container, ResolverSockets sockets, List<String> servers) {
    resolvers.open(container, sockets, servers);
  }

  @Override
  public void serve(String container, List<String> servers) {
    kernel.resolver(container).ifPresent(sockets -> resolvers.open(container, sockets, servers));
  }

  @Override
  public boolean isServed(String container) {
    return resolvers.isOpen(container);
  }

  @Override
  public void silence(String container) {
    resolvers.close(container);
  }
}
