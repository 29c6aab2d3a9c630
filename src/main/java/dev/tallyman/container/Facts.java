package dev.tallyman.container;

import dev.tallyman.container.Container.PublishedPort;
import dev.tallyman.identity.Caller;
import dev.tallyman.network.Networks;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that is stored of a container; replaced as a whole.
 *
 * @param networkId the network that it has an address on; absent for other network modes
 * @param ports its published ports, those that were chosen for it included; its own from creation to removal
 */
record Facts(
    String id, long team, String teamName, String creator, Instant createdAt, String name, ContainerSpec spec, Plan plan, @Nullable String networkId, @Nullable String address,
    List<PublishedPort> ports, Status status) {
  Facts {
    ports = List.copyOf(ports);
  }

  Facts with(Status changed) {
    return new Facts(id, team, teamName, creator, createdAt, name, spec, plan, networkId, address, ports, changed);
  }

  Facts withName(String changed) {
    return new Facts(id, team, teamName, creator, createdAt, changed, spec, plan, networkId, address, ports, status);
  }

  Facts withSpec(ContainerSpec changed) {
    return new Facts(id, team, teamName, creator, createdAt, name, changed, plan, networkId, address, ports, status);
  }

  Facts withPorts(List<PublishedPort> changed) {
    return new Facts(id, team, teamName, creator, createdAt, name, spec, plan, networkId, address, changed, status);
  }

  Facts withAddress(@Nullable String changed) {
    return new Facts(id, team, teamName, creator, createdAt, name, spec, plan, networkId, changed, ports, status);
  }

  ContainerState state() {
    return status.state();
  }

  String shortId() {
    return id.substring(0, 12);
  }

  /** The server itself, acting for the owning team. */
  Caller system() {
    return Caller.system(team, teamName);
  }

  /** @param lease its place on its network; absent if it is on none */
  Container shown(Networks.@Nullable Lease lease, String networkName) {
    boolean isUp = state().isAlive();
    Container.Endpoint endpoint =
        lease == null || !isUp ? null : new Container.Endpoint(lease.networkId(), networkName, lease.address(), lease.prefix(), lease.gateway(), mac(lease));
    return new Container(
        id, name, spec, plan.imageId(), spec.image(), plan.path(), plan.args(), plan.env(), plan.user(), plan.workingDir(), plan.labels(), plan.stopSignal(), state(), status.pid(),
        status.exitCode(), status.isOomKilled(), status.isEndKnown(), status.error(), status.restartCount(), createdAt, status.startedAt(), status.finishedAt(), status.removedAt(),
        team, teamName, creator, status.startedBy(), endpoint, isUp ? ports : List.of());
  }

  private String mac(Networks.Lease lease) {
    String own = spec.macAddress();
    return own == null || own.isEmpty() ? lease.mac() : own;
  }
}
