package dev.tallyman.engine.system;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.UnixOperatingSystemMXBean;
import dev.tallyman.container.Container;
import dev.tallyman.container.ContainerState;
import dev.tallyman.device.DeviceCatalog;
import dev.tallyman.distribution.Distribution;
import dev.tallyman.engine.http.ApiVersion;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.Times;
import dev.tallyman.kernel.ResourceUse;
import dev.tallyman.system.Machine;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.List;

/** The answer of /info: complete and without null where clients expect numbers and lists. */
final class InfoView {
  private static final String RUNTIME = "tallyman";

  private InfoView() {}

  static ObjectNode of(Machine machine, Distribution.Configured configured, DeviceCatalog devices, List<Container> containers, int imageCount, int listeners, ApiVersion version) {
    ObjectNode info = Json.object();
    ResourceUse.Host host = machine.host();
    info.put("ID", machine.instanceId());
    info.put("Containers", containers.size());
    info.put("ContainersRunning", count(containers, ContainerState.RUNNING) + count(containers, ContainerState.RESTARTING));
    info.put("ContainersPaused", count(containers, ContainerState.PAUSED));
    info.put("ContainersStopped", count(containers, ContainerState.EXITED) + count(containers, ContainerState.CREATED));
    info.put("Images", imageCount);
    info.put("Driver", "overlay");
    info.putArray("DriverStatus").addArray().add("User namespace for every container").add("true");
    ObjectNode plugins = info.putObject("Plugins");
    plugins.putArray("Volume").add("local");
    plugins.putArray("Network").add("bridge").add("host").add("ipvlan").add("macvlan").add("null");
    plugins.putNull("Authorization");
    plugins.putArray("Log").add("fluentd").add("gelf").add("journald").add("json-file").add("local").add("syslog");
    for (String each : List.of("MemoryLimit", "SwapLimit", "CpuCfsPeriod", "CpuCfsQuota", "CPUShares", "CPUSet", "PidsLimit", "IPv4Forwarding")) {
      info.put(each, true);
    }
    if (version.isBefore(50)) {
      info.put("BridgeNfIptables", false).put("BridgeNfIp6tables", false);
    }
    info.put("Debug", false).put("OomKillDisable", machine.cgroupVersion().equals("1"));
    info.put("NFd", openFiles()).put("NGoroutines", ManagementFactory.getThreadMXBean().getThreadCount()).put("NEventsListener", listeners);
    info.put("SystemTime", Times.text(Instant.now()));
    info.put("LoggingDriver", "json-file").put("CgroupDriver", "cgroupfs").put("CgroupVersion", machine.cgroupVersion());
    info.put("KernelVersion", machine.kernelVersion()).put("OperatingSystem", machine.operatingSystem()).put("OSVersion", machine.operatingSystemVersion());
    info.put("OSType", "linux").put("Architecture", machine.architecture()).put("IndexServerAddress", "https://index.docker.io/v1/");
    putRegistries(info.putObject("RegistryConfig"), configured, version);
    info.put("NCPU", host.onlineCpus()).put("MemTotal", host.memoryBytes());
    info.putArray("GenericResources");
    info.put("DockerRootDir", machine.rootFolder()).put("HttpProxy", "").put("HttpsProxy", "").put("NoProxy", "");
    info.put("Name", machine.name());
    info.putArray("Labels");
    info.put("ExperimentalBuild", false).put("ServerVersion", machine.serverVersion());
    info.putObject("Runtimes").putObject(RUNTIME).put("path", "helper");
    info.put("DefaultRuntime", RUNTIME);
    putSwarm(info.putObject("Swarm"));
    info.put("LiveRestoreEnabled", true).put("Isolation", "").put("InitBinary", "init");
    for (String each : List.of("ContainerdCommit", "RuncCommit", "InitCommit")) {
      info.putObject(each).put("ID", "");
    }
    ArrayNode security = info.putArray("SecurityOptions");
    List.of("seccomp", "userns", "cgroupns").forEach(each -> security.add(version.isBefore(25) ? each : each.equals("seccomp") ? "name=seccomp,profile=builtin" : "name=" + each));
    info.put("ProductLicense", "");
    info.putArray("DefaultAddressPools");
    info.set("CDISpecDirs", Json.texts(devices.folders()));
    putDevices(info, devices, version);
    if (!version.isBefore(49)) {
      info.putObject("FirewallBackend").put("Driver", "nftables");
    }
    info.putArray("Warnings");
    return info;
  }

  private static long openFiles() {
    return ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class).getOpenFileDescriptorCount();
  }

  private static void putDevices(ObjectNode info, DeviceCatalog devices, ApiVersion version) {
    if (!version.isBefore(50) && !devices.names().isEmpty()) {
      ArrayNode discovered = info.putArray("DiscoveredDevices");
      devices.names().forEach(each -> discovered.addObject().put("Source", "cdi").put("ID", each));
    }
  }

  private static void putRegistries(ObjectNode registries, Distribution.Configured configured, ApiVersion version) {
    if (version.isBefore(47)) {
      registries.putNull("AllowNondistributableArtifactsCIDRs").putNull("AllowNondistributableArtifactsHostnames");
    }
    registries.putArray("InsecureRegistryCIDRs").add("::1/128").add("127.0.0.0/8");
    ObjectNode indexes = registries.putObject("IndexConfigs");
    indexes.putObject("docker.io").put("Name", "docker.io").put("Secure", true).put("Official", true).set("Mirrors", Json.texts(configured.mirrors()));
    for (String each : configured.insecure()) {
      indexes.putObject(each).put("Name", each).put("Secure", false).put("Official", false).putArray("Mirrors");
    }
    registries.set("Mirrors", Json.texts(configured.mirrors()));
  }

  private static void putSwarm(ObjectNode swarm) {
    swarm.put("NodeID", "").put("NodeAddr", "").put("LocalNodeState", "inactive").put("ControlAvailable", false).put("Error", "").putNull("RemoteManagers");
  }

  private static long count(List<Container> containers, ContainerState state) {
    return containers.stream().filter(each -> each.state() == state).count();
  }
}
