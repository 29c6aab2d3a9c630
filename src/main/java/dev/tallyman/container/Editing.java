package dev.tallyman.container;

import dev.tallyman.container.ContainerSpec.RestartPolicy;
import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.SandboxSpec.Limits;
import dev.tallyman.kernel.Sandboxes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Changes names, limits and restart policies. */
@Singleton
class Editing {
  private final Inventory inventory;
  private final ContainerStore store;
  private final Ledger ledger;
  private final ContainerEvents events;
  private final Sandboxes sandboxes;
  private final Placing placing;

  @Inject
  Editing(Inventory inventory, ContainerStore store, Ledger ledger, ContainerEvents events, Sandboxes sandboxes, Placing placing) {
    this.placing = placing;
    this.inventory = inventory;
    this.store = store;
    this.ledger = ledger;
    this.events = events;
    this.sandboxes = sandboxes;
  }

  void rename(Caller caller, Cell cell, String given) {
    if (given.isEmpty() || given.equals("/")) {
      throw Refusal.invalid("Neither old nor new names may be empty");
    }
    String name = ContainerNames.checked(given);
    cell.locked(() -> {
      Facts before = cell.facts();
      requirePresent(before);
      if (before.name().equals(name)) {
        throw Refusal.invalid("Renaming a container with the same name as its current name");
      }
      inventory.claim(cell.team, name, cell.id);
      Facts renamed = before.withName(name);
      try {
        ledger.commit(caller, renamed, "rename", "was " + before.name(), () -> store.describe(renamed));
      } catch (RuntimeException e) {
        inventory.unclaim(cell.team, name, cell.id);
        throw e;
      }
      cell.set(renamed);
      placing.rename(renamed);
      inventory.unclaim(cell.team, before.name(), cell.id);
      events.publish(caller, renamed, "rename", Map.of("oldName", "/" + before.name()));
    });
  }

  List<String> update(Caller caller, Cell cell, Limits change, @Nullable RestartPolicy policy) {
    return cell.locked(() -> {
      Facts before = cell.facts();
      requirePresent(before);
      ContainerSpec spec = before.spec();
      if (policy != null && RestartRules.isActive(policy) && spec.isRemovedAtExit()) {
        throw Refusal.conflict("Restart policy cannot be updated because AutoRemove is enabled for the container");
      }
      RestartPolicy restart = policy == null ? spec.restart() : policy;
      RestartRules.check(restart, spec.isRemovedAtExit());
      LimitRules.checkChange(cell.id, spec.limits(), change);
      Limits limits = LimitRules.changed(spec.limits(), change);
      LimitRules.check(limits);
      if (before.state().isAlive() && !change.equals(Limits.none())) {
        sandboxes.limit(cell.id, limits.withPids(change.pids()));
      }
      Facts updated = before.withSpec(SpecChanges.withLimits(spec, limits, restart));
      ledger.commit(caller, updated, "update", describe(change, policy), () -> store.describe(updated));
      cell.set(updated);
      events.publish(caller, updated, "update");
      return List.<String>of();
    });
  }

  private static String describe(Limits change, @Nullable RestartPolicy policy) {
    StringBuilder text = new StringBuilder();
    if (!change.equals(Limits.none())) {
      text.append("limits");
    }
    if (policy != null) {
      text.append(text.length() == 0 ? "" : ", ").append("restart ").append(policy.name());
    }
    return text.toString();
  }

  private static void requirePresent(Facts facts) {
    if (facts.state() == ContainerState.REMOVING || facts.state() == ContainerState.REMOVED) {
      throw Refusal.conflict("Container is marked for removal and cannot be \"update\".");
    }
  }
}
