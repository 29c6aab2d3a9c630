package dev.tallyman.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.container.Containers.ContainerFilter;
import dev.tallyman.container.Containers.Moment;
import dev.tallyman.container.Containers.WaitCondition;
import dev.tallyman.container.Containers.WaitResult;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.event.Event;
import dev.tallyman.event.Events;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.MonitorConnection;
import dev.tallyman.kernel.SandboxSpec.Limits;
import dev.tallyman.testing.FakeKernel;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestImages;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

@QuarkusTest
class ContainerLifeTest {
  @Inject Containers containers;
  @Inject TestAccounts accounts;
  @Inject TestImages images;
  @Inject FakeKernel kernel;
  @Inject Events events;
  private Caller admin;

  @BeforeEach
  void prepare() {
    admin = accounts.admin();
    images.busybox();
  }

  @AfterEach
  void removeAll() {
    containers.list(admin, ContainerFilter.all()).forEach(each -> containers.remove(admin, each.id(), true, true));
  }

  private String create(Specs specs) {
    return containers.create(admin, specs.build()).id();
  }

  private String run(Specs specs) {
    String id = create(specs);
    containers.start(admin, id);
    return id;
  }

  private Container get(String name) {
    return containers.inspect(admin, name);
  }

  private static WaitResult await(CompletableFuture<WaitResult> end) throws Exception {
    return end.get(10, TimeUnit.SECONDS);
  }

  private static void eventually(BooleanSupplier claim) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!claim.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "it did not come true within 10 s");
      java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
    }
  }

  private static TallymanException refused(ErrorKind kind, String text, Executable call) {
    TallymanException e = assertThrows(TallymanException.class, call);
    assertTrue(String.valueOf(e.getMessage()).contains(text), e.getMessage());
    assertEquals(kind, e.kind());
    return e;
  }

  @Test
  void runsFromCreationToRemoval() throws Exception {
    String id = create(Specs.shell("echo hi; exit 3").named("one"));
    assertEquals(ContainerState.CREATED, get("one").state());
    assertNull(get("one").endpoint());

    assertTrue(containers.start(admin, "one"));
    WaitResult end = await(containers.wait(admin, id, WaitCondition.NOT_RUNNING));

    Container ended = get(id.substring(0, 12));
    assertEquals(3, end.exitCode());
    assertEquals(ContainerState.EXITED, ended.state());
    assertEquals(3, ended.exitCode());
    assertTrue(ended.isEndKnown());
    assertEquals(0, ended.pid());
    assertEquals("admin", ended.startedBy());
    containers.remove(admin, "one", false, false);
    refused(ErrorKind.NOT_FOUND, "No such container: one", () -> get("one"));
    List<Moment> moments = containers.timeline(admin, id);
    assertEquals(List.of("create", "start", "die", "remove"), moments.stream().map(Moment::what).toList());
    assertEquals("exit code 3", moments.get(2).detail());
    Container record = containers.list(admin, new ContainerFilter(true, true, 0, Map.of("id", List.of(id)))).get(0);
    assertEquals(ContainerState.REMOVED, record.state());
    assertNotNull(record.removedAt());
  }

  @Test
  void showsItsPlaceOnTheNetworkWhileItRuns() {
    String id = run(Specs.of("sleep", "60").publishing("80/tcp", "8088").publishing("53/udp", ""));

    Container up = get(id);

    assertTrue(up.endpoint().address().startsWith("10.88."));
    assertEquals("bridge", up.endpoint().networkName());
    assertEquals(8088, up.ports().get(0).hostPort());
    assertTrue(up.ports().get(1).hostPort() >= 49153);
    containers.stop(admin, id, null, 0);
    assertNull(get(id).endpoint());
    assertTrue(get(id).ports().isEmpty());
    containers.start(admin, id);
    assertEquals(up.endpoint(), get(id).endpoint());
    assertEquals(up.ports(), get(id).ports());
  }

  @Test
  void startsOnlyOnce() {
    String id = run(Specs.of("sleep", "60"));

    assertFalse(containers.start(admin, id));
  }

  @Test
  void keepsNamesUniqueAndFreesThem() {
    String id = create(Specs.of("true").named("same"));

    refused(
        ErrorKind.ALREADY_EXISTS, "Conflict. The container name \"/same\" is already in use by container \"" + id + "\". You have to remove (or rename) that container",
        () -> create(Specs.of("true").named("same")));

    containers.rename(admin, "same", "other");
    create(Specs.of("true").named("same"));
    assertEquals(id, get("other").id());
    containers.remove(admin, "other", false, false);
    create(Specs.of("true").named("other"));
  }

  @Test
  void refusesBadRenames() {
    create(Specs.of("true").named("first"));
    create(Specs.of("true").named("second"));

    refused(ErrorKind.INVALID, "same name", () -> containers.rename(admin, "first", "first"));
    refused(ErrorKind.INVALID, "may be empty", () -> containers.rename(admin, "first", ""));
    refused(ErrorKind.INVALID, "Invalid container name", () -> containers.rename(admin, "first", "a b"));
    refused(ErrorKind.ALREADY_EXISTS, "already in use", () -> containers.rename(admin, "first", "second"));
    assertEquals("first", get("first").name());
  }

  @Test
  void refusesUnknownImagesAndLeavesNothingBehind() {
    Specs specs = Specs.of("true").named("nothing");
    specs.image = "nowhere:1";

    refused(ErrorKind.NOT_FOUND, "No such image: nowhere:1", () -> create(specs));

    refused(ErrorKind.NOT_FOUND, "No such container", () -> get("nothing"));
    create(Specs.of("true").named("nothing"));
  }

  @Test
  void keepsTheExitCodeOfACommandThatCannotBeRun() {
    String id = create(Specs.of("nosuchprogram"));

    refused(ErrorKind.INVALID, "nosuchprogram", () -> containers.start(admin, id));

    assertEquals(127, get(id).exitCode());
    assertEquals(ContainerState.CREATED, get(id).state());
    assertFalse(get(id).error().isEmpty());
  }

  @Test
  void removesAContainerWithRmAtItsEndAndWhenItsStartFails() throws Exception {
    Specs good = Specs.of("sh", "-c", "exit 5");
    good.isRemovedAtExit = true;
    String id = create(good);
    CompletableFuture<WaitResult> removed = containers.wait(admin, id, WaitCondition.REMOVED);

    containers.start(admin, id);

    assertEquals(5, await(removed).exitCode());
    refused(ErrorKind.NOT_FOUND, "No such container", () -> get(id));
    Specs bad = Specs.of("nosuch");
    bad.isRemovedAtExit = true;
    String never = create(bad);
    CompletableFuture<WaitResult> gone = containers.wait(admin, never, WaitCondition.REMOVED);
    assertThrows(TallymanException.class, () -> containers.start(admin, never));
    assertEquals(127, await(gone).exitCode());
  }

  @Test
  void waitsForTheNextEndOnly() throws Exception {
    String id = create(Specs.shell("exit 4"));
    assertEquals(0, await(containers.wait(admin, id, WaitCondition.NOT_RUNNING)).exitCode());
    CompletableFuture<WaitResult> next = containers.wait(admin, id, WaitCondition.NEXT_EXIT);
    assertFalse(next.isDone());

    containers.start(admin, id);

    assertEquals(4, await(next).exitCode());
    CompletableFuture<WaitResult> cancelled = containers.wait(admin, id, WaitCondition.NEXT_EXIT);
    cancelled.cancel(false);
    refused(ErrorKind.NOT_FOUND, "No such container: nobody", () -> containers.wait(admin, "nobody", WaitCondition.REMOVED));
  }

  @Test
  void attachesBeforeTheStartAndMissesNothing() throws Exception {
    String id = create(Specs.shell("echo first; echo second"));
    Containers.Attachment early = containers.attach(admin, id, false, true);
    assertFalse(early.connection().isDone());

    containers.start(admin, id);

    try (MonitorConnection connection = early.connection().get(5, TimeUnit.SECONDS)) {
      assertEquals("first\nsecond\n", output(connection));
    }
  }

  @Test
  void holdsNoOutputBackForAClientThatOnlyWrites() throws Exception {
    String id = create(Specs.shell("echo x; exit 3"));
    Containers.Attachment writer = containers.attach(admin, id, true, false);
    long began = System.nanoTime();

    containers.start(admin, id);

    assertEquals(3, await(containers.wait(admin, id, WaitCondition.NOT_RUNNING)).exitCode());
    assertTrue(System.nanoTime() - began < TimeUnit.SECONDS.toNanos(5), "it took as long as a container waits for a listener");
    assertTrue(writer.connection().handle(ContainerLifeTest::closed).get(5, TimeUnit.SECONDS));
  }

  /** Nobody waits for who only writes: he may come too late, and hears of it. */
  private static boolean closed(@Nullable MonitorConnection connection, @Nullable Throwable late) {
    if (connection != null) {
      connection.close();
    }
    return late == null || late instanceof KernelException || late.getCause() instanceof KernelException;
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

  @Test
  void tellsEarlyAttachmentsOfAFailedStartAndOfRemoval() {
    String bad = create(Specs.of("missing"));
    Containers.Attachment failing = containers.attach(admin, bad, true, true);
    assertThrows(TallymanException.class, () -> containers.start(admin, bad));
    assertThrows(ExecutionException.class, () -> failing.connection().get(5, TimeUnit.SECONDS));

    Containers.Attachment abandoned = containers.attach(admin, bad, true, true);
    containers.remove(admin, bad, false, false);
    assertThrows(ExecutionException.class, () -> abandoned.connection().get(5, TimeUnit.SECONDS));
  }

  @Test
  void stopsBySignalAndThenByKill() {
    String obeys = run(Specs.shell("trap 'exit 7' TERM; while true; do sleep 1; done"));
    String ignores = run(Specs.of("sleep", "60"));
    eventually(() -> containers.stop(admin, obeys, null, 5) || true);
    eventually(() -> get(obeys).state() == ContainerState.EXITED);
    long before = System.nanoTime();

    assertTrue(containers.stop(admin, ignores, "SIGTERM", 1));

    assertTrue(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before) >= 900);
    assertEquals(137, get(ignores).exitCode());
    assertFalse(containers.stop(admin, ignores, null, null));
    refused(ErrorKind.INVALID, "invalid signal", () -> containers.stop(admin, ignores, "NOPE", null));
  }

  @Test
  void killsAndRefusesToKillWhatIsNotRunning() {
    String id = run(Specs.of("sleep", "60").named("victim"));

    containers.kill(admin, id, "USR1");
    assertEquals(ContainerState.RUNNING, get(id).state());
    containers.kill(admin, id, "KILL");

    assertEquals(137, get(id).exitCode());
    refused(ErrorKind.CONFLICT, "cannot kill container: victim: container " + id + " is not running", () -> containers.kill(admin, id, "KILL"));
  }

  @Test
  void pausesAndThaws() {
    String id = run(Specs.of("sleep", "60"));

    containers.pause(admin, id);

    assertEquals(ContainerState.PAUSED, get(id).state());
    refused(ErrorKind.CONFLICT, "already paused", () -> containers.pause(admin, id));
    refused(ErrorKind.CONFLICT, "cannot start a paused container", () -> containers.start(admin, id));
    refused(ErrorKind.CONFLICT, "paused and must be unpaused first", () -> containers.remove(admin, id, false, false));
    containers.unpause(admin, id);
    refused(ErrorKind.CONFLICT, "is not paused", () -> containers.unpause(admin, id));
    containers.pause(admin, id);
    assertTrue(containers.stop(admin, id, null, 0));
    assertEquals(ContainerState.EXITED, get(id).state());
    refused(ErrorKind.CONFLICT, "is not running", () -> containers.pause(admin, id));
  }

  @Test
  void restartsWithANewProcess() {
    String id = run(Specs.of("sleep", "60"));
    Container before = get(id);

    containers.restart(admin, id, null, 0);

    assertNotEquals(before.pid(), get(id).pid());
    assertTrue(get(id).startedAt().isAfter(before.startedAt()));
    assertEquals(0, get(id).restartCount());
  }

  @Test
  void keepsAContainerWithRmDuringARestart() {
    Specs specs = Specs.of("sleep", "60");
    specs.isRemovedAtExit = true;
    String id = run(specs);

    containers.restart(admin, id, null, 0);

    assertEquals(ContainerState.RUNNING, get(id).state());
    containers.remove(admin, id, true, false);
    refused(ErrorKind.NOT_FOUND, "No such container", () -> get(id));
  }

  @Test
  void obeysRestartPolicies() throws Exception {
    String limited = create(Specs.shell("exit 1").restarting("on-failure", 2));
    CompletableFuture<WaitResult> last = null;
    containers.start(admin, limited);
    last = containers.wait(admin, limited, WaitCondition.NOT_RUNNING);

    assertEquals(1, await(last).exitCode(), "the end of the first run is an end, as with dockerd");

    eventually(() -> get(limited).restartCount() == 2 && get(limited).state() == ContainerState.EXITED);
    assertEquals(ContainerState.EXITED, get(limited).state());
    String always = run(Specs.shell("exit 0").restarting("always", 0));
    eventually(() -> get(always).restartCount() >= 2);
    containers.stop(admin, always, null, 1);
    assertEquals(ContainerState.EXITED, get(always).state());
    int count = get(always).restartCount();
    Thread.sleep(400);
    assertEquals(count, get(always).restartCount(), "a stopped container stays stopped");
    containers.update(admin, always, Limits.none(), ContainerSpec.RestartPolicy.no());
    assertEquals("no", get(always).spec().restart().name());
  }

  @Test
  void refusesToRemoveWhatRuns() {
    String id = run(Specs.of("sleep", "60").named("busy"));

    refused(
        ErrorKind.CONFLICT, "cannot remove container \"busy\": container is running: stop the container before removing or force remove",
        () -> containers.remove(admin, "busy", false, false));

    containers.remove(admin, id, true, false);
    refused(ErrorKind.NOT_FOUND, "No such container: busy", () -> containers.remove(admin, "busy", true, false));
  }

  @Test
  void saysWhichPortIsTaken() {
    run(Specs.of("sleep", "60").publishing("80/tcp", "8099"));
    String second = create(Specs.of("sleep", "60").named("late").publishing("80/tcp", "8099"));

    refused(ErrorKind.CONFLICT, "failed to set up container networking: driver failed programming external connectivity on endpoint late (" + second + "): Bind for 0.0.0.0:8099 failed: port is already allocated", () -> containers.start(admin, second));

    assertEquals(128, get(second).exitCode());
  }

  @Test
  void choosesAnotherPortWhenAProgramOfTheHostHasTheChosenOne() {
    String first = create(Specs.of("sleep", "60").publishing("80/tcp", ""));
    containers.start(admin, first);
    int chosen = get(first).ports().get(0).hostPort();
    containers.stop(admin, first, null, 0);
    kernel.takePort("tcp 0.0.0.0:" + chosen);

    containers.start(admin, first);

    assertNotEquals(chosen, get(first).ports().get(0).hostPort());
  }

  @Test
  void sharesTheNetworkOfARunningContainer() {
    run(Specs.of("sleep", "60").named("owner"));
    Specs guest = Specs.of("sleep", "60");
    guest.network = "container:owner";
    String id = run(guest);

    assertEquals("container:" + get("owner").id(), get(id).spec().networkMode());
    containers.stop(admin, id, null, 0);
    containers.stop(admin, "owner", null, 0);
    refused(ErrorKind.CONFLICT, "cannot join network of a non running container", () -> containers.start(admin, id));
    guest.network = "container:nobody";
    // Not NOT_FOUND: for that answer to a create, docker pulls the image and asks again.
    refused(ErrorKind.INVALID, "No such container: nobody", () -> create(guest));
    guest.network = "nowhere";
    refused(ErrorKind.INVALID, "network nowhere not found", () -> create(guest));
  }

  @Test
  void changesLimits() {
    String id = run(Specs.of("sleep", "60"));

    containers.update(admin, id, new Limits(128 << 20, 0, 0, 50, 0, 0, 0, ""), null);

    assertEquals(128 << 20, get(id).spec().limits().memoryBytes());
    assertEquals(50, get(id).spec().limits().pids());
    containers.update(admin, id, new Limits(128 << 20, 256 << 20, 0, 0, 0, 0, 0, ""), null);
    refused(ErrorKind.CONFLICT, "smaller than already set memoryswap limit", () -> containers.update(admin, id, new Limits(512 << 20, 0, 0, 0, 0, 0, 0, ""), null));
    refused(ErrorKind.INVALID, "Minimum memory limit", () -> containers.update(admin, id, new Limits(1, 0, 0, 0, 0, 0, 0, ""), null));
  }

  @Test
  void showsProcessesAsPsDoes() {
    String id = run(Specs.of("sleep", "60"));

    assertEquals(List.of("UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"), containers.top(admin, id, "-ef").titles());
    assertEquals("sleep 60", containers.top(admin, id, "").processes().get(0).get(7));
    assertEquals("USER", containers.top(admin, id, "aux").titles().get(0));
    assertEquals(List.of("PID", "COMMAND"), containers.top(admin, id, "-o pid,comm").titles());
    assertEquals("sleep 60", containers.top(admin, id, "aux --sort=comm,-pid").processes().get(0).get(10));
    refused(ErrorKind.INVALID, "unknown sort specifier \"wings\"", () -> containers.top(admin, id, "aux --sort=wings"));
    refused(ErrorKind.INVALID, "PID field", () -> containers.top(admin, id, "-o comm"));
    refused(ErrorKind.INVALID, "unknown user-defined format specifier \"wings\"", () -> containers.top(admin, id, "-o pid,wings"));
    containers.kill(admin, id, "");
    refused(ErrorKind.CONFLICT, "is not running", () -> containers.top(admin, id, "-ef"));
  }

  @Test
  void prunesWhatDoesNotRun() {
    String created = create(Specs.of("true"));
    String running = run(Specs.of("sleep", "60"));
    Specs labelled = Specs.of("true");
    labelled.labels = Map.of("keep", "yes");
    String kept = create(labelled);

    assertEquals(List.of(created), containers.prune(admin, new ContainerFilter(true, false, 0, Map.of("label!", List.of("keep")))).ids());

    assertEquals(ContainerState.RUNNING, get(running).state());
    assertEquals(ContainerState.CREATED, get(kept).state());
    refused(ErrorKind.INVALID, "invalid filter", () -> containers.prune(admin, new ContainerFilter(true, false, 0, Map.of("name", List.of("x")))));
  }

  @Test
  void letsViewersLookOnly() {
    String id = run(Specs.of("sleep", "60").named("seen"));
    Caller viewer = accounts.caller(Role.VIEWER);

    assertEquals(id, containers.inspect(viewer, "seen").id());
    refused(ErrorKind.DENIED, "cannot stop container seen", () -> containers.stop(viewer, "seen", null, null));
    refused(ErrorKind.DENIED, "cannot create container", () -> containers.create(viewer, Specs.of("true").build()));
    refused(ErrorKind.DENIED, "cannot attach container seen", () -> containers.attach(viewer, "seen", true, true));
  }

  @Test
  void hidesContainersOfOtherTeams() {
    String id = create(Specs.of("true").named("ours"));
    Caller foreign = new Caller(99, "eve", Role.MEMBER, 4711, "others", dev.tallyman.identity.Way.REST, null, dev.tallyman.identity.Origin.none());

    refused(ErrorKind.NOT_FOUND, "No such container: ours", () -> containers.inspect(foreign, "ours"));
    refused(ErrorKind.NOT_FOUND, "No such container: " + id, () -> containers.remove(foreign, id, true, true));
    refused(ErrorKind.NOT_FOUND, "No such container", () -> containers.timeline(foreign, id));
    assertTrue(containers.list(foreign, ContainerFilter.all()).isEmpty());
  }

  @Test
  void publishesEventsInDockersWords() throws Exception {
    List<Event> heard = new java.util.concurrent.CopyOnWriteArrayList<>();
    try (AutoCloseable subscription = events.subscribe(heard::add)) {
      assertNotNull(subscription);
      String id = run(Specs.shell("exit 2").named("loud"));
      await(containers.wait(admin, id, WaitCondition.NOT_RUNNING));
      containers.remove(admin, id, false, false);
    }

    List<String> actions = heard.stream().filter(each -> each.type().equals("container")).map(Event::action).toList();
    assertEquals(List.of("create", "start", "die", "destroy"), actions);
    Event die = heard.stream().filter(each -> each.action().equals("die")).findFirst().orElseThrow();
    assertEquals("2", die.attributes().get("exitCode"));
    assertEquals("busybox:latest", die.attributes().get("image"));
    assertEquals("system", die.attributes().get(Event.ACCOUNT));
    assertEquals(admin.accountName(), die.attributes().get(Event.STARTED_BY));
    assertEquals(List.of("connect", "disconnect"), heard.stream().filter(each -> each.type().equals("network")).map(Event::action).toList());
  }

  @Test
  void tellsWhoEndedIt() throws Exception {
    List<Event> heard = new java.util.concurrent.CopyOnWriteArrayList<>();
    try (AutoCloseable subscription = events.subscribe(heard::add)) {
      assertNotNull(subscription);
      String id = run(Specs.of("sleep", "60").named("ended"));
      containers.stop(admin, id, null, 0);
      containers.start(admin, id);
      containers.kill(admin, id, "KILL");
      containers.start(admin, id);
      containers.remove(admin, id, true, false);
    }

    List<Event> ends = heard.stream().filter(each -> List.of("die", "disconnect").contains(each.action())).toList();
    assertEquals(6, ends.size());
    assertTrue(ends.stream().allMatch(each -> admin.accountName().equals(each.attributes().get(Event.ACCOUNT))), ends.toString());
  }

  @Test
  void saysWhenItRanOutOfMemory() throws Exception {
    String id = run(Specs.of("sleep", "60"));

    kernel.runOutOfMemory(id);

    assertEquals(137, await(containers.wait(admin, id, WaitCondition.NOT_RUNNING)).exitCode());
    assertTrue(get(id).isOomKilled());
  }

  @Test
  void runsManySideBySide() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Future<String>> runs = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      int code = i % 7;
      runs.add(threads.submit(() -> {
        String id = run(Specs.shell("exit " + code).publishing("80/tcp", ""));
        int exit = containers.wait(admin, id, WaitCondition.NOT_RUNNING).get(20, TimeUnit.SECONDS).exitCode();
        containers.remove(admin, id, false, false);
        return exit == code ? id : "wrong exit code " + exit;
      }));
    }
    for (Future<String> each : runs) {
      assertTrue(each.get(60, TimeUnit.SECONDS).matches("[0-9a-f]{64}"), () -> each.toString());
    }
    threads.shutdown();
    assertTrue(containers.list(admin, ContainerFilter.all()).isEmpty());
  }

  @Test
  void keepsOneContainerConsistentUnderManyHands() throws Exception {
    String id = create(Specs.of("sleep", "60").named("torn"));
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Future<?>> hands = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      int what = i % 4;
      hands.add(threads.submit(() -> {
        try {
          switch (what) {
            case 0 -> containers.start(admin, id);
            case 1 -> containers.kill(admin, id, "KILL");
            case 2 -> containers.pause(admin, id);
            default -> containers.stop(admin, id, null, 0);
          }
        } catch (TallymanException e) {
          assertEquals(ErrorKind.CONFLICT, e.kind(), e.getMessage());
        }
      }));
    }
    for (Future<?> each : hands) {
      each.get(60, TimeUnit.SECONDS);
    }
    threads.shutdown();
    containers.stop(admin, id, null, 0);
    assertEquals(ContainerState.EXITED, get(id).state());
    assertTrue(get(id).finishedAt().isBefore(Instant.now().plusSeconds(1)));
    assertTrue(containers.start(admin, id));
  }
}
