package dev.tallyman.container;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.Images;
import dev.tallyman.kernel.MonitorConnection;
import dev.tallyman.kernel.SandboxSpec;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.secret.Secrets;
import dev.tallyman.volume.Volumes;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Use cases of containers: says who may do what, and records attempts that fail. What is done is in the classes it calls. */
@ApplicationScoped
class ContainerService implements Containers, Images.Users, Volumes.Users, Secrets.Users {
  private final Inventory inventory;
  private final Ledger ledger;
  private final Creation creation;
  private final Starting starting;
  private final Stopping stopping;
  private final Editing editing;
  private final Removal removal;
  private final Attaching attaching;
  private final Waiters waiters;
  private final Listing listing;
  private final ProcessTables tables;
  private final Sandboxes sandboxes;
  private final ContainerEvents events;
  private final SizeService sizes;
  private final Connecting connecting;
  private final Unlinking unlinking;

  @Inject
  ContainerService(
      Inventory inventory, Ledger ledger, Creation creation, Starting starting, Stopping stopping, Editing editing, Removal removal, Attaching attaching, Waiters waiters,
      Listing listing, ProcessTables tables, Sandboxes sandboxes, ContainerEvents events, SizeService sizes,
      Connecting connecting, Unlinking unlinking) {
    this.unlinking = unlinking;
    this.connecting = connecting;
    this.inventory = inventory;
    this.ledger = ledger;
    this.creation = creation;
    this.starting = starting;
    this.stopping = stopping;
    this.editing = editing;
    this.removal = removal;
    this.attaching = attaching;
    this.waiters = waiters;
    this.listing = listing;
    this.tables = tables;
    this.sandboxes = sandboxes;
    this.events = events;
    this.sizes = sizes;
  }

  private <T> T change(Caller caller, String action, String name, Function<Cell, T> work) {
    return ledger.attempt(
        caller, action, name,
        () -> {
          caller.require(Role.MEMBER, action + " container " + name);
          return work.apply(inventory.find(caller, name));
        });
  }

  private void perform(Caller caller, String action, String name, Consumer<Cell> work) {
    change(
        caller, action, name,
        cell -> {
          work.accept(cell);
          return null;
        });
  }

  @Override
  public Created create(Caller caller, ContainerSpec spec) {
    String object = spec.name().isEmpty() ? spec.image() : spec.name();
    return ledger.attempt(
        caller, "create", object,
        () -> {
          caller.require(Role.MEMBER, "create container " + object);
          return creation.create(caller, spec);
        });
  }

  @Override
  public boolean start(Caller caller, String name, Loan loan) {
    return change(
        caller, "start", name,
        cell -> {
          try {
            return starting.start(caller, cell, 0, loan);
          } catch (RuntimeException e) {
            removeIfUnstarted(cell);
            throw e;
          }
        });
  }

  /** Docker removes a container with --rm whose start failed, and its client waits for that. */
  private void removeIfUnstarted(Cell cell) {
    if (cell.facts().spec().isRemovedAtExit() && !cell.state().isAlive()) {
      removal.removeEnded(cell);
    }
  }

  @Override
  public boolean stop(Caller caller, String name, @Nullable String signal, @Nullable Integer timeoutSeconds) {
    return change(caller, "stop", name, cell -> stopping.stop(caller, cell, signal, timeoutSeconds));
  }

  @Override
  public void restart(Caller caller, String name, @Nullable String signal, @Nullable Integer timeoutSeconds) {
    perform(caller, "restart", name, cell -> stopping.restart(caller, cell, signal, timeoutSeconds));
  }

  @Override
  public void kill(Caller caller, String name, String signal) {
    perform(caller, "kill", name, cell -> stopping.kill(caller, cell, signal));
  }

  @Override
  public void pause(Caller caller, String name) {
    perform(caller, "pause", name, cell -> stopping.pause(caller, cell));
  }

  @Override
  public void unpause(Caller caller, String name) {
    perform(caller, "unpause", name, cell -> stopping.unpause(caller, cell));
  }

  @Override
  public void rename(Caller caller, String name, String newName) {
    perform(caller, "rename", name, cell -> editing.rename(caller, cell, newName));
  }

  @Override
  public void remove(Caller caller, String name, boolean isForced, boolean removesVolumes) {
    perform(caller, "remove", name, cell -> removal.remove(caller, cell, isForced, removesVolumes));
  }

  @Override
  public List<String> update(Caller caller, String name, SandboxSpec.Limits limits, ContainerSpec.@Nullable RestartPolicy restart) {
    return change(caller, "update", name, cell -> editing.update(caller, cell, limits, restart));
  }

  @Override
  public void connect(Caller caller, String name, PlaceSpec place) {
    perform(caller, "connect", name, cell -> connecting.connect(caller, cell, place));
  }

  @Override
  public void disconnect(Caller caller, String name, String network) {
    perform(caller, "disconnect", name, cell -> connecting.disconnect(caller, cell, network));
  }

  @Override
  public void unlink(Caller caller, String name, String alias) {
    perform(caller, "unlink", name, cell -> unlinking.unlink(caller, cell, alias));
  }

  @Override
  public Container inspect(Caller caller, String name) {
    return inventory.find(caller, name).shown();
  }

  @Override
  public List<Container> list(Caller caller, ContainerFilter filter) {
    return listing.list(caller, filter);
  }

  @Override
  public CompletableFuture<WaitResult> wait(Caller caller, String name, WaitCondition condition) {
    return waiters.wait(inventory.find(caller, name), condition);
  }

  @Override
  public Attachment attach(Caller caller, String name, boolean wantsInput, boolean wantsOutput) {
    return change(caller, "attach", name, cell -> attaching.attach(caller, cell, wantsInput, wantsOutput));
  }

  @Override
  public void resize(Caller caller, String name, int rows, int columns) {
    caller.require(Role.MEMBER, "resize container " + name);
    Cell cell = inventory.find(caller, name);
    if (rows < 0 || rows > 65535 || columns < 0 || columns > 65535) {
      throw Refusal.invalid("invalid size of a terminal: " + rows + " rows, " + columns + " columns");
    }
    if (!cell.state().isAlive()) {
      throw Refusal.conflict("container " + cell.id + " is not running");
    }
    try (MonitorConnection connection = sandboxes.connect(cell.id)) {
      connection.subscribe(false, false);
      connection.resize(rows, columns);
      events.publish(caller, cell.facts(), "resize", Map.of("height", String.valueOf(rows), "width", String.valueOf(columns)));
    } catch (IOException e) {
      throw new TallymanException(ErrorKind.CONFLICT, "container " + cell.id + " is not running", e);
    }
  }

  @Override
  public ProcessTable top(Caller caller, String name, String psArgs) {
    Facts facts = inventory.find(caller, name).facts();
    ProcessTable table = tables.top(facts, psArgs);
    events.publish(caller, facts, "top");
    return table;
  }

  @Override
  public void detached(Caller caller, String name) {
    events.publish(caller, inventory.find(caller, name).facts(), "detach");
  }

  @Override
  public Pruned prune(Caller caller, ContainerFilter filter) {
    return ledger.attempt(
        caller, "prune", "containers",
        () -> {
          caller.require(Role.MEMBER, "prune containers");
          return pruneStopped(caller, filter);
        });
  }

  private Pruned pruneStopped(Caller caller, ContainerFilter filter) {
    filter.matches().keySet().stream().filter(key -> !List.of("label", "label!", "until").contains(key)).findFirst().ifPresent(key -> {
      throw Refusal.invalid("invalid filter '" + key + "'");
    });
    List<String> removed = new ArrayList<>();
    long reclaimed = 0;
    for (Container each : listing.list(caller, new ContainerFilter(true, false, 0, filter.matches()))) {
      // An administrator sees other teams' containers, but cleans up in the own team only.
      boolean isStopped = each.state() == ContainerState.CREATED || each.state() == ContainerState.EXITED;
      Cell cell = inventory.get(each.id());
      if (!isStopped || each.team() != caller.team() || cell == null) {
        continue;
      }
      long written = sizes.written(cell);
      if (tryRemove(caller, cell)) {
        removed.add(each.id());
        reclaimed += Math.max(0, written);
      }
    }
    events.publishPrune(caller, reclaimed);
    return new Pruned(removed, reclaimed);
  }

  /** One that was started or removed in the meantime is left out. */
  private boolean tryRemove(Caller caller, Cell cell) {
    try {
      removal.remove(caller, cell, false, false);
      return true;
    } catch (TallymanException e) {
      return false;
    }
  }

  @Override
  public List<Moment> timeline(Caller caller, String id) {
    return listing.timeline(caller, id);
  }

  @Override
  public List<Volumes.Users.User> usersOfVolume(String volumeId) {
    return inventory.all().stream().map(cell -> Mounting.user(cell, volumeId)).filter(Objects::nonNull).toList();
  }

  @Override
  public List<Secrets.Users.User> usersOfSecret(String secretId) {
    return inventory.all().stream().map(cell -> Secreting.user(cell, secretId)).filter(Objects::nonNull).toList();
  }

  @Override
  public List<Images.Users.User> usersOf(long team, String imageId) {
    return inventory.all().stream()
        .filter(cell -> cell.team == team)
        .map(cell -> imageUser(cell, imageId))
        .filter(Objects::nonNull)
        .sorted(Comparator.comparing(Images.Users.User::isRunning).reversed())
        .toList();
  }

  private static Images.Users.@Nullable User imageUser(Cell cell, String imageId) {
    Plan plan = cell.facts().plan();
    boolean isRoot = plan.imageId().equals(imageId);
    return isRoot || plan.mounts().stream().anyMatch(each -> each.isOf(imageId)) ? new Images.Users.User(cell.id, cell.facts().name(), isRoot && cell.state().isAlive(), !isRoot) : null;
  }
}
