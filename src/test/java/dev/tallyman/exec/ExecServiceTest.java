package dev.tallyman.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.container.ContainerSpec;
import dev.tallyman.container.Containers;
import dev.tallyman.container.KnownUsers;
import dev.tallyman.container.LegacyLinks;
import dev.tallyman.container.WaitingThreads;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.event.Events;
import dev.tallyman.exec.Execs.ExecRequest;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Origin;
import dev.tallyman.identity.Role;
import dev.tallyman.identity.Way;
import dev.tallyman.kernel.MonitorConnection;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.testing.FakeKernel;
import dev.tallyman.testing.FakeSandboxes;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestImages;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ExecServiceTest {
  @Inject Execs execs;
  @Inject ExecService service;
  @Inject ExecMemory memory;
  @Inject ExecStore store;
  @Inject Containers containers;
  @Inject AuditTrail audit;
  @Inject TestAccounts accounts;
  @Inject TestImages images;
  @Inject FakeKernel kernel;
  @Inject Sandboxes sandboxes;
  @Inject Events events;
  @Inject WaitingThreads threads;
  @Inject KnownUsers users;
  @Inject LegacyLinks links;
  private Caller admin;
  private String container;

  @BeforeEach
  void run() {
    admin = accounts.admin();
    images.busybox();
    container = containers.create(admin, ContainerSpec.of("host", "busybox", List.of("sleep", "60"))).id();
    containers.start(admin, container);
  }

  @AfterEach
  void remove() {
    containers.remove(admin, container, true, true);
  }

  private static ExecRequest request(boolean isTty, boolean wantsInput, String... command) {
    return new ExecRequest(List.of(command), List.of("WHO=me"), "", "", isTty, false, wantsInput, true, true, "");
  }

  private static String output(MonitorConnection connection) throws Exception {
    StringBuilder text = new StringBuilder();
    MonitorConnection.Frame frame;
    while ((frame = connection.next()) != null) {
      if (frame instanceof MonitorConnection.Frame.Output piece) {
        text.append(StandardCharsets.UTF_8.decode(piece.bytes()));
      }
    }
    return text.toString();
  }

  private static void eventually(BooleanSupplier claim) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!claim.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "it did not come true within 10 s");
      LockSupport.parkNanos(5_000_000);
    }
  }

  /** Whose output nobody takes must not be held back for it. */
  @Test
  void knowsTheEndOfACommandWithoutListenersAtOnce() throws Exception {
    ExecRequest quiet = new ExecRequest(List.of("sh", "-c", "echo x; exit 4"), List.of(), "", "", false, false, false, false, false, "");
    String detached = execs.create(admin, "host", request(false, false, "sh", "-c", "echo x; exit 5"));
    String unattached = execs.create(admin, "host", quiet);
    long began = System.nanoTime();

    execs.start(admin, detached, true, 0, 0);
    try (MonitorConnection connection = execs.start(admin, unattached, false, 0, 0)) {
      assertNotNull(connection);
      assertEquals("", output(connection));
    }

    eventually(() -> Integer.valueOf(5).equals(execs.inspect(admin, detached).exitCode()));
    assertEquals(4, execs.inspect(admin, unattached).exitCode());
    assertTrue(System.nanoTime() - began < TimeUnit.SECONDS.toNanos(5), "it took as long as a command waits for a listener");
  }

  @Test
  void knowsTheExitCodeAsSoonAsTheStreamEnds() throws Exception {
    String id = execs.create(admin, "host", request(false, false, "sh", "-c", "echo $WHO; exit 6"));
    assertNull(execs.inspect(admin, id).exitCode());
    assertFalse(execs.inspect(admin, id).isRunning());

    try (MonitorConnection connection = execs.start(admin, id, false, 0, 0)) {
      assertNotNull(connection);
      assertEquals("me\n", output(connection));
    }

    assertEquals(6, execs.inspect(admin, id).exitCode());
    assertFalse(execs.inspect(admin, id).isRunning());
    assertEquals("sh -c echo $WHO; exit 6", audit.list(admin, AuditTrail.AuditFilter.newest(1)).get(0).detail());
  }

  @Test
  void passesInputAndItsEnd() throws Exception {
    String id = execs.create(admin, "host", request(false, true, "cat"));

    try (MonitorConnection connection = execs.start(admin, id, false, 0, 0)) {
      assertEquals(List.of(id), execs.idsOf(container));
      connection.writeInput(ByteBuffer.wrap("abc".getBytes(StandardCharsets.UTF_8)));
      connection.endInput();
      assertEquals("abc", output(connection));
    }

    assertEquals(0, execs.inspect(admin, id).exitCode());
    assertTrue(execs.idsOf(container).isEmpty());
  }

  @Test
  void learnsTheEndAlsoWhenTheClientLeft() {
    String id = execs.create(admin, "host", request(false, false, "sh", "-c", "sleep 0.2; exit 5"));

    execs.start(admin, id, false, 0, 0).close();

    assertTrue(execs.inspect(admin, id).isRunning());
    eventually(() -> Integer.valueOf(5).equals(execs.inspect(admin, id).exitCode()));
  }

  @Test
  void runsDetached() {
    String id = execs.create(admin, "host", request(false, false, "sh", "-c", "exit 2"));

    assertNull(execs.start(admin, id, true, 0, 0));

    eventually(() -> Integer.valueOf(2).equals(execs.inspect(admin, id).exitCode()));
  }

  @Test
  void givesTheTerminalItsSize() throws Exception {
    String id = execs.create(admin, "host", request(true, true, "sh"));

    try (MonitorConnection connection = execs.start(admin, id, false, 24, 80)) {
      execs.resize(admin, id, 50, 132);
      connection.writeInput(ByteBuffer.wrap("stty size\nexit\n".getBytes(StandardCharsets.UTF_8)));
      assertTrue(output(connection).contains("50 132"));
    }
    assertThrows(TallymanException.class, () -> execs.resize(admin, id, 1, 1));
  }

  /** A client has its streams, and tells the size, before the command runs. */
  @Test
  void aSizeThatComesBeforeTheCommandWaitsForIt() throws Exception {
    String id = execs.create(admin, "host", request(true, true, "sh"));
    CompletableFuture<Void> resized = new CompletableFuture<>();
    Runnable early = () -> {
      threads.execute(() -> {
        try {
          execs.resize(admin, id, 50, 132);
          resized.complete(null);
        } catch (RuntimeException e) {
          resized.completeExceptionally(e);
        }
      });
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    };

    try (MonitorConnection connection = execs.start(admin, id, false, 24, 80, early)) {
      resized.get(10, TimeUnit.SECONDS);
      connection.writeInput(ByteBuffer.wrap("stty size\nexit\n".getBytes(StandardCharsets.UTF_8)));
      assertTrue(output(connection).contains("50 132"));
    }
  }

  @Test
  void saysThatAllIsCheckedBeforeTheCommandRuns() {
    String id = execs.create(admin, "host", request(false, false, "true"));
    List<Integer> processes = new ArrayList<>();

    execs.start(admin, id, true, 0, 0, () -> processes.add(execs.inspect(admin, id).pid()));

    assertEquals(List.of(0), processes);
    Runnable never = () -> processes.add(-1);
    assertThrows(TallymanException.class, () -> execs.start(admin, id, false, 0, 0, never), "it has run");
    assertEquals(List.of(0), processes);
    String left = execs.create(admin, "host", request(false, false, "true"));
    Runnable gone = () -> {
      throw new IllegalStateException("the client has left");
    };
    assertThrows(IllegalStateException.class, () -> execs.start(admin, left, false, 0, 0, gone));
    assertFalse(execs.inspect(admin, left).isRunning());
    assertEquals(255, execs.inspect(admin, left).exitCode());
  }

  @Test
  void keepsTheExitCodeOfACommandThatCannotBeRun() {
    String id = execs.create(admin, "host", request(false, false, "missing"));

    TallymanException e = assertThrows(TallymanException.class, () -> execs.start(admin, id, false, 0, 0));

    assertEquals(ErrorKind.INVALID, e.kind());
    assertEquals(127, execs.inspect(admin, id).exitCode());
    TallymanException again = assertThrows(TallymanException.class, () -> execs.start(admin, id, false, 0, 0));
    assertEquals("exec command " + id + " has already run", again.getMessage());
  }

  @Test
  void refusesContainersThatDoNotRun() {
    String early = execs.create(admin, "host", request(false, false, "true"));
    containers.pause(admin, "host");
    refused("Container " + container + " is paused, unpause the container before exec", request(false, false, "true"));
    containers.kill(admin, "host", "KILL");
    refused("container " + container + " is not running", request(false, false, "true"));
    assertThrows(TallymanException.class, () -> execs.start(admin, early, false, 0, 0));
  }

  /** It was meant for that run of the container. */
  @Test
  void anExecThatNobodyStartedIsForgottenWhenItsContainerEnds() {
    String early = execs.create(admin, "host", request(false, false, "true"));
    String over = execs.create(admin, "host", request(false, false, "true"));
    execs.start(admin, over, true, 0, 0);
    eventually(() -> Integer.valueOf(0).equals(execs.inspect(admin, over).exitCode()));
    containers.kill(admin, "host", "KILL");
    eventually(() -> memory.get(early) == null);

    containers.start(admin, "host");

    assertEquals(ErrorKind.NOT_FOUND, assertThrows(TallymanException.class, () -> execs.start(admin, early, true, 0, 0)).kind());
    assertEquals(0, execs.inspect(admin, over).exitCode());
    assertTrue(store.kept().stream().noneMatch(each -> each.id().equals(early)), "the next server knows it");
  }

  private void refused(String text, ExecRequest request) {
    TallymanException e = assertThrows(TallymanException.class, () -> execs.create(admin, "host", request));
    assertEquals(ErrorKind.CONFLICT, e.kind());
    assertEquals(text, e.getMessage());
  }

  @Test
  void showsExecsToTheirTeamOnlyAndForgetsThemWithTheirContainer() {
    String id = execs.create(admin, "host", request(false, false, "true"));
    Caller foreign = new Caller(99, "eve", Role.MEMBER, 4711, "others", Way.REST, null, Origin.none());
    Caller viewer = accounts.caller(Role.VIEWER);

    assertEquals("No such exec instance: " + id, assertThrows(TallymanException.class, () -> execs.inspect(foreign, id)).getMessage());
    assertEquals(ErrorKind.DENIED, assertThrows(TallymanException.class, () -> execs.start(viewer, id, true, 0, 0)).kind());
    String other = containers.create(admin, ContainerSpec.of("brief", "busybox", List.of("sleep", "9"))).id();
    containers.start(admin, other);
    String gone = execs.create(admin, other, request(false, false, "true"));
    containers.remove(admin, other, true, true);
    assertEquals(ErrorKind.NOT_FOUND, assertThrows(TallymanException.class, () -> execs.inspect(admin, gone)).kind());
  }

  @Test
  void aServerThatStartsKnowsWhatRuns() {
    String running = execs.create(admin, container, request(false, false, "sh", "-c", "while true; do sleep 1; done"));
    execs.start(admin, running, true, 0, 0);
    String created = execs.create(admin, container, request(false, false, "true"));
    String over = execs.create(admin, container, request(false, false, "sh", "-c", "exit 7"));
    execs.start(admin, over, true, 0, 0);
    eventually(() -> Integer.valueOf(7).equals(execs.inspect(admin, over).exitCode()));
    int pid = execs.inspect(admin, running).pid();
    eventually(() -> store.kept().stream().anyMatch(each -> each.id().equals(over) && Integer.valueOf(7).equals(each.exitCode())));
    for (String each : List.of(running, created, over)) {
      memory.remove(memory.get(each));
    }

    service.onStart(null);

    assertTrue(execs.inspect(admin, running).isRunning());
    assertEquals(pid, execs.inspect(admin, running).pid());
    assertEquals(7, execs.inspect(admin, over).exitCode());
    assertEquals(List.of(running), execs.idsOf(container));
    execs.start(admin, created, true, 0, 0);
    containers.kill(admin, container, "KILL");
    eventually(() -> Integer.valueOf(137).equals(execs.inspect(admin, running).exitCode()));
  }

  private List<String> outcomes(String command) {
    return audit.list(admin, new AuditTrail.AuditFilter(null, "exec.start", null, null, null, null, null, null, 5)).stream()
        .filter(each -> each.detail().contains(command)).map(AuditTrail.AuditRow::outcome).toList();
  }

  @Test
  void whatCannotBeRecordedDoesNotRun() {
    ExecService broken =
        new ExecService(
            containers, sandboxes, audit, events, memory, threads,
            new ExecStore(null) {
              @Override
              void update(ExecCell cell) {
                throw new IllegalStateException("no room");
              }
            },
            users, links);
    String id = execs.create(admin, container, request(false, false, "sleep", "1234"));

    assertThrows(IllegalStateException.class, () -> broken.start(admin, id, true, 0, 0));

    eventually(() -> Integer.valueOf(137).equals(execs.inspect(admin, id).exitCode()));
    assertEquals(List.of(), outcomes("sleep 1234"));
  }

  /** It ran, and there is one row about it. */
  @Test
  void aStartWhoseStreamsCannotBeJoinedIsOnRecordOnce() {
    Sandboxes deaf =
        new FakeSandboxes(kernel) {
          @Override
          public MonitorConnection connectExec(String container, String exec) {
            MonitorConnection real = super.connectExec(container, exec);
            return (MonitorConnection)
                Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {MonitorConnection.class},
                    (proxy, method, arguments) -> {
                      if (method.getName().equals("awaitReady")) {
                        throw new IOException("gone");
                      }
                      return method.invoke(real, arguments);
                    });
          }
        };
    ExecService service = new ExecService(containers, deaf, audit, events, memory, threads, store, users, links);
    String id = execs.create(admin, container, request(false, false, "sleep", "0.4321"));

    TallymanException refused = assertThrows(TallymanException.class, () -> service.start(admin, id, false, 0, 0));

    assertEquals(ErrorKind.CONFLICT, refused.kind());
    assertEquals(List.of("done"), outcomes("sleep 0.4321"));
    assertEquals(List.of(), outcomes("cannot join"));
  }
}
