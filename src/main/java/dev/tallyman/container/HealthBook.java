package dev.tallyman.container;

import dev.tallyman.container.Containers.Moment;
import dev.tallyman.error.TallymanException;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what health checks say. A change of the status is stored before it is shown; the log between two changes is stored some seconds
 * later, many containers at once, because a thousand checks a minute need no thousand commits.
 */
@Singleton
public class HealthBook {
  private static final Logger LOG = Logger.getLogger(HealthBook.class);
  private static final Duration SAVE_AFTER = Duration.ofSeconds(5);

  private final Inventory inventory;
  private final ContainerStore containers;
  private final HealthStore store;
  private final ContainerEvents events;
  private final WaitingThreads threads;
  private final Ledger ledger;
  private final Provider<Stopping> stopping;
  private final Set<String> unsaved = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean isSaveDue = new AtomicBoolean();

  @Inject
  HealthBook(
      Inventory inventory, ContainerStore containers, HealthStore store, ContainerEvents events, WaitingThreads threads, Ledger ledger, Provider<Stopping> stopping) {
    this.inventory = inventory;
    this.containers = containers;
    this.store = store;
    this.events = events;
    this.threads = threads;
    this.ledger = ledger;
    this.stopping = stopping;
  }

  /** Shows what was stored, when the server starts. */
  void load() {
    QuarkusTransaction.requiringNew().call(store::all).forEach((id, health) -> {
      Cell cell = inventory.get(id);
      if (cell != null) {
        cell.set(health);
      }
    });
  }

  void begin(Cell cell, boolean isAdopted) {
    Health before = cell.health();
    if (!cell.facts().plan().life().hasCheck()) {
      return;
    }
    if (before == null || !isAdopted) {
      cell.set(Health.atStart(before == null ? java.util.List.of() : before.log()));
      later(cell.id);
    }
  }

  void end(Cell cell) {
    Health before = cell.health();
    if (before != null) {
      cell.set(before.atEnd());
      later(cell.id);
    }
  }

  /**
   * Takes down the result of a check.
   *
   * @param startedAt of the run that was checked; a result that comes after its end is dropped
   * @return the health now; absent if that run is over
   */
  public @Nullable Health report(String id, Instant startedAt, Health.Check check) {
    Cell cell = inventory.get(id);
    return cell == null ? null : cell.locked(() -> reportLocked(cell, startedAt, check));
  }

  private @Nullable Health reportLocked(Cell cell, Instant startedAt, Health.Check check) {
    Facts facts = cell.facts();
    Health before = cell.health();
    if (cell.run == null || before == null || !startedAt.equals(facts.status().startedAt())) {
      return null;
    }
    LifePlan life = facts.plan().life();
    boolean isForgiven = Duration.between(startedAt, check.start()).compareTo(life.startPeriod()) < 0;
    Health after = before.after(check, isForgiven, life.retries());
    if (after.status() == before.status()) {
      cell.set(after);
      later(cell.id);
      return after;
    }
    save(facts, after);
    cell.set(after);
    events.publish(facts.system(), facts, "health_status: " + after.status().word());
    if (after.status() == HealthStatus.UNHEALTHY && life.onUnhealthy() != HealthAction.NONE) {
      HealthAction action = life.onUnhealthy();
      threads.execute(() -> {
        try {
          act(cell, startedAt, action, after.failingStreak());
        } catch (TallymanException e) {
          // Somebody else may have stopped or removed it in this moment; the audit trail has the attempt.
          LOG.warnf("container %s is unhealthy, but there was no %s: %s", cell.id, action.word(), e.getMessage());
        }
      });
    }
    return after;
  }

  private void save(Facts facts, Health after) {
    try {
      QuarkusTransaction.requiringNew().run(() -> {
        store.put(Map.of(facts.id(), after));
        containers.addMoment(facts.id(), new Moment(Status.micros(Instant.now()), "health", facts.system().accountName(), after.status().word()));
      });
    } catch (RuntimeException e) {
      // It is so, whatever the database says.
      LOG.errorf(e, "the health of container %s could not be recorded; it will be tried again", facts.id());
      later(facts.id());
    }
  }

  private void act(Cell cell, Instant startedAt, HealthAction action, int failures) {
    Facts facts = cell.facts();
    if (!startedAt.equals(facts.status().startedAt()) || !facts.state().isAlive()) {
      return; // The run that failed is over; the one after it has checks of its own.
    }
    String reason = "unhealthy: " + failures + " health checks failed one after the other";
    var caller = facts.system();
    ledger.attempt(caller, action.word(), facts.name(), () -> {
      ledger.note(caller, facts, "health action", action.word() + ", " + reason);
      switch (action) {
        case RESTART -> stopping.get().restart(caller, cell, null, null);
        case STOP -> stopping.get().stop(caller, cell, null, null, reason);
        case KILL -> stopping.get().kill(caller, cell, "SIGKILL", reason);
        case NONE -> {}
      }
      return true;
    });
  }

  private void later(String id) {
    unsaved.add(id);
    if (isSaveDue.compareAndSet(false, true)) {
      threads.after(SAVE_AFTER, this::saveAll);
    }
  }

  private void saveAll() {
    isSaveDue.set(false);
    Map<String, Health> changed = new HashMap<>();
    for (String id : Set.copyOf(unsaved)) {
      unsaved.remove(id);
      Cell cell = inventory.get(id);
      Health health = cell == null ? null : cell.health();
      if (health != null) {
        changed.put(id, health);
      }
    }
    try {
      if (!changed.isEmpty()) {
        QuarkusTransaction.requiringNew().run(() -> store.put(changed));
      }
    } catch (RuntimeException e) {
      LOG.errorf(e, "what health checks said could not be recorded; it will be tried again");
      changed.keySet().forEach(this::later);
    }
  }

  void onStop(@Observes ShutdownEvent stop) {
    saveAll();
  }
}
