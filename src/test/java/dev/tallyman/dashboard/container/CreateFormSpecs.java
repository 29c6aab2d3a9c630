package dev.tallyman.dashboard.container;

import dev.tallyman.container.ContainerSpec;
import java.util.Map;

/** Specifications that tests need. */
final class CreateFormSpecs {
  private CreateFormSpecs() {}

  static ContainerSpec withLabel(ContainerSpec spec, String key, String value) {
    return new ContainerSpec(
        spec.name(), spec.image(), spec.entrypoint(), spec.cmd(), spec.env(), spec.workingDir(), spec.user(), Map.of(key, value), spec.hostname(), spec.domainname(), spec.isTty(),
        spec.isStdinOpen(), spec.isStdinOnce(), spec.attachStreams(), spec.stopSignal(), spec.stopTimeoutSeconds(), spec.exposedPorts(), spec.portBindings(),
        spec.publishesAllPorts(), spec.networkMode(), spec.macAddress(), spec.dns(), spec.dnsSearch(), spec.dnsOptions(), spec.extraHosts(), spec.limits(), spec.restart(),
        spec.isRemovedAtExit(), spec.hasInit(), spec.isReadOnly(), spec.isPrivileged(), spec.capAdd(), spec.capDrop(), spec.securityOptions(), spec.groupAdd(), spec.sysctls(),
        spec.tmpfs(), spec.ulimits(), spec.shmSizeBytes(), spec.oomScoreAdjust(), spec.isOomKillDisabled(), spec.logDriver(), spec.logOptions());
  }
}
