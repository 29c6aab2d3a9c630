package dev.tallyman.engine.container;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.container.ContainerSpec;
import dev.tallyman.engine.http.Json;
import dev.tallyman.kernel.SandboxSpec.Limits;
import java.util.List;

/** HostConfig as inspect shows it: all fields, so that what is shown can be given to create again. */
final class HostConfigView {
  static final String RUNTIME = "tallyman";
  private static final long DEFAULT_SHM_BYTES = 64L << 20;

  private HostConfigView() {}

  /** @param name of the container, which its links are shown with */
  static ObjectNode of(ContainerSpec spec, String name) {
    ObjectNode host = Json.object();
    putMountsAndNetwork(host, spec);
    putSecurity(host, spec);
    putLimits(host, spec);
    // On networks of one's own links belong to the place there.
    putListOrNull(host, "Links", spec.networkMode().equals("bridge") ? spec.networking().shownLinks(name) : List.of());
    return host;
  }

  private static void putMountsAndNetwork(ObjectNode host, ContainerSpec spec) {
    MountFields.write(host, spec.mounts());
    host.putObject("LogConfig").put("Type", spec.logDriver().isEmpty() ? "json-file" : spec.logDriver()).set("Config", Json.texts(spec.logOptions()));
    host.put("NetworkMode", spec.networkMode());
    host.set("PortBindings", PortBindings.write(spec.portBindings()));
    host.putObject("RestartPolicy").put("Name", spec.restart().name()).put("MaximumRetryCount", spec.restart().maximumRetries());
    host.put("AutoRemove", spec.isRemovedAtExit());
  }

  private static void putSecurity(ObjectNode host, ContainerSpec spec) {
    putListOrNull(host, "CapAdd", spec.capAdd());
    putListOrNull(host, "CapDrop", spec.capDrop());
    host.set("Dns", Json.texts(spec.dns()));
    host.set("DnsOptions", Json.texts(spec.dnsOptions()));
    host.set("DnsSearch", Json.texts(spec.dnsSearch()));
    putListOrNull(host, "ExtraHosts", spec.extraHosts());
    putListOrNull(host, "GroupAdd", spec.groupAdd());
    host.put("Cgroup", "");
    host.put("OomScoreAdj", spec.oomScoreAdjust() == null ? 0 : spec.oomScoreAdjust());
    host.put("Privileged", spec.isPrivileged());
    host.put("PublishAllPorts", spec.publishesAllPorts());
    host.put("ReadonlyRootfs", spec.isReadOnly());
    List<String> options = spec.securityOptions().stream().filter(each -> !each.equals(SystemPaths.UNCONFINED)).toList();
    putListOrNull(host, "SecurityOpt", options);
    if (!spec.tmpfs().isEmpty()) {
      host.set("Tmpfs", Json.texts(spec.tmpfs()));
    }
    host.put("UsernsMode", "");
    host.put("ShmSize", spec.shmSizeBytes() == 0 ? DEFAULT_SHM_BYTES : spec.shmSizeBytes());
    if (!spec.sysctls().isEmpty()) {
      host.set("Sysctls", Json.texts(spec.sysctls()));
    }
    host.put("Runtime", RUNTIME);
    host.put("Isolation", "");
    SpecialFields.write(host, spec.special());
    SystemPaths.write(host, spec);
  }

  private static void putLimits(ObjectNode host, ContainerSpec spec) {
    Limits limits = spec.limits();
    boolean isNano = LimitFields.isNanoCpus(limits);
    host.put("CpuShares", limits.cpuShares());
    host.put("Memory", limits.memoryBytes());
    host.put("NanoCpus", isNano ? LimitFields.nanoCpus(limits) : 0);
    host.put("CgroupParent", "");
    LimitFields.putFine(host, limits.fine());
    host.put("CpuPeriod", isNano ? 0 : limits.cpuPeriodMicros());
    host.put("CpuQuota", isNano ? 0 : limits.cpuQuotaMicros());
    host.put("CpusetCpus", limits.cpuset());
    host.put("MemoryReservation", limits.memoryReservationBytes());
    host.put("MemorySwap", limits.memorySwapBytes());
    host.put("OomKillDisable", spec.isOomKillDisabled());
    if (spec.hasInit() != null) {
      host.put("Init", spec.hasInit());
    }
    host.put("PidsLimit", limits.pids() == 0 ? null : Long.valueOf(Math.max(limits.pids(), 0)));
    ArrayNode ulimits = host.putArray("Ulimits");
    spec.ulimits().forEach(each -> ulimits.addObject().put("Name", each.name()).put("Hard", each.hard()).put("Soft", each.soft()));
    for (String each : List.of("CpuCount", "CpuPercent", "IOMaximumIOps", "IOMaximumBandwidth")) {
      host.put(each, 0);
    }
  }

  private static void putListOrNull(ObjectNode host, String name, List<String> values) {
    if (values.isEmpty()) {
      host.putNull(name);
    } else {
      host.set(name, Json.texts(values));
    }
  }
}
