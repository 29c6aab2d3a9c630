package dev.tallyman.container;

import dev.tallyman.container.Container.PublishedPort;
import dev.tallyman.container.Containers.Created;
import dev.tallyman.device.DeviceCatalog;
import dev.tallyman.identity.Caller;
import dev.tallyman.image.ImageHolds;
import dev.tallyman.image.Images;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.network.Networks;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes containers: one commit, nothing in the kernel yet but a writable layer that has a limit. */
@Singleton
class Creation {
  private static final String HOST_BINDING = "com.docker.network.bridge.host_binding_ipv4";

  private final ImageHolds images;
  private final Networks networks;
  private final Inventory inventory;
  private final HostPorts ports;
  private final ContainerStore store;
  private final Ledger ledger;
  private final ContainerEvents events;
  private final Placing placing;
  private final ContainerConfig config;
  private final Mounting mounting;
  private final Removal removal;
  private final Secreting secreting;
  private final ForwardList forwardList;
  private final DeviceCatalog devices;
  private final Sandboxes sandboxes;

  @Inject
  Creation(
      ImageHolds images, Networks networks, Inventory inventory, HostPorts ports, ContainerStore store, Ledger ledger, ContainerEvents events, ContainerConfig config, Placing placing,
      Mounting mounting, Removal removal, Secreting secreting, ForwardList forwardList, DeviceCatalog devices, Sandboxes sandboxes) {
    this.sandboxes = sandboxes;
    this.devices = devices;
    this.forwardList = forwardList;
    this.secreting = secreting;
    this.placing = placing;
    this.images = images;
    this.networks = networks;
    this.inventory = inventory;
    this.ports = ports;
    this.store = store;
    this.ledger = ledger;
    this.events = events;
    this.config = config;
    this.mounting = mounting;
    this.removal = removal;
  }

  Created create(Caller caller, ContainerSpec asked) {
    SpecRules.check(asked, config);
    LogReceiver receiver = LogReceiver.of(asked);
    if (receiver != null) {
      forwardList.require(receiver);
    }
    devices.edits(asked.special().deviceRequests()); // asked now, when its creator is there to read the answer
    List<String> warnings = new ArrayList<>();
    ContainerSpec spec = withLinked(caller, withSharedNamespaces(caller, SpecChanges.withNetworkMode(asked, networkMode(caller, asked.name(), asked.networkMode()))));
    String id = ContainerNames.newId();
    Cell cell;
    try {
      cell = made(caller, id, spec, images.hold(caller, spec.image(), id), warnings);
    } finally {
      settled(id);
    }
    fill(caller, cell);
    events.publish(caller, cell.facts(), "create");
    return new Created(id, warnings);
  }

  private Cell made(Caller caller, String id, ContainerSpec spec, Images.Image image, List<String> warnings) {
    Plan plan = ImageDefaults.merge(spec, image);
    AllowedSources.of(spec, plan);
    String name = spec.name().isEmpty() ? ContainerNames.generated(each -> inventory.isFree(caller.team(), each)) : ContainerNames.checked(spec.name());
    inventory.claim(caller.team(), name, id);
    try {
      List<MountPoint> mounts = mounting.resolve(caller, id, spec, image);
      limitStorage(id, spec);
      return commit(caller, id, name, spec, plan.withMounts(mounts).withSecrets(secreting.resolve(caller, id, spec, mounts)), image, warnings);
    } catch (RuntimeException e) {
      secreting.settled(id);
      mounting.undo(caller, id, e);
      inventory.unclaim(caller.team(), name, id);
      forgetStorage(id, spec, e);
      throw e;
    }
  }

  /** Now, when its creator is there to read that the host keeps no limits. */
  private void limitStorage(String id, ContainerSpec spec) {
    long limitBytes = spec.special().storageBytes();
    if (limitBytes > 0) {
      sandboxes.prepare(id, limitBytes);
    }
  }

  private void forgetStorage(String id, ContainerSpec spec, RuntimeException cause) {
    try {
      if (spec.special().storageBytes() > 0) {
        sandboxes.remove(id);
      }
    } catch (KernelException e) {
      cause.addSuppressed(e); // the next start finds it among the orphans
    }
  }

  private void settled(String id) {
    mounting.settled(id);
    secreting.settled(id);
  }

  private Cell commit(Caller caller, String id, String name, ContainerSpec spec, Plan plan, Images.Image image, List<String> warnings) {
    CrashPoint.CREATE_RESERVED.reached();
    List<Membership> places = placing.reserve(caller, id, spec);
    try {
      if (places.isEmpty() && !spec.portBindings().isEmpty()) {
        warnings.add("Published ports are discarded when using " + spec.networkMode() + " network mode");
      }
      Facts facts =
          new Facts(
              id, caller.team(), caller.teamName(), caller.accountName(), Status.micros(Instant.now()), name, spec, plan, places,
              published(caller, spec, image, places), Status.created());
      Cell cell = new Cell(facts);
      ledger.commit(caller, facts, "create", detail(spec, plan), () -> store.add(facts));
      inventory.add(cell);
      CrashPoint.CREATE_COMMITTED.reached();
      return cell;
    } catch (RuntimeException e) {
      placing.forget(id, places);
      throw e;
    }
  }

  private static String detail(ContainerSpec spec, Plan plan) {
    String mounted = plan.mounts().stream().filter(each -> each.image() != null).map(MountPoint::name).distinct().collect(Collectors.joining(", "));
    String linked = spec.networkMode().equals(Placing.BRIDGE) ? String.join(", ", spec.networking().links()) : "";
    return "image " + spec.image() + (linked.isEmpty() ? "" : ", linked to " + linked) + (mounted.isEmpty() ? "" : ", mounts image " + mounted) + (plan.mounts().stream().anyMatch(MountPoint::isSocket) ? ", with a socket of the Engine API" : "");
  }

  /** A container whose volumes lack what they should have is none. */
  private void fill(Caller caller, Cell cell) {
    try {
      mounting.fill(cell.facts());
    } catch (RuntimeException e) {
      removal.remove(caller, cell, true, true);
      throw e;
    }
  }

  /** With whole ids for the containers that namespaces are shared with. */
  private ContainerSpec withSharedNamespaces(Caller caller, ContainerSpec spec) {
    SpecialOptions special = spec.special();
    return SpecChanges.withSpecial(spec, special.withModes(sharedMode(caller, special.pidMode()), sharedMode(caller, special.ipcMode())));
  }

  private String sharedMode(Caller caller, String mode) {
    String target = Modes.target(mode);
    if (target.isEmpty()) {
      return mode;
    }
    return Modes.CONTAINER + Refusal.named(() -> inventory.find(caller, target), "").id;
  }

  /**
   * With names for containers that were given by ids. On networks of one's own a link is a name that may be given before there is somebody who has it, as
   * with dockerd.
   */
  private ContainerSpec withLinked(Caller caller, ContainerSpec spec) {
    if (!spec.networkMode().equals(Placing.BRIDGE)) {
      return spec;
    }
    return SpecChanges.withLinks(spec, spec.networking().links().stream().map(Membership.Link::parse).map(each -> linked(caller, each)).toList());
  }

  private String linked(Caller caller, Membership.Link link) {
    return Refusal.named(
        () -> {
          Cell found = inventory.find(caller, link.container());
          Cell target = inventory.networkOwner(found);
          if (found.team != caller.team() || target.team != caller.team()) {
            throw Refusal.absent(link.container());
          }
          if (target.facts().spec().networkMode().equals("host")) {
            throw Refusal.invalid("conflicting options: host type networking can't be used with links. This would result in undefined behavior");
          }
          return new Membership.Link(found.facts().name(), link.alias()).toString();
        },
        "could not get container for " + link.container() + ": ");
  }

  private List<PublishedPort> published(Caller caller, ContainerSpec spec, Images.Image image, List<Membership> places) {
    Membership four = Placing.gateway(places, false);
    boolean hasIpv4 = four != null && four.canPublish();
    Membership six = Placing.gateway(places, true);
    boolean hasIpv6 = six != null && six.canPublish();
    if (!hasIpv4 && !hasIpv6) {
      return List.of();
    }
    return ports.choose(spec, image.config().exposedPorts(), hostAddress(caller, hasIpv4 ? four : six), hasIpv4, hasIpv6);
  }

  /** Where a network has its ports published unless an address is named; empty = everywhere. */
  private String hostAddress(Caller caller, Membership place) {
    return networks.inspect(caller, place.networkId()).options().getOrDefault(HOST_BINDING, "");
  }

  /** @return none, host, name of another network, or container: and a whole id */
  private String networkMode(Caller caller, String name, @Nullable String given) {
    String mode = given == null || given.isEmpty() || given.equals("default") ? Placing.BRIDGE : given;
    if (mode.equals("container") || mode.equals("container:")) {
      return mode; // the rules refuse it
    }
    if (mode.startsWith("container:")) {
      if (!name.isEmpty() && mode.equals("container:" + name)) {
        throw Refusal.invalid("cannot join own network namespace");
      }
      return "container:" + Refusal.named(() -> inventory.find(caller, mode.substring("container:".length())), "").id;
    }
    return Refusal.named(() -> networks.inspect(caller, mode), "").name();
  }
}
