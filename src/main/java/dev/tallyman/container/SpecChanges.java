package dev.tallyman.container;

import dev.tallyman.container.ContainerSpec.RestartPolicy;
import dev.tallyman.kernel.SandboxSpec.Limits;
import java.util.List;

/** Copies of specifications with one thing changed. */
final class SpecChanges {
  private SpecChanges() {}

  static ContainerSpec withNetworkMode(ContainerSpec spec, String mode) {
    return copy(spec, mode, spec.limits(), spec.restart(), spec.special(), spec.life(), spec.mounts());
  }

  static ContainerSpec withLimits(ContainerSpec spec, Limits limits, RestartPolicy restart) {
    return copy(spec, spec.networkMode(), limits, restart, spec.special(), spec.life(), spec.mounts());
  }

  static ContainerSpec withSpecial(ContainerSpec spec, SpecialOptions special) {
    return copy(spec, spec.networkMode(), spec.limits(), spec.restart(), special, spec.life(), spec.mounts());
  }

  static ContainerSpec withLife(ContainerSpec spec, LifeOptions life) {
    return copy(spec, spec.networkMode(), spec.limits(), spec.restart(), spec.special(), life, spec.mounts());
  }

  static ContainerSpec withMounts(ContainerSpec spec, MountOptions mounts) {
    return copy(spec, spec.networkMode(), spec.limits(), spec.restart(), spec.special(), spec.life(), mounts);
  }

  static ContainerSpec withLinks(ContainerSpec spec, List<String> links) {
    Networking networking = new Networking(spec.networking().places(), links, spec.networking().allowedSources());
    return copy(spec, spec.networkMode(), spec.limits(), spec.restart(), spec.special(), spec.life(), spec.mounts(), networking);
  }

  private static ContainerSpec copy(ContainerSpec s, String networkMode, Limits limits, RestartPolicy restart, SpecialOptions special, LifeOptions life, MountOptions mounts) {
    return copy(s, networkMode, limits, restart, special, life, mounts, s.networking());
  }

  private static ContainerSpec copy(
      ContainerSpec s, String networkMode, Limits limits, RestartPolicy restart, SpecialOptions special, LifeOptions life, MountOptions mounts, Networking networking) {
    return new ContainerSpec(
        s.name(), s.image(), s.entrypoint(), s.cmd(), s.env(), s.workingDir(), s.user(), s.labels(), s.hostname(), s.domainname(), s.isTty(), s.isStdinOpen(), s.isStdinOnce(),
        s.attachStreams(), s.stopSignal(), s.stopTimeoutSeconds(), s.exposedPorts(), s.portBindings(), s.publishesAllPorts(), networkMode, s.macAddress(), s.dns(), s.dnsSearch(),
        s.dnsOptions(), s.extraHosts(), limits, restart, s.isRemovedAtExit(), s.hasInit(), s.isReadOnly(), s.isPrivileged(), s.capAdd(), s.capDrop(), s.securityOptions(),
        s.groupAdd(), s.sysctls(), s.tmpfs(), s.ulimits(), s.shmSizeBytes(), s.oomScoreAdjust(), s.isOomKillDisabled(), s.logDriver(), s.logOptions(), special, networking, life,
        mounts);
  }
}
