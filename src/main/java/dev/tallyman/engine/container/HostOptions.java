package dev.tallyman.engine.container;

import dev.tallyman.container.ContainerSpec.PortBinding;
import dev.tallyman.container.ContainerSpec.RestartPolicy;
import dev.tallyman.container.ContainerSpec.Ulimit;
import dev.tallyman.container.MountOptions;
import dev.tallyman.container.SpecialOptions;
import dev.tallyman.engine.http.JsonFields;
import dev.tallyman.kernel.SandboxSpec.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a HostConfig asks for. Fields that this server does not have are refused unless they say what is so anyway. */
record HostOptions(
    List<PortBinding> portBindings, boolean publishesAllPorts, String networkMode, List<String> dns, List<String> dnsSearch, List<String> dnsOptions, List<String> extraHosts,
    Limits limits, RestartPolicy restart, boolean isRemovedAtExit, @Nullable Boolean hasInit, boolean isReadOnly, boolean isPrivileged, List<String> capAdd, List<String> capDrop,
    List<String> securityOptions, List<String> groupAdd, Map<String, String> sysctls, Map<String, String> tmpfs, List<Ulimit> ulimits, long shmSizeBytes,
    @Nullable Integer oomScoreAdjust, boolean isOomKillDisabled, String logDriver, Map<String, String> logOptions, SpecialOptions special, List<String> links,
    MountOptions mounts) {

  static HostOptions read(JsonFields host) {
    refuseWhatIsNotHere(host);
    JsonFields log = host.object("LogConfig");
    HostOptions options =
        new HostOptions(
            PortBindings.read(host), host.flag("PublishAllPorts"), plainMode(host.text("NetworkMode")), host.texts("Dns"), host.texts("DnsSearch"), host.texts("DnsOptions"),
            host.texts("ExtraHosts"), LimitFields.read(host), restart(host), host.flag("AutoRemove"), host.flagOrNull("Init"), host.flag("ReadonlyRootfs"), host.flag("Privileged"),
            host.texts("CapAdd"), host.texts("CapDrop"), SystemPaths.securityOptions(host), host.texts("GroupAdd"), host.textMap("Sysctls"), host.textMap("Tmpfs"), ulimits(host),
            host.number("ShmSize"), host.number("OomScoreAdj") == 0 ? null : host.smallNumber("OomScoreAdj"), host.flag("OomKillDisable"), log.text("Type"), log.textMap("Config"),
            SpecialFields.read(host), host.texts("Links"), MountFields.read(host));
    return options;
  }

  private static void refuseWhatIsNotHere(JsonFields host) {
    for (String each : List.of("CpuCount", "CpuPercent", "IOMaximumIOps", "IOMaximumBandwidth")) {
      host.allowOnly(each, "it is for Windows");
    }
    for (String each : List.of("KernelMemory", "KernelMemoryTCP")) {
      host.allowOnly(each, "limits of kernel memory are obsolete");
    }
    host.allowOnly("CgroupParent", "the server chooses the control group");
    host.allowOnly("Cgroup", "the server chooses the control group");
    host.allowOnly("Isolation", "it is for Windows", "default");
    // The first two are what a dockerd calls its only runtime, and Compose files for Docker name.
    host.allowOnly("Runtime", "there is one runtime", "runc", "io.containerd.runc.v2", HostConfigView.RUNTIME);
    host.allowOnly("UsernsMode", "every container has ids of its own, and its root is nobody on the host", "private");
  }

  /** Docker's default network has two names. */
  static String plainMode(String mode) {
    return mode.isEmpty() || mode.equals("default") ? "bridge" : mode;
  }

  static RestartPolicy restart(JsonFields host) {
    JsonFields policy = host.object("RestartPolicy");
    String name = policy.text("Name");
    int retries = policy.smallNumber("MaximumRetryCount");
    return new RestartPolicy(name.isEmpty() ? "no" : name, retries);
  }

  private static List<Ulimit> ulimits(JsonFields host) {
    List<Ulimit> all = new ArrayList<>();
    for (JsonFields each : host.objects("Ulimits")) {
      all.add(new Ulimit(each.text("Name"), each.number("Soft"), each.number("Hard")));
    }
    return all;
  }
}
