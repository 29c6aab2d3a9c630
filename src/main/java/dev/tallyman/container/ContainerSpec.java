package dev.tallyman.container;

import dev.tallyman.kernel.SandboxSpec;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the creator of a container asked for, before the image's defaults are merged in (null = take the image's). Stored as JSON with the
 * container; fixed at creation except {@code limits} and {@code restart}, which update changes.
 *
 * @param name without slash; empty = a generated one
 * @param networkMode {@code bridge}, {@code none}, {@code host}, {@code container:<id or name>}, or a network's name
 * @param capAdd names with or without CAP_, or ALL
 * @param hasInit null = not said, which clients tell apart from false
 * @param securityOptions Docker's texts: no-new-privileges[:true], seccomp=unconfined, seccomp={a profile in JSON},
 *     systempaths=unconfined
 * @param attachStreams stdin, stdout, stderr as Docker's Attach* flags, echoed by inspect
 */
public record ContainerSpec(
    String name,
    String image,
    @Nullable List<String> entrypoint,
    @Nullable List<String> cmd,
    List<String> env,
    @Nullable String workingDir,
    @Nullable String user,
    Map<String, String> labels,
    String hostname,
    String domainname,
    boolean isTty,
    boolean isStdinOpen,
    boolean isStdinOnce,
    List<String> attachStreams,
    @Nullable String stopSignal,
    @Nullable Integer stopTimeoutSeconds,
    List<String> exposedPorts,
    List<PortBinding> portBindings,
    boolean publishesAllPorts,
    String networkMode,
    @Nullable String macAddress,
    List<String> dns,
    List<String> dnsSearch,
    List<String> dnsOptions,
    List<String> extraHosts,
    SandboxSpec.Limits limits,
    RestartPolicy restart,
    boolean isRemovedAtExit,
    @Nullable Boolean hasInit,
    boolean isReadOnly,
    boolean isPrivileged,
    List<String> capAdd,
    List<String> capDrop,
    List<String> securityOptions,
    List<String> groupAdd,
    Map<String, String> sysctls,
    Map<String, String> tmpfs,
    List<Ulimit> ulimits,
    long shmSizeBytes,
    @Nullable Integer oomScoreAdjust,
    boolean isOomKillDisabled,
    String logDriver,
    Map<String, String> logOptions,
    SpecialOptions special,
    Networking networking,
    LifeOptions life,
    MountOptions mounts) {

  public ContainerSpec {
    special = special == null ? SpecialOptions.none() : special; // records of earlier versions have none
    networking = networking == null ? Networking.none() : networking;
    life = life == null ? LifeOptions.none() : life;
    mounts = mounts == null ? MountOptions.none() : mounts;
  }

  /** One without health check and maximum run time of its own. */
  public ContainerSpec(
      String name, String image, @Nullable List<String> entrypoint, @Nullable List<String> cmd, List<String> env, @Nullable String workingDir, @Nullable String user,
      Map<String, String> labels, String hostname, String domainname, boolean isTty, boolean isStdinOpen, boolean isStdinOnce, List<String> attachStreams, @Nullable String stopSignal,
      @Nullable Integer stopTimeoutSeconds, List<String> exposedPorts, List<PortBinding> portBindings, boolean publishesAllPorts, String networkMode, @Nullable String macAddress,
      List<String> dns, List<String> dnsSearch, List<String> dnsOptions, List<String> extraHosts, SandboxSpec.Limits limits, RestartPolicy restart, boolean isRemovedAtExit,
      @Nullable Boolean hasInit, boolean isReadOnly, boolean isPrivileged, List<String> capAdd, List<String> capDrop, List<String> securityOptions, List<String> groupAdd,
      Map<String, String> sysctls, Map<String, String> tmpfs, List<Ulimit> ulimits, long shmSizeBytes, @Nullable Integer oomScoreAdjust, boolean isOomKillDisabled, String logDriver,
      Map<String, String> logOptions, SpecialOptions special, Networking networking) {
    this(
        name, image, entrypoint, cmd, env, workingDir, user, labels, hostname, domainname, isTty, isStdinOpen, isStdinOnce, attachStreams, stopSignal, stopTimeoutSeconds, exposedPorts,
        portBindings, publishesAllPorts, networkMode, macAddress, dns, dnsSearch, dnsOptions, extraHosts, limits, restart, isRemovedAtExit, hasInit, isReadOnly, isPrivileged, capAdd,
        capDrop, securityOptions, groupAdd, sysctls, tmpfs, ulimits, shmSizeBytes, oomScoreAdjust, isOomKillDisabled, logDriver, logOptions, special, networking, LifeOptions.none(),
        MountOptions.none());
  }

  /** One without the rarer options. */
  public ContainerSpec(
      String name, String image, @Nullable List<String> entrypoint, @Nullable List<String> cmd, List<String> env, @Nullable String workingDir, @Nullable String user,
      Map<String, String> labels, String hostname, String domainname, boolean isTty, boolean isStdinOpen, boolean isStdinOnce, List<String> attachStreams, @Nullable String stopSignal,
      @Nullable Integer stopTimeoutSeconds, List<String> exposedPorts, List<PortBinding> portBindings, boolean publishesAllPorts, String networkMode, @Nullable String macAddress,
      List<String> dns, List<String> dnsSearch, List<String> dnsOptions, List<String> extraHosts, SandboxSpec.Limits limits, RestartPolicy restart, boolean isRemovedAtExit,
      @Nullable Boolean hasInit, boolean isReadOnly, boolean isPrivileged, List<String> capAdd, List<String> capDrop, List<String> securityOptions, List<String> groupAdd,
      Map<String, String> sysctls, Map<String, String> tmpfs, List<Ulimit> ulimits, long shmSizeBytes, @Nullable Integer oomScoreAdjust, boolean isOomKillDisabled, String logDriver,
      Map<String, String> logOptions) {
    this(
        name, image, entrypoint, cmd, env, workingDir, user, labels, hostname, domainname, isTty, isStdinOpen, isStdinOnce, attachStreams, stopSignal, stopTimeoutSeconds, exposedPorts,
        portBindings, publishesAllPorts, networkMode, macAddress, dns, dnsSearch, dnsOptions, extraHosts, limits, restart, isRemovedAtExit, hasInit, isReadOnly, isPrivileged, capAdd,
        capDrop, securityOptions, groupAdd, sysctls, tmpfs, ulimits, shmSizeBytes, oomScoreAdjust, isOomKillDisabled, logDriver, logOptions, SpecialOptions.none(), Networking.none());
  }

  public ContainerSpec with(LifeOptions own) {
    return SpecChanges.withLife(this, own);
  }

  public ContainerSpec with(MountOptions own) {
    return SpecChanges.withMounts(this, own);
  }

  /** @param containerPort e.g. {@code 80/tcp}; @param hostPort empty = a free one is chosen; of a range like 8000-8010, a free one of it */
  public record PortBinding(String containerPort, String hostAddress, String hostPort) {}

  /** @param name no, always, on-failure, unless-stopped; @param maximumRetries for on-failure, 0 = endless */
  public record RestartPolicy(String name, int maximumRetries) {
    public static RestartPolicy no() {
      return new RestartPolicy("no", 0);
    }
  }

  /** @param name nofile, nproc, core … */
  public record Ulimit(String name, long soft, long hard) {}

  /** The plainest container: an image and a command; everything else default. */
  public static ContainerSpec of(String name, String image, @Nullable List<String> cmd) {
    return new ContainerSpec(
        name, image, null, cmd, List.of(), null, null, Map.of(), "", "", false, false, false, List.of(), null, null, List.of(), List.of(), false, "bridge", null, List.of(),
        List.of(), List.of(), List.of(), SandboxSpec.Limits.none(), RestartPolicy.no(), false, false, false, false, List.of(), List.of(), List.of(), List.of(), Map.of(), Map.of(),
        List.of(), 0, null, false, "", Map.of());
  }
}
