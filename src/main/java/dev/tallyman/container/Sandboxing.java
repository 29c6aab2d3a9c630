package dev.tallyman.container;

import dev.tallyman.device.DeviceCatalog;
import dev.tallyman.device.DeviceEdits;
import dev.tallyman.kernel.Mount;
import dev.tallyman.kernel.SandboxSpec;
import dev.tallyman.kernel.SandboxSpec.Limits;
import dev.tallyman.network.Networks;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Writes down for the helper what a container is. */
@Singleton
class Sandboxing {
  static final long DEFAULT_SHM_BYTES = 64L << 20;

  private final Inventory inventory;
  private final ContainerConfig config;
  private final EtcFiles files;
  private final DeviceCatalog devices;
  private final LegacyLinks links;

  @Inject
  Sandboxing(Inventory inventory, ContainerConfig config, EtcFiles files, DeviceCatalog devices, LegacyLinks links) {
    this.links = links;
    this.devices = devices;
    this.files = files;
    this.inventory = inventory;
    this.config = config;
  }

  /** Its network, and what the names and files are that go with it. */
  private record Surroundings(SandboxSpec.Network network, String hostname, String domainname, String hosts, String resolv) {}

  /** @throws dev.tallyman.error.TallymanException CONFLICT if the container whose network is to be shared does not run, INVALID if a device that it names is not there any more */
  SandboxSpec of(Facts facts, boolean isHeld, Loan loan) {
    ContainerSpec spec = facts.spec();
    Plan plan = facts.plan();
    Surroundings around = surroundings(facts);
    requireShared(spec.special());
    DeviceEdits named = devices.edits(spec.special().deviceRequests());
    List<String> args = new ArrayList<>(List.of(plan.path()));
    args.addAll(plan.args());
    LogSettings log = LogSettings.of(spec, config);
    SecurityOptions security = SecurityOptions.parse(spec.securityOptions());
    SandboxSpec.Flags flags =
        new SandboxSpec.Flags(
            spec.isTty(), spec.isStdinOpen(), spec.isStdinOnce(), Boolean.TRUE.equals(spec.hasInit()), spec.isReadOnly(), security.noNewPrivileges(), security.isSeccompUnconfined(), isHeld,
            spec.isPrivileged(), spec.isOomKillDisabled(), Isolating.isUnmasked(spec));
    return new SandboxSpec(
        facts.id(), plan.layers(), args, Environment.ofProcess(Environment.listed(links.required(facts), Environment.listed(joined(plan.env(), loan.env()), named.env())), around.hostname(), spec.isTty()), plan.workingDir(), plan.user(),
        joined(spec.groupAdd(), named.groups()), around.hostname(),
        around.domainname(), around.hosts(), around.resolv(), around.network(), limits(spec.limits()), Capabilities.of(spec), flags,
        spec.sysctls().entrySet().stream().map(each -> each.getKey() + "=" + each.getValue()).toList(),
        joined(tmpfs(spec, plan), loan.tmpfs()), Ulimits.of(spec.ulimits()),
        spec.shmSizeBytes() == 0 ? DEFAULT_SHM_BYTES : spec.shmSizeBytes(), log.maxBytes(), log.files(), null, spec.oomScoreAdjust(), spec.special().terminal().rows(), spec.special().terminal().columns(),
        Isolating.of(spec, named),
        joined(joined(joined(MountPoint.kernelMounts(plan.mounts()), MountPoint.sockets(facts.id(), plan.mounts())), loan.mounts()), named.mounts().stream().map(each -> Mount.ofBind(each.source(), each.target(), each.isReadOnly(), false, each.isRecursive())).toList()));
  }

  private static <T> List<T> joined(List<T> first, List<T> second) {
    return second.isEmpty() ? first : Stream.concat(first.stream(), second.stream()).toList();
  }

  private static List<String> tmpfs(ContainerSpec spec, Plan plan) {
    List<String> all = new ArrayList<>(MountPoint.tmpfs(plan.mounts()));
    spec.tmpfs().forEach((path, options) -> all.add(options.isEmpty() ? path : path + ":" + options));
    return all;
  }

  /** A container that says nothing of a number of processes gets the default one. */
  private Limits limits(Limits given) {
    return given.pids() == 0 ? given.withPids(config.pids()) : given;
  }

  private Surroundings surroundings(Facts facts) {
    ContainerSpec spec = facts.spec();
    String hostname = hostname(facts);
    if (!facts.memberships().isEmpty()) {
      List<Membership> places = Placing.ordered(facts.memberships());
      List<String> addresses = places.stream().flatMap(each -> Stream.of(each.lease().address(), each.lease().six() == null ? "" : each.lease().six().address())).filter(each -> !each.isEmpty()).toList();
      List<String> linked = links.lines(facts);
      return new Surroundings(
          bridge(facts, places), hostname, spec.domainname(), HostFiles.hosts(spec, hostname, addresses, hostGateway(places), linked),
          ResolverFile.text(facts));
    }
    if (spec.networkMode().startsWith("container:")) {
      return joined(spec.networkMode().substring("container:".length()));
    }
    if (spec.networkMode().equals("host")) {
      return new Surroundings(new SandboxSpec.Network.Host(), hostname, spec.domainname(), HostFiles.hostsOfHost(spec), HostFiles.resolvOfHost(spec));
    }
    return new Surroundings(new SandboxSpec.Network.None(), hostname, spec.domainname(), HostFiles.hosts(spec, hostname, List.of(), null, List.of()), HostFiles.resolv(spec));
  }

  /** Of IPv4 where there is one. */
  private static String hostGateway(List<Membership> places) {
    Stream<String> four = places.stream().map(each -> each.lease().gateway());
    Stream<String> six = places.stream().map(each -> each.lease().six() == null ? "" : each.lease().six().gateway());
    return Stream.concat(four, six).filter(each -> !each.isEmpty()).findFirst().orElse("127.0.0.1");
  }

  private static SandboxSpec.Network bridge(Facts facts, List<Membership> places) {
    Membership first = places.get(0);
    return new SandboxSpec.Network.Bridge(
        first.networkId(), first.lease().address(), first.lease().prefix(), first.lease().gateway(), first.settings().mac().isEmpty() ? null : first.settings().mac(), ports(facts),
        places.stream().skip(1).map(Sandboxing::place).toList(), AllowedSources.of(facts), facts.hasResolver(), six(first), first.settings().linkName(), first.settings().linkSysctls());
  }

  private static SandboxSpec.@Nullable Six six(Membership of) {
    Networks.Lease6 lease = of.lease().six();
    return lease == null ? null : new SandboxSpec.Six(lease.address(), lease.prefix(), lease.gateway());
  }

  static List<SandboxSpec.Port> ports(Facts facts) {
    return facts.ports().stream().map(each -> new SandboxSpec.Port(each.protocol(), each.hostAddress(), each.hostPort(), each.containerPort())).toList();
  }

  static SandboxSpec.Place place(Membership of) {
    return new SandboxSpec.Place(of.networkId(), of.lease().address(), of.lease().prefix(), of.lease().gateway(), of.settings().mac().isEmpty() ? null : of.settings().mac(), six(of), of.settings().linkName(), of.settings().linkSysctls());
  }

  private Surroundings joined(String target) {
    Cell other = inventory.get(target);
    if (other == null) {
      throw Refusal.absent(target);
    }
    if (!other.state().isAlive()) {
      throw Refusal.conflict("cannot join network of a non running container: " + target);
    }
    Surroundings shared = surroundings(other.facts());
    return new Surroundings(
        new SandboxSpec.Network.Join(target), shared.hostname(), shared.domainname(), files.shared(other.facts(), "/etc/hosts", shared.hosts()),
        files.shared(other.facts(), "/etc/resolv.conf", shared.resolv()));
  }

  /** Whoever shares processes or IPC must be there, and willing. */
  private void requireShared(SpecialOptions special) {
    requireAlive(special.pidMode(), "PID");
    Cell other = requireAlive(special.ipcMode(), "IPC");
    if (other != null && !other.facts().spec().special().ipcMode().equals("shareable")) {
      throw Refusal.invalid("failed to join IPC namespace: container " + other.id + ": non-shareable IPC (hint: use IpcMode:shareable for the donor container)");
    }
  }

  private @Nullable Cell requireAlive(String mode, String kind) {
    String target = Modes.target(mode);
    if (target.isEmpty()) {
      return null;
    }
    Cell other = inventory.get(target);
    if (other == null) {
      throw Refusal.absent(target);
    }
    if (!other.state().isAlive()) {
      throw Refusal.conflict("failed to join " + kind + " namespace: container " + target + " is not running");
    }
    return other;
  }

  /** The name that the container itself sees; that of the other one if it shares its network. */
  static String hostname(Facts facts) {
    String given = facts.spec().hostname();
    if (!given.isEmpty()) {
      return given;
    }
    return facts.spec().networkMode().equals("host") || facts.spec().special().utsMode().equals("host") ? hostnameOfHost() : facts.shortId();
  }

  private static String hostnameOfHost() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      return "localhost";
    }
  }
}
