package dev.tallyman.container;

import dev.tallyman.container.Cell.Run;
import dev.tallyman.container.Container.PublishedPort;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.CommandNotRunException;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.kernel.SecretFile;
import dev.tallyman.network.Places;
import dev.tallyman.web.Failures;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/** Starts containers: the helper first, then one commit that says so. */
@Singleton
class Starting {
  private static final Logger LOG = Logger.getLogger(Starting.class);
  private static final Pattern TAKEN = Pattern.compile("port (tcp|udp) ([0-9.]+|\\[[0-9a-f:.]+\\]):(\\d+)(?: process (\\d+) (.+))?");
  private static final int PORT_TRIES = 50;
  /** Docker's exit code for a container that could not be started for another reason than its command. */
  private static final int NOT_STARTED = 128;

  private final Sandboxes sandboxes;
  private final Placing placing;
  private final Places places;
  private final Sandboxing sandboxing;
  private final HostPorts hostPorts;
  private final Ledger ledger;
  private final ContainerEvents events;
  private final Attaching attaching;
  private final Watcher watcher;
  private final Runs runs;
  private final Inventory inventory;
  private final Mounting mounting;
  private final Cleaning cleaning;
  private final Secreting secreting;
  private final EngineSockets engine;

  @Inject
  Starting(
      Sandboxes sandboxes, Placing placing, Places places, Sandboxing sandboxing, HostPorts hostPorts, Ledger ledger, ContainerEvents events, Attaching attaching, Watcher watcher,
      Runs runs, Inventory inventory, Mounting mounting, Cleaning cleaning, Secreting secreting, EngineSockets engine) {
    this.engine = engine;
    this.secreting = secreting;
    this.inventory = inventory;
    this.sandboxes = sandboxes;
    this.placing = placing;
    this.places = places;
    this.sandboxing = sandboxing;
    this.hostPorts = hostPorts;
    this.ledger = ledger;
    this.events = events;
    this.attaching = attaching;
    this.watcher = watcher;
    this.runs = runs;
    this.mounting = mounting;
    this.cleaning = cleaning;
  }

  private record Outcome(Facts facts, Sandboxes.Started started) {}

  /**
   * @param restarts the new restart count
   * @return false if it runs already
   */
  boolean start(Caller caller, Cell cell, int restarts) {
    return start(caller, cell, restarts, Loan.nothing());
  }

  boolean start(Caller caller, Cell cell, int restarts, Loan loan) {
    return cell.locked(() -> startLocked(caller, cell, restarts, loan));
  }

  private boolean startLocked(Caller caller, Cell cell, int restarts, Loan loan) {
    switch (cell.state()) {
      case RUNNING -> {
        return false;
      }
      case PAUSED -> throw Refusal.conflict("cannot start a paused container, try unpause instead");
      case REMOVING, REMOVED -> throw Refusal.conflict("container is marked for removal and cannot be started");
      case CREATED, EXITED, RESTARTING -> cell.cancelPendingRestart();
    }
    boolean wasDue = cleaning.take(cell.id); // the helper does it, before it starts the next process
    try {
      attaching.dropAbandoned(cell);
      if (cell.facts().status().startedAt() == null) {
        mounting.fill(cell.facts());
      }
      engine.open(cell.facts());
      Outcome outcome = run(cell, loan);
      CrashPoint.START_RUNNING.reached();
      commit(caller, cell, outcome, restarts);
    } catch (RuntimeException e) {
      RuntimeException why = known(e);
      if (wasDue) {
        cleaning.soon(cell.id);
      }
      failed(caller, cell, why);
      throw why;
    }
    return true;
  }

  private static RuntimeException known(RuntimeException e) {
    TallymanException known = Failures.known(e);
    return known == null ? e : known;
  }

  private void commit(Caller caller, Cell cell, Outcome outcome, int restarts) {
    Facts started = outcome.facts().with(cell.facts().status().started(outcome.started(), caller.accountName(), restarts));
    try {
      ledger.update(caller, cell, started, "start", "");
    } catch (RuntimeException e) {
      undo(cell);
      throw e;
    }
    CrashPoint.START_COMMITTED.reached();
    cell.isStopRequested = false;
    cell.endedBy = null;
    Run run = Run.of(outcome.started().pid(), outcome.started().startedAt());
    cell.run = run;
    runs.began(cell, false);
    attaching.connectAll(cell);
    watcher.watch(cell, run);
    mounting.publish(caller, started, true);
    events.publishNetworks(caller, started, "connect");
    events.publish(caller, started, "start");
  }

  /** What nobody knows of must not run. */
  private void undo(Cell cell) {
    try {
      sandboxes.clean(cell.id);
    } catch (RuntimeException e) {
      LOG.errorf(e, "container %s runs although its start could not be recorded", cell.id);
    }
    placing.release(cell.facts());
  }

  private Outcome run(Cell cell, Loan loan) {
    List<SecretFile> secrets = new ArrayList<>(secreting.files(cell.facts()));
    secrets.addAll(loan.files());
    try {
      return run(cell, secrets, loan);
    } finally {
      secrets.forEach(SecretFile::wipe);
    }
  }

  private Outcome run(Cell cell, List<SecretFile> secrets, Loan loan) {
    Facts facts = cell.facts();
    // Output waits for those who want it only: who just writes to stdin (docker run -a stdin) must not hold it back.
    boolean isHeld = cell.attachments.stream().anyMatch(Cell.EarlyAttachment::wantsOutput);
    boolean isBridgeRetried = false;
    boolean isRoomMade = false;
    for (int tries = 0; ; tries++) {
      facts = placing.lease(facts);
      CrashPoint.START_LEASED.reached();
      try {
        return new Outcome(facts, served(facts, sandboxes.start(sandboxing.of(facts, isHeld, loan), secrets)));
      } catch (CommandNotRunException e) {
        throw e;
      } catch (KernelException e) {
        Matcher taken = TAKEN.matcher(String.valueOf(e.getMessage()));
        if (e.kind() == ErrorKind.CONFLICT && taken.find()) {
          facts = withOtherPort(facts, taken, tries);
        } else if (e.kind() == ErrorKind.NOT_FOUND && !facts.memberships().isEmpty() && !isBridgeRetried) {
          isBridgeRetried = true;
          placing.lost(facts);
        } else if (e.kind() == ErrorKind.EXHAUSTED && !isRoomMade && cleaning.flush()) {
          isRoomMade = true; // what has ended counts until it is cleaned up
        } else {
          throw e;
        }
      }
    }
  }

  /** Its programs run already, and may be waiting for an answer. */
  private Sandboxes.Started served(Facts facts, Sandboxes.Started started) {
    if (started.resolver() != null) {
      places.serve(facts.id(), started.resolver(), facts.spec().dns());
    }
    return started;
  }

  /** Another port for one that we chose and some program of the host took; a port that was asked for is an error. */
  private Facts withOtherPort(Facts facts, Matcher taken, int tries) {
    int number = Integer.parseInt(taken.group(3));
    List<PublishedPort> ports = facts.ports();
    for (PublishedPort port : ports) {
      if (port.hostPort() == number && port.protocol().equals(taken.group(1)) && HostPorts.isChosen(facts.spec(), port) && tries < PORT_TRIES) {
        return facts.withPorts(hostPorts.replaced(facts.spec(), ports, port));
      }
    }
    throw Refusal.unlisted(
        "failed to set up container networking: driver failed programming external connectivity on endpoint " + facts.name() + " (" + facts.id() + "): Bind for " + taken.group(2) + ":" + number
            + " failed: port is already allocated" + holder(facts, taken));
  }

  /** Who has it: a container, which is named to those who may see it, or a program of the host. */
  private String holder(Facts facts, Matcher taken) {
    Cell other = inventory.holder(taken.group(1), taken.group(2).replaceAll("[\\[\\]]", ""), Integer.parseInt(taken.group(3)), facts.id());
    if (other != null) {
      return other.team == facts.team() ? " to container " + other.facts().name() : " to a container of another team";
    }
    return taken.group(4) == null ? "" : " to the host's process " + taken.group(4) + " (" + taken.group(5) + ")";
  }

  private void failed(Caller caller, Cell cell, RuntimeException why) {
    engine.close(cell.facts());
    attaching.failAll(cell, why);
    placing.release(cell.facts());
    int exitCode = why instanceof CommandNotRunException command ? command.exitCode() : NOT_STARTED;
    Facts after = cell.facts().with(cell.facts().status().notStarted(exitCode, String.valueOf(why.getMessage())));
    try {
      ledger.remark(caller, cell, after, "start failed", after.status().error());
    } catch (RuntimeException e) {
      cell.set(after);
      LOG.errorf(e, "the failed start of container %s could not be recorded", cell.id);
    }
  }
}
