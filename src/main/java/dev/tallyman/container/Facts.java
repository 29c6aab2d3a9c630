package dev.tallyman.container;

import dev.tallyman.container.Container.PublishedPort;
import dev.tallyman.network.Networks;
import dev.tallyman.identity.Caller;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that is stored of a container; replaced as a whole.
 *
 * @param memberships its places on networks; the first that is not internal has the default route. Empty for other network modes
 * @param ports its published ports, those that were chosen for it included; its own from creation to removal
 */
record Facts(
    String id, long team, String teamName, String creator, Instant createdAt, String name, ContainerSpec spec, Plan plan, List<Membership> memberships,
    List<PublishedPort> ports, Status status) {
  Facts {
    memberships = List.copyOf(memberships);
    ports = List.copyOf(ports);
  }

  Facts with(Status changed) {
    return new Facts(id, team, teamName, creator, createdAt, name, spec, plan, memberships, ports, changed);
  }

  Facts withName(String changed) {
    return new Facts(id, team, teamName, creator, createdAt, changed, spec, plan, memberships, ports, status);
  }

  Facts withSpec(ContainerSpec changed) {
    return new Facts(id, team, teamName, creator, createdAt, name, changed, plan, memberships, ports, status);
  }

  Facts withPorts(List<PublishedPort> changed) {
    return new Facts(id, team, teamName, creator, createdAt, name, spec, plan, memberships, changed, status);
  }

  Facts withMemberships(List<Membership> changed) {
    return new Facts(id, team, teamName, creator, createdAt, name, spec, plan, changed, ports, status);
  }

  /** Its place on a network; absent if it has none there. */
  @Nullable Membership on(String networkId) {
    return memberships.stream().filter(each -> each.networkId().equals(networkId)).findFirst().orElse(null);
  }

  /** True if its programs ask us for names. */
  boolean hasResolver() {
    return memberships.stream().anyMatch(Membership::isNamed);
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

  Container shown(@Nullable Health health) {
    boolean isUp = state().isAlive();
    List<Container.Endpoint> endpoints = memberships.stream().map(this::endpoint).toList();
    return new Container(
        id, name, spec, plan.imageId(), spec.image(), plan.path(), plan.args(), plan.env(), plan.user(), plan.workingDir(), plan.labels(), plan.stopSignal(), state(), status.pid(),
        status.exitCode(), status.isOomKilled(), status.isEndKnown(), status.error(), status.restartCount(), createdAt, status.startedAt(), status.finishedAt(), status.removedAt(),
        team, teamName, creator, status.startedBy(), isUp && !endpoints.isEmpty() ? endpoints.get(0) : null, isUp ? ports : List.of(), endpoints,
        plan.life(), health, plan.mounts().stream().map(MountPoint::shown).toList(), exposedPorts(), plan.entrypointWords());
  }

  /** Those of the image, too. */
  List<String> exposedPorts() {
    List<String> known = plan.exposedPorts();
    return known == null ? NetworkRules.exposedTexts(List.of(), spec) : known;
  }

  private Container.Endpoint endpoint(Membership of) {
    Networks.Lease6 six = of.lease().six();
    return new Container.Endpoint(
        of.networkId(), of.networkName(), of.lease().address(), of.lease().prefix(), of.lease().gateway(), of.mac(), of.names(this), of.isNamed(), of.settings(),
        six == null ? "" : six.address(), six == null ? 0 : six.prefix(), six == null ? "" : six.gateway(), of.canPublish());
  }
}
