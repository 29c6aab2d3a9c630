package dev.tallyman.exec;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.container.Container;
import dev.tallyman.container.Containers;
import dev.tallyman.container.KnownUsers;
import dev.tallyman.container.LegacyLinks;
import dev.tallyman.container.WaitingThreads;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.event.Event;
import dev.tallyman.event.Events;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.kernel.CommandNotRunException;
import dev.tallyman.kernel.MonitorConnection;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.web.Failures;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Use cases of execs. */
@ApplicationScoped
class ExecService implements Execs {
  private static final SecureRandom RANDOM = new SecureRandom();
  /** Exit code shown when nobody saw the end. */
  private static final int UNKNOWN_END = 255;
  private static final int HANG_UP = 1;
  /** As long as dockerd waits. */
  private static final Duration LONGEST_START = Duration.ofSeconds(10);
  private static final int AFTER_CONTAINERS = 2500;
  private static final Logger LOG = Logger.getLogger(ExecService.class);

  private final Containers containers;
  private final LegacyLinks links;
  private final Sandboxes sandboxes;
  private final AuditTrail audit;
  private final Events events;
  private final ExecMemory memory;
  private final WaitingThreads threads;
  private final ExecStore store;
  private final KnownUsers users;

  @Inject
  ExecService(Containers containers, Sandboxes sandboxes, AuditTrail audit, Events events, ExecMemory memory, WaitingThreads threads, ExecStore store, KnownUsers users, LegacyLinks links) {
    this.links = links;
    this.containers = containers;
    this.sandboxes = sandboxes;
    this.audit = audit;
    this.events = events;
    this.memory = memory;
    this.threads = threads;
    this.store = store;
    this.users = users;
  }

  private <T> T attempt(Caller caller, String action, String object, Supplier<T> work) {
    try {
      return work.get();
    } catch (RuntimeException e) {
      TallymanException known = Failures.known(e);
      RuntimeException why = known == null ? e : known;
      audit.failed(caller, action, object, why);
      throw why;
    }
  }

  @Override
  public String create(Caller caller, String container, ExecRequest request) {
    return attempt(
        caller, "exec.create", container,
        () -> {
          caller.require(Role.MEMBER, "run a command in container " + container);
          Container found = containers.inspect(caller, container);
          ExecRules.check(request);
          ExecRules.requireRunning(found);
          users.require(found.id(), request.user());
          byte[] bytes = new byte[32];
          RANDOM.nextBytes(bytes);
          ExecCell cell = new ExecCell(HexFormat.of().formatHex(bytes), found, request);
          memory.add(cell);
          try {
            QuarkusTransaction.requiringNew().run(() -> {
              store.add(cell);
              audit.done(caller, "exec.create", found.name(), command(request));
            });
          } catch (RuntimeException e) {
            memory.remove(cell);
            throw e;
          }
          publish(caller, cell, "exec_create: " + command(request), Map.of());
          return cell.id;
        });
  }

  @Override
  public @Nullable MonitorConnection start(Caller caller, String exec, boolean isDetached, int rows, int columns, Runnable beforeRun) {
    ExecCell cell = find(caller, exec);
    MonitorConnection connection =
        attempt(
            caller, "exec.start", cell.container.name(),
            () -> {
              caller.require(Role.MEMBER, "run a command in container " + cell.container.name());
              Container now = containers.inspect(caller, cell.container.id());
              ExecRules.requireRunning(now);
              cell.claimStart(caller.accountName());
              ExecRules.checkSize(rows, columns);
              boolean isSized = rows > 0 || columns > 0;
              Streams streams = new Streams(isDetached, beforeRun, isSized ? rows : cell.request.rows(), isSized ? columns : cell.request.columns());
              return run(caller, cell, now, streams);
            });
    awaitReady(connection); // it has been started and is on record, whatever comes of its streams
    if (isDetached) {
      ExecEnds.watch(threads, connection);
      return null;
    }
    return connection;
  }

  /** What whoever starts a command has of its streams. */
  private record Streams(boolean isDetached, Runnable beforeRun, int rows, int columns) {}

  private MonitorConnection run(Caller caller, ExecCell cell, Container now, Streams streams) {
    MonitorConnection connection;
    boolean wantsOutput = !streams.isDetached && (cell.request.attachesOutput() || cell.request.attachesErrors());
    try {
      streams.beforeRun.run();
      Sandboxes.Started started = sandboxes.exec(ExecProcess.of(cell, now, links.variables(now), wantsOutput, streams.rows, streams.columns));
      cell.started(started.pid());
      connection = ask(cell, wantsOutput, !streams.isDetached && cell.request.attachesInput());
    } catch (CommandNotRunException e) {
      cell.ended(e.exitCode());
      throw e;
    } catch (RuntimeException e) {
      cell.ended(UNKNOWN_END);
      throw e;
    }
    try {
      QuarkusTransaction.requiringNew().run(() -> {
        store.update(cell);
        audit.done(caller, "exec.start", now.name(), command(cell.request) + (streams.isDetached ? " (detached)" : ""));
      });
    } catch (RuntimeException e) {
      // What cannot be recorded must not run.
      sandboxes.signalExec(now.id(), cell.id, 9);
      connection.close();
      throw e;
    }
    publish(caller, cell, "exec_start: " + command(cell.request), Map.of());
    return connection;
  }

  /** Its monitor is only just beginning: the start is committed while it does. */
  private MonitorConnection ask(ExecCell cell, boolean wantsOutput, boolean wantsInput) {
    MonitorConnection inner = sandboxes.connectExec(cell.container.id(), cell.id);
    MonitorConnection connection = new ExecConnection(inner, exit -> ended(cell, exit.code()), () -> watchOn(cell));
    try {
      connection.request(wantsOutput, wantsInput);
      return connection;
    } catch (IOException e) {
      throw unjoined(connection, e);
    }
  }

  private static void awaitReady(MonitorConnection connection) {
    try {
      connection.awaitReady();
    } catch (IOException e) {
      throw unjoined(connection, e);
    }
  }

  private static TallymanException unjoined(MonitorConnection connection, IOException cause) {
    connection.close();
    return new TallymanException(ErrorKind.CONFLICT, "cannot join the streams of the command: it has ended", cause);
  }

  /** The client went away; the command goes on and its end is still wanted. */
  private void watchOn(ExecCell cell) {
    try {
      MonitorConnection inner = sandboxes.connectExec(cell.container.id(), cell.id);
      MonitorConnection connection = new ExecConnection(inner, exit -> ended(cell, exit.code()), () -> ended(cell, UNKNOWN_END));
      connection.subscribe(false, false);
      ExecEnds.watch(threads, connection);
    } catch (TallymanException | IOException e) {
      ended(cell, UNKNOWN_END);
    }
  }

  private void ended(ExecCell cell, int code) {
    if (cell.ended(code)) {
      // Whoever waits for the end does not wait for the disk.
      threads.execute(() -> QuarkusTransaction.requiringNew().run(() -> store.update(cell)));
      Map<String, String> more = new HashMap<>(Map.of("exitCode", String.valueOf(code)));
      if (!cell.startedBy().isEmpty()) {
        more.put(Event.STARTED_BY, cell.startedBy());
      }
      publish(Caller.system(cell.container.team(), cell.container.teamName()), cell, "exec_die", more);
    }
  }

  @Override
  public Exec inspect(Caller caller, String exec) {
    return find(caller, exec).shown();
  }

  @Override
  public void resize(Caller caller, String exec, int rows, int columns) {
    ExecCell cell = find(caller, exec);
    caller.require(Role.MEMBER, "resize the terminal of a command");
    ExecRules.checkSize(rows, columns);
    // Clients tell the size as soon as they have their streams, which is before the command runs.
    if (!cell.awaitRunning(LONGEST_START)) {
      throw ExecRules.conflict("exec command " + exec + " is not running");
    }
    try (MonitorConnection connection = sandboxes.connectExec(cell.container.id(), exec)) {
      connection.subscribe(false, false);
      connection.resize(rows, columns);
    } catch (IOException e) {
      throw new TallymanException(ErrorKind.CONFLICT, "exec command " + exec + " is not running", e);
    }
  }

  @Override
  public void hangUp(Caller caller, String exec) {
    ExecCell cell = find(caller, exec);
    caller.require(Role.MEMBER, "end a command");
    if (cell.isRunning()) {
      sandboxes.signalExec(cell.container.id(), exec, HANG_UP);
    }
  }

  @Override
  public void detached(Caller caller, String exec) {
    publish(caller, find(caller, exec), "exec_detach", Map.of());
  }

  @Scheduled(every = "10m", delayed = "10m")
  void forgetOld() {
    QuarkusTransaction.requiringNew().run(store::forget);
  }

  /** After a restart of the server: knows again what runs, and waits for its end. After the containers are known. */
  void onStart(@Observes @Priority(AFTER_CONTAINERS) StartupEvent start) {
    for (ExecStore.Row row : QuarkusTransaction.requiringNew().call(store::kept)) {
      try {
        Container container = containers.inspect(Caller.system(row.team(), row.teamName()), row.container());
        ExecCell cell = ExecCell.restored(row, container);
        memory.add(cell);
        if (cell.isRunning()) {
          watchOn(cell);
        }
      } catch (TallymanException e) {
        LOG.warnf("command %s is not known any more: %s", row.id(), e.getMessage());
      }
    }
  }

  @Override
  public List<String> idsOf(String containerId) {
    return memory.runningIn(containerId);
  }

  private ExecCell find(Caller caller, String exec) {
    ExecCell cell = memory.get(exec);
    if (cell == null || !caller.sees(cell.container.team())) {
      throw new TallymanException(ErrorKind.NOT_FOUND, "No such exec instance: " + exec);
    }
    return cell;
  }

  private static String command(ExecRequest request) {
    String whole = String.join(" ", request.command());
    return whole.length() > 2000 ? whole.substring(0, 2000) + "…" : whole;
  }

  private void publish(Caller caller, ExecCell cell, String action, Map<String, String> more) {
    Map<String, String> attributes = new HashMap<>(cell.container.labels());
    attributes.put("name", cell.container.name());
    attributes.put("image", cell.container.image());
    attributes.put("execID", cell.id);
    attributes.remove(Event.STARTED_BY);
    attributes.putAll(more);
    events.publish(new Event(caller, "container", action, cell.container.id(), cell.container.team(), attributes, Instant.now()));
  }
}
