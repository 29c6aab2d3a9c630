package dev.tallyman.container;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.container.Cell.Run;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.kernel.Sandboxes.Known;
import dev.tallyman.network.Places;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Makes inventory and kernel agree when the server starts. What runs goes on under the same start time; what ended meanwhile gets its true
 * exit code from the record, or is said to have ended in an unknown way; restart policies are applied once. What the kernel holds of removed
 * containers is removed, and so is what a creation that was cut off has prepared; what else belongs to no container that was ever acknowledged
 * is shown and left alone. A size limit is set again, and one
 * that cannot be is told.
 */
@ApplicationScoped
public class Reconciler {
  private static final Logger LOG = Logger.getLogger(Reconciler.class);
  private static final Duration AGAIN = Duration.ofSeconds(5);

  private final Sandboxes sandboxes;
  private final Placing placing;
  private final Places places;
  private final Inventory inventory;
  private final ContainerStore store;
  private final Ledger ledger;
  private final AuditTrail audit;
  private final Watcher watcher;
  private final Ending ending;
  private final WaitingThreads threads;
  private final Runs runs;
  private final HealthBook health;
  private final EngineSockets engine;
  private final Map<String, Orphan> orphans = new ConcurrentSkipListMap<>();
  private final CompletableFuture<List<Facts>> read = new CompletableFuture<>();

  @Inject
  Reconciler(
      Sandboxes sandboxes, Placing placing, Places places, Inventory inventory, ContainerStore store, Ledger ledger, AuditTrail audit, Watcher watcher, Ending ending, WaitingThreads threads,
      Runs runs, HealthBook health, EngineSockets engine) {
    this.engine = engine;
    this.sandboxes = sandboxes;
    this.placing = placing;
    this.places = places;
    this.inventory = inventory;
    this.store = store;
    this.ledger = ledger;
    this.audit = audit;
    this.watcher = watcher;
    this.ending = ending;
    this.threads = threads;
    this.runs = runs;
    this.health = health;
  }

  /** Something in the kernel's store that the inventory does not know. */
  public record Orphan(String id, boolean isRunning, int pid) {}

  /**
   * A thousand containers take as long to read as the platform takes to read its templates, which comes next, so both are done at once. Nothing
   * changes a container before the inventory is there.
   */
  void onFirst(@Observes @Priority(-1) StartupEvent start) {
    read.completeAsync(this::living, threads);
  }

  void onStart(@Observes @Priority(2000) StartupEvent start) {
    load(read.join());
    reconcile();
  }

  private List<Facts> living() {
    return QuarkusTransaction.requiringNew().call(store::living);
  }

  /** Fills the inventory in memory from the database. */
  void load() {
    load(living());
  }

  private void load(List<Facts> living) {
    for (Facts facts : living) {
      if (inventory.get(facts.id()) == null) {
        inventory.claim(facts.team(), facts.name(), facts.id());
        inventory.add(new Cell(placing.reserveAgain(facts)));
      }
    }
    health.load();
  }

  void reconcile() {
    reconcile(true);
  }

  /** @param isAlone whether requests do not come in yet: later a container without a record may be one that is being made */
  private void reconcile(boolean isAlone) {
    Map<String, Known> known = new HashMap<>();
    try {
      sandboxes.list().forEach(each -> known.put(each.container(), each));
      places.reconcile();
    } catch (TallymanException e) {
      LOG.errorf("what runs cannot be found out now, it is tried again: %s", e.getMessage());
      threads.after(AGAIN, () -> reconcile(false));
      return;
    }
    List<Cell> ended = new ArrayList<>();
    for (Cell cell : inventory.all()) {
      Known now = known.remove(cell.id);
      settle(cell, now, ended);
      CrashPoint.RECONCILE_HALF.reached();
    }
    known.values().forEach(each -> unknown(each, isAlone));
    ended.forEach(this::startWithServer);
  }

  private void settle(Cell cell, @Nullable Known now, List<Cell> ended) {
    cell.locked(
        () -> {
          limitStorage(cell);
          if (cell.run != null) {
            return;
          }
          if (now != null && now.isRunning()) {
            adopt(cell, now);
          } else if (cell.state().isAlive()) {
            endedMeanwhile(cell);
          } else {
            cleanLeftOver(cell, now);
            ended.add(cell);
          }
        });
  }

  /**
   * Before it is started, which makes what is missing without a limit. The files may have been brought to another file system, or theirs may be
   * mounted with other options; then it does without, rather than not start.
   */
  private void limitStorage(Cell cell) {
    long limitBytes = cell.facts().spec().special().storageBytes();
    if (limitBytes == 0 || inventory.get(cell.id) != cell) {
      return; // or it was removed while the kernel part did not answer
    }
    try {
      sandboxes.prepare(cell.id, limitBytes);
    } catch (TallymanException e) {
      LOG.errorf("the size limit of container %s (%s) of team %d is not kept: %s", cell.facts().name(), cell.id, cell.team, e.getMessage());
    }
  }

  private void adopt(Cell cell, Known now) {
    Facts before = cell.facts();
    Sandboxes.Started started = new Sandboxes.Started(now.pid(), now.startedAt());
    Status status = before.status().adopted(started, before.state() == ContainerState.PAUSED);
    if (!status.equals(before.status())) {
      ledger.update(before.system(), cell, before.with(status), "adopt", "it runs, though its start was not recorded");
    }
    resume(cell.facts());
    Run run = Run.of(now.pid(), now.startedAt());
    cell.run = run;
    cell.isStopRequested = status.isStoppedByUser();
    runs.began(cell, true);
    watcher.watch(cell, run);
  }

  /** Its neighbours find it again, and its programs get answers again. What is missing there must not make the container unknown. */
  private void resume(Facts facts) {
    try {
      placing.lease(facts);
      if (facts.hasResolver()) {
        places.serve(facts.id(), facts.spec().dns());
      }
    } catch (TallymanException e) {
      LOG.errorf("container %s runs, but its networks are not as they should be: %s", facts.id(), e.getMessage());
    }
  }

  private void endedMeanwhile(Cell cell) {
    Run run = Run.of(cell.facts().status().pid(), java.time.Instant.EPOCH);
    cell.run = run;
    cell.isStopRequested = cell.facts().status().isStoppedByUser();
    // Not from the record alone: its monitor may still be at work on it.
    watcher.watch(cell, run);
  }

  /** A start that the crash cut off may have left half a container. */
  private void cleanLeftOver(Cell cell, @Nullable Known now) {
    if (now == null) {
      return;
    }
    try {
      sandboxes.clean(cell.id);
    } catch (TallymanException e) {
      LOG.warnf("what the kernel holds of container %s stays for now: %s", cell.id, e.getMessage());
    }
  }

  private void unknown(Known now, boolean isAlone) {
    Optional<Facts> record = QuarkusTransaction.requiringNew().call(() -> store.find(now.container()));
    if (record.isEmpty() && !(isAlone && isUnused(now))) {
      LOG.warnf("container %s is in the kernel's store, but not in the inventory; see GET /api/v1/system/orphans", now.container());
      orphans.put(now.container(), new Orphan(now.container(), now.isRunning(), now.pid()));
      return;
    }
    try {
      finishRemoval(now);
    } catch (TallymanException e) {
      LOG.errorf("the removal of container %s could not be finished: %s", now.container(), e.getMessage());
    }
  }

  /** Never started, and nothing was copied into it: nobody misses it. */
  private boolean isUnused(Known now) {
    try {
      return !now.isRunning() && Files.notExists(sandboxes.logs(now.container())) && sandboxes.isEmpty(now.container());
    } catch (TallymanException e) {
      LOG.warnf("whether container %s was ever used cannot be found out: %s", now.container(), e.getMessage());
      return false;
    }
  }

  private void finishRemoval(Known now) {
    if (now.isRunning()) {
      sandboxes.clean(now.container());
    }
    sandboxes.remove(now.container());
  }

  private void startWithServer(Cell cell) {
    Facts facts = cell.facts();
    boolean isDue = facts.state() == ContainerState.RESTARTING || (facts.state() == ContainerState.EXITED && RestartRules.startsWithServer(facts.spec().restart(), facts.status()));
    if (!isDue) {
      removeIfDue(cell);
      return;
    }
    cell.locked(
        () -> {
          if (cell.state() == ContainerState.EXITED) {
            cell.set(facts.with(facts.status().with(ContainerState.RUNNING).with(ContainerState.RESTARTING)));
          }
        });
    engine.whenReady(facts, () -> ending.restart(cell));
  }

  /** Its end was recorded before the crash, its removal was not. */
  private void removeIfDue(Cell cell) {
    if (cell.facts().spec().isRemovedAtExit() && cell.state() == ContainerState.EXITED) {
      threads.execute(() -> ending.remove(cell));
    }
  }

  /** What was found in the kernel's store and belongs to nobody. Administrators only. */
  public List<Orphan> orphans(Caller caller) {
    caller.require(Role.ADMINISTRATOR, "list orphans");
    return List.copyOf(orphans.values());
  }

  /** Ends and removes an orphan. NOT_FOUND if there is none of that id. */
  public void removeOrphan(Caller caller, String id) {
    ledger.attempt(
        caller, "remove", id,
        () -> {
          caller.require(Role.ADMINISTRATOR, "remove orphan " + id);
          Orphan orphan = orphans.get(id);
          if (orphan == null) {
            throw Refusal.absent(id);
          }
          finishRemoval(new Known(id, orphan.isRunning(), orphan.pid(), java.time.Instant.EPOCH));
          audit.done(caller, "container.remove", id, "an orphan");
          orphans.remove(id);
          return true;
        });
  }
}
