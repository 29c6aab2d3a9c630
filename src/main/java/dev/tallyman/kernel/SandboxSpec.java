package dev.tallyman.kernel;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything the helper needs to start a container. Identities are 64 hex characters; lists are copied.
 *
 * @param layers names in {@link Layers}, bottom layer first
 * @param workdir absolute path inside the container
 * @param user {@code user[:group]} by name or number; empty = root
 * @param hosts content of /etc/hosts
 * @param resolv content of /etc/resolv.conf
 * @param capabilities bit set by capability number (capabilities(7))
 * @param tmpfs {@code /path[:options]}
 * @param mounts volumes and directories of the host
 * @param logFiles number of log files; 0 = output is not kept
 */
public record SandboxSpec(
    String container,
    List<String> layers,
    List<String> args,
    List<String> env,
    String workdir,
    String user,
    List<String> groupAdd,
    String hostname,
    String domainname,
    String hosts,
    String resolv,
    Network network,
    Limits limits,
    long capabilities,
    Flags flags,
    List<String> sysctls,
    List<String> tmpfs,
    List<Ulimit> ulimits,
    long shmSizeBytes,
    long logMaxBytes,
    int logFiles,
    @Nullable Integer umask,
    @Nullable Integer oomScoreAdjust,
    int rows,
    int columns,
    Isolation isolation,
    List<Mount> mounts) {

  public SandboxSpec {
    layers = List.copyOf(layers);
    args = List.copyOf(args);
    env = List.copyOf(env);
    groupAdd = List.copyOf(groupAdd);
    sysctls = List.copyOf(sysctls);
    tmpfs = List.copyOf(tmpfs);
    ulimits = List.copyOf(ulimits);
    mounts = List.copyOf(mounts);
  }

  /** One that is isolated as all are. */
  public SandboxSpec(
      String container, List<String> layers, List<String> args, List<String> env, String workdir, String user, List<String> groupAdd, String hostname, String domainname, String hosts,
      String resolv, Network network, Limits limits, long capabilities, Flags flags, List<String> sysctls, List<String> tmpfs, List<Ulimit> ulimits, long shmSizeBytes, long logMaxBytes,
      int logFiles, @Nullable Integer umask, @Nullable Integer oomScoreAdjust, int rows, int columns) {
    this(
        container, layers, args, env, workdir, user, groupAdd, hostname, domainname, hosts, resolv, network, limits, capabilities, flags, sysctls, tmpfs, ulimits, shmSizeBytes,
        logMaxBytes, logFiles, umask, oomScoreAdjust, rows, columns, Isolation.usual(), List.of());
  }

  /** How the container is connected. */
  public sealed interface Network {
    record None() implements Network {}

    /** Only where the policy permits. */
    record Host() implements Network {}

    /** Shares the network namespace of another running container. */
    record Join(String container) implements Network {}

    /**
     * Places on networks. Of each family the first that has it and is not internal has the default route and the ports.
     *
     * @param address empty, as the gateway, where the network has IPv6 alone; the prefix is 0 then
     * @param mac six bytes in colon form; absent = derived from the address
     * @param ports published, for the sources only if there are any
     * @param more networks beside the first
     * @param sources ranges of addresses, e.g. {@code 10.0.0.0/8}; none lies within another
     * @param hasResolver the answer brings the sockets that 127.0.0.11 port 53 leads to
     * @param six its IPv6 address on the first network
     * @param link how its link to the first network is called; absent = the next free of eth0, eth1 …
     * @param sysctls settings of that link: {@code net.ipv4.conf.ifname.log_martians=1}
     */
    record Bridge(
        String network, String address, int prefix, String gateway, @Nullable String mac, List<Port> ports, List<Place> more, List<String> sources, boolean hasResolver,
        @Nullable Six six, @Nullable String link, List<String> sysctls)
        implements Network {
      public Bridge {
        ports = List.copyOf(ports);
        more = List.copyOf(more);
        sources = List.copyOf(sources);
        sysctls = List.copyOf(sysctls);
      }

      /** On one network, without a resolver. */
      public Bridge(String network, String address, int prefix, String gateway, @Nullable String mac, List<Port> ports) {
        this(network, address, prefix, gateway, mac, ports, List.of(), List.of(), false, null, null, List.of());
      }

      /** Without IPv6. */
      public Bridge(
          String network, String address, int prefix, String gateway, @Nullable String mac, List<Port> ports, List<Place> more, List<String> sources, boolean hasResolver) {
        this(network, address, prefix, gateway, mac, ports, more, sources, hasResolver, null, null, List.of());
      }

      /** True if it is on the network. */
      public boolean isOn(String id) {
        return network.equals(id) || more.stream().anyMatch(each -> each.network().equals(id));
      }
    }
  }

  /** A place on a network, as of {@link Network.Bridge}. */
  public record Place(String network, String address, int prefix, String gateway, @Nullable String mac, @Nullable Six six, @Nullable String link, List<String> sysctls) {
    public Place {
      sysctls = List.copyOf(sysctls);
    }

    public Place(String network, String address, int prefix, String gateway, @Nullable String mac) {
      this(network, address, prefix, gateway, mac, null, null, List.of());
    }
  }

  /** What a place has of IPv6. */
  public record Six(String address, int prefix, String gateway) {}

  /** @param protocol {@code tcp} or {@code udp}; @param hostAddress dotted IPv4, {@code 0.0.0.0} = all of IPv4; or IPv6, {@code ::} = all of that */
  public record Port(String protocol, String hostAddress, int hostPort, int containerPort) {}

  /**
   * Zero means "not set" everywhere, at a change "stays as it is". Less than zero is "no limit of its own": any amount of swap, as many processes and as much
   * processor time as the policy has for one container.
   *
   * @param cpuShares in Docker's scale, 2 to 262144
   * @param isQuotaGiven the quota and its period were given as such, and not as a number of processors
   */
  public record Limits(
      long memoryBytes, long memorySwapBytes, long memoryReservationBytes, long pids, long cpuQuotaMicros, long cpuPeriodMicros, long cpuShares, String cpuset,
      FineLimits fine, boolean isQuotaGiven) {
    public Limits {
      fine = fine == null ? FineLimits.none() : fine; // records of earlier versions have none
    }

    public Limits(
        long memoryBytes, long memorySwapBytes, long memoryReservationBytes, long pids, long cpuQuotaMicros, long cpuPeriodMicros, long cpuShares, String cpuset) {
      this(memoryBytes, memorySwapBytes, memoryReservationBytes, pids, cpuQuotaMicros, cpuPeriodMicros, cpuShares, cpuset, FineLimits.none(), false);
    }

    public static Limits none() {
      return new Limits(0, 0, 0, 0, 0, 0, 0, "");
    }

    /** Whether anything is said of a quota or its period. */
    public boolean hasBandwidth() {
      return cpuQuotaMicros != 0 || cpuPeriodMicros != 0;
    }

    public Limits withPids(long number) {
      return new Limits(memoryBytes, memorySwapBytes, memoryReservationBytes, number, cpuQuotaMicros, cpuPeriodMicros, cpuShares, cpuset, fine, isQuotaGiven);
    }
  }

  public record Flags(
      boolean isTty, boolean isStdinOpen, boolean isStdinOnce, boolean hasInit, boolean isReadOnly, boolean noNewPrivileges, boolean isSeccompUnconfined,
      boolean isHeldForSubscriber, boolean isPrivileged, boolean isOomKillDisabled, boolean isUnmasked) {}

  /** @param resource RLIMIT_ number of the kernel */
  public record Ulimit(int resource, long soft, long hard) {}
}
