package dev.tallyman.container;

import dev.tallyman.container.Containers.Created;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.image.Images;
import dev.tallyman.network.Networks;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes containers: one commit, nothing in the kernel yet. */
@Singleton
class Creation {
  private static final String BRIDGE = "bridge";

  private final Images images;
  private final Networks networks;
  private final Inventory inventory;
  private final HostPorts ports;
  private final ContainerStore store;
  private final Ledger ledger;
  private final ContainerEvents events;
  private final ContainerConfig config;

  @Inject
  Creation(
      Images images, Networks networks, Inventory inventory, HostPorts ports, ContainerStore store, Ledger ledger, ContainerEvents events, ContainerConfig config) {
    this.images = images;
    this.networks = networks;
    this.inventory = inventory;
    this.ports = ports;
    this.store = store;
    this.ledger = ledger;
    this.events = events;
    this.config = config;
  }

  Created create(Caller caller, ContainerSpec asked) {
    SpecRules.check(asked, config);
    List<String> warnings = new ArrayList<>();
    ContainerSpec spec = withSharedNamespaces(caller, SpecChanges.withNetworkMode(asked, networkMode(caller, asked.networkMode())));
    Images.Image image = images.inspect(caller, spec.image());
    Plan plan = ImageDefaults.merge(spec, image);
    String name = asked.name().isEmpty() ? ContainerNames.generated(each -> inventory.isFree(caller.team(), each)) : ContainerNames.checked(asked.name());
    String id = ContainerNames.newId();
    inventory.claim(caller.team(), name, id);
    try {
      Cell cell = commit(caller, id, name, spec, plan, image, warnings);
      events.publish(cell.facts(), "create");
      return new Created(id, warnings);
    } catch (RuntimeException e) {
      inventory.unclaim(caller.team(), name, id);
      throw e;
    }
  }

  private Cell commit(Caller caller, String id, String name, ContainerSpec spec, Plan plan, Images.Image image, List<String> warnings) {
    CrashPoint.CREATE_RESERVED.reached();
    boolean isOnBridge = spec.networkMode().equals(BRIDGE);
    Networks.Network network = isOnBridge ? networks.inspect(caller, BRIDGE) : null;
    Networks.Lease lease = network == null ? null : networks.reserve(caller, network.id(), id, null);
    try {
      if (!isOnBridge && !spec.portBindings().isEmpty()) {
        warnings.add("Published ports are discarded when using " + spec.networkMode() + " network mode");
      }
      Facts facts =
          new Facts(
              id, caller.team(), caller.teamName(), caller.accountName(), Status.micros(Instant.now()), name, spec, plan, network == null ? null : network.id(),
              lease == null ? null : lease.address(), isOnBridge ? ports.choose(spec, image.config().exposedPorts()) : List.of(), Status.created());
      Cell cell = new Cell(facts, lease, BRIDGE);
      ledger.commit(caller, facts, "create", "image " + spec.image(), () -> store.add(facts));
      inventory.add(cell);
      CrashPoint.CREATE_COMMITTED.reached();
      return cell;
    } catch (RuntimeException e) {
      if (lease != null) {
        networks.forget(lease.networkId(), id);
      }
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
    return target.isEmpty() ? mode : Modes.CONTAINER + inventory.find(caller, target).id;
  }

  /** @return bridge, none, host or container: and a whole id */
  private String networkMode(Caller caller, @Nullable String given) {
    String mode = given == null || given.isEmpty() || given.equals("default") ? BRIDGE : given;
    if (mode.startsWith("container:")) {
      return "container:" + inventory.find(caller, mode.substring("container:".length())).id;
    }
    String name = networks.inspect(caller, mode).name();
    if (!List.of(BRIDGE, "none", "host").contains(name)) {
      throw new TallymanException(ErrorKind.UNSUPPORTED, "network " + mode + " cannot be chosen: bridge, none, host and container:<name> can");
    }
    return name;
  }
}
