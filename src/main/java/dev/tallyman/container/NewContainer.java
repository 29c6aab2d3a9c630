package dev.tallyman.container;

import dev.tallyman.container.ContainerSpec.PortBinding;
import dev.tallyman.container.ContainerSpec.RestartPolicy;
import dev.tallyman.container.ContainerSpec.Ulimit;
import dev.tallyman.kernel.FineLimits;
import dev.tallyman.unit.ByteSize;
import dev.tallyman.web.Given;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Body of a request that creates a container. Only the image is required; what is absent has the default. */
@Schema(description = "Only image is required. Sizes are texts like 64m, times like 30s; cpus is a number of processors, e.g. 0.5.")
record NewContainer(
    @Nullable String name,
    @Nullable String image,
    @Nullable List<String> entrypoint,
    @Nullable List<String> command,
    @Nullable Map<String, String> env,
    @Nullable String workingDir,
    @Nullable String user,
    @Nullable Map<String, String> labels,
    @Nullable String hostname,
    @Nullable Boolean tty,
    @Nullable Boolean openStdin,
    @Nullable String stopSignal,
    @Nullable Integer stopTimeoutSeconds,
    @Nullable List<Port> ports,
    @Nullable Boolean publishAllPorts,
    @Nullable String network,
    @Nullable List<NewPlace> networks,
    @Nullable List<String> allowedSources,
    @Nullable List<String> dns,
    @Nullable Map<String, String> extraHosts,
    @Nullable String memory,
    @Nullable String memorySwap,
    @Nullable String memoryReservation,
    @Nullable Double cpus,
    @Nullable Long cpuShares,
    @Nullable String cpuset,
    @Nullable Long pids,
    @Nullable Restart restart,
    @Nullable Boolean removeAtExit,
    @Nullable Boolean init,
    @Nullable Boolean readOnly,
    @Nullable Boolean privileged,
    @Nullable List<String> addCapabilities,
    @Nullable List<String> dropCapabilities,
    @Nullable List<String> securityOptions,
    @Nullable Map<String, String> sysctls,
    @Nullable Map<String, String> tmpfs,
    @Nullable List<Ulimit> ulimits,
    @Nullable String sharedMemory,
    @Nullable Map<String, String> log,
    @Nullable String logDriver,
    @Nullable FineLimits fineLimits,
    @Nullable SpecialOptions special,
    @Nullable NewHealthcheck healthcheck,
    @Nullable String maxRuntime,
    @Nullable MountOptions mounts,
    @Nullable List<SecretWish> secrets) {

  /** @param protocol tcp or udp; @param hostAddress absent = all; @param hostPort absent = a free one */
  record Port(@Nullable Integer containerPort, @Nullable String protocol, @Nullable String hostAddress, @Nullable Integer hostPort) {}

  /** @param policy no, always, on-failure or unless-stopped */
  record Restart(@Nullable String policy, @Nullable Integer maximumRetries) {
    RestartPolicy read() {
      return new RestartPolicy(Given.required(policy, "restart.policy"), maximumRetries == null ? 0 : maximumRetries);
    }
  }

  /** @throws dev.tallyman.error.TallymanException INVALID */
  ContainerSpec read() {
    return new ContainerSpec(
        text(name), Given.required(image, "image"), entrypoint, command, pairs(env, '='), workingDir, user, orEmpty(labels), text(hostname), "", isTrue(tty), isTrue(openStdin),
        false, List.of(), stopSignal, stopTimeoutSeconds, List.of(), orEmpty(ports).stream().map(NewContainer::binding).toList(), isTrue(publishAllPorts),
        network == null || network.isEmpty() ? "bridge" : network, null, orEmpty(dns), List.of(), List.of(), pairs(extraHosts, ':'), limits().read(),
        restart == null ? RestartPolicy.no() : restart.read(), isTrue(removeAtExit), isTrue(init), isTrue(readOnly), isTrue(privileged), orEmpty(addCapabilities),
        orEmpty(dropCapabilities), orEmpty(securityOptions), List.of(), orEmpty(sysctls), orEmpty(tmpfs), orEmpty(ulimits), sharedMemory == null ? 0 : ByteSize.parse(sharedMemory).bytes(),
        null, false, text(logDriver), orEmpty(log), special == null ? SpecialOptions.none() : special, networking())
        .with(new LifeOptions(healthcheck == null ? null : healthcheck.read(), healthcheck == null ? "" : text(healthcheck.onUnhealthy()), text(maxRuntime)))
        .with(MountOptions.orNone(mounts).with(orEmpty(secrets)));
  }

  private Networking networking() {
    return new Networking(orEmpty(networks).stream().map(NewPlace::read).toList(), List.of(), orEmpty(allowedSources));
  }

  private LimitWish limits() {
    return new LimitWish(memory, memorySwap, memoryReservation, cpus, cpuShares, cpuset, pids, fineLimits);
  }

  private static PortBinding binding(Port port) {
    String protocol = port.protocol() == null ? "tcp" : port.protocol();
    return new PortBinding(
        Given.required(port.containerPort(), "ports.containerPort") + "/" + protocol, text(port.hostAddress()), port.hostPort() == null ? "" : String.valueOf(port.hostPort()));
  }

  private static List<String> pairs(@Nullable Map<String, String> map, char separator) {
    return orEmpty(map).entrySet().stream().map(each -> each.getKey() + separator + each.getValue()).toList();
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static boolean isTrue(@Nullable Boolean value) {
    return Boolean.TRUE.equals(value);
  }

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    if (list != null && list.contains(null)) {
      throw Refusal.invalid("a list in the body holds null");
    }
    return list == null ? List.of() : list;
  }

  private static Map<String, String> orEmpty(@Nullable Map<String, String> map) {
    if (map != null && map.containsValue(null)) {
      throw Refusal.invalid("an object in the body holds null");
    }
    return map == null ? Map.of() : map;
  }
}
