package dev.tallyman.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.container.Containers.ContainerFilter;
import dev.tallyman.container.Containers.Moment;
import dev.tallyman.container.Containers.WaitCondition;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.kernel.SandboxSpec;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.testing.FakeKernel;
import dev.tallyman.testing.Logged;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestImages;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the server finds when it comes back, and makes of it. */
@QuarkusTest
class ReconcilerTest {
  @Inject Containers containers;
  @Inject Reconciler reconciler;
  @Inject Inventory inventory;
  @Inject ContainerStore store;
  @Inject Sandboxes sandboxes;
  @Inject FakeKernel kernel;
  @Inject TestAccounts accounts;
  @Inject TestImages images;
  private Caller admin;

  @BeforeEach
  void prepare() {
    admin = accounts.admin();
    images.busybox();
  }

  @AfterEach
  void removeAll() {
    kernel.hasProjectQuotas = false;
    containers.list(admin, ContainerFilter.all()).forEach(each -> containers.remove(admin, each.id(), true, true));
  }

  private String run(Specs specs) {
    String id = containers.create(admin, specs.build()).id();
    containers.start(admin, id);
    return id;
  }

  private Container get(String id) {
    return containers.inspect(admin, id);
  }

  /** The server is killed: whatever it knew in memory is gone, its watchers with it. */
  private void die() {
    for (Cell cell : List.copyOf(inventory.all())) {
      cell.locked(() -> {
        cell.run = null;
        cell.cancelPendingRestart();
        inventory.drop(cell);
      });
    }
  }

  private void comeBack() {
    reconciler.load();
    reconciler.reconcile();
  }

  private static void eventually(BooleanSupplier claim) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!claim.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "it did not come true within 10 s");
      LockSupport.parkNanos(5_000_000);
    }
  }

  private void awaitEndInKernel(String id) {
    eventually(() -> sandboxes.exit(id).isPresent());
  }

  @Test
  void findsRunningContainersAsTheyWere() throws Exception {
    String id = run(Specs.of("sleep", "60").named("web").publishing("80/tcp", "8077"));
    Container before = get(id);

    die();
    comeBack();

    assertEquals(before, get("web"));
    containers.kill(admin, "web", "KILL");
    assertEquals(137, containers.wait(admin, id, WaitCondition.NOT_RUNNING).get(5, TimeUnit.SECONDS).exitCode());
  }

  @Test
  void keepsAPausedContainerPaused() {
    String id = run(Specs.of("sleep", "60"));
    containers.pause(admin, id);

    die();
    comeBack();

    assertEquals(ContainerState.PAUSED, get(id).state());
    containers.unpause(admin, id);
    assertEquals(ContainerState.RUNNING, get(id).state());
  }

  @Test
  void learnsTheTrueExitCodeOfAnEndThatItMissed() {
    String id = run(Specs.shell("sleep 0.1; exit 9"));
    die();
    awaitEndInKernel(id);

    comeBack();

    eventually(() -> get(id).state() == ContainerState.EXITED);
    assertEquals(9, get(id).exitCode());
    assertTrue(get(id).isEndKnown());
  }

  @Test
  void saysThatAnEndIsUnknownAfterAPowerCut() {
    String id = run(Specs.of("sleep", "60"));
    die();
    kernel.loseAllProcesses();
    sandboxes.logs(id).resolve("exit").toFile().delete();

    comeBack();

    eventually(() -> get(id).state() == ContainerState.EXITED);
    assertFalse(get(id).isEndKnown());
    assertEquals(255, get(id).exitCode());
    assertTrue(containers.start(admin, id), "it can be started again");
  }

  @Test
  void appliesRestartPoliciesOnce() {
    String always = run(Specs.shell("sleep 0.1; exit 1").restarting("always", 0));
    String unless = run(Specs.of("sleep", "60").restarting("unless-stopped", 0));
    containers.stop(admin, unless, null, 0);
    String plain = run(Specs.shell("exit 1"));
    eventually(() -> get(plain).state() == ContainerState.EXITED);
    die();
    awaitEndInKernel(always);

    comeBack();

    eventually(() -> get(always).restartCount() >= 1);
    assertEquals(ContainerState.EXITED, get(unless).state());
    assertEquals(ContainerState.EXITED, get(plain).state());
  }

  @Test
  void startsContainersOfPolicyAlwaysWithTheServer() {
    String id = run(Specs.of("sleep", "60").restarting("always", 0));
    containers.stop(admin, id, null, 0);
    die();

    comeBack();

    eventually(() -> get(id).state() == ContainerState.RUNNING);
  }

  @Test
  void adoptsAStartThatTheCrashCutOff() {
    String id = containers.create(admin, Specs.of("sleep", "60").publishing("80/tcp", "").build()).id();
    Cell cell = inventory.find(admin, id);
    SandboxSpec spec =
        new SandboxSpec(
            id, cell.facts().plan().layers(), List.of("sleep", "60"), List.of(), "/", "", List.of(), "h", "", "", "", new SandboxSpec.Network.None(), SandboxSpec.Limits.none(), 0,
            new SandboxSpec.Flags(false, false, false, false, false, false, false, false, false, false, false), List.of(), List.of(), List.of(), 0, 1 << 20, 2, null, null, 0, 0);
    Sandboxes.Started started = sandboxes.start(spec);
    die();

    comeBack();

    assertEquals(ContainerState.RUNNING, get(id).state());
    assertEquals(started.pid(), get(id).pid());
    assertEquals(List.of("create", "adopt"), containers.timeline(admin, id).stream().map(Moment::what).toList());
    assertEquals(1, get(id).ports().size());
  }

  @Test
  void removesAContainerWithRmThatEndedMeanwhile() {
    Specs specs = Specs.shell("sleep 0.1");
    specs.isRemovedAtExit = true;
    String id = run(specs);
    die();
    awaitEndInKernel(id);

    comeBack();

    eventually(() -> sandboxes.list().stream().noneMatch(each -> each.container().equals(id)));
    assertThrows(TallymanException.class, () -> get(id));
  }

  @Test
  void finishesARemovalThatTheCrashCutOff() {
    String id = run(Specs.shell("exit 0"));
    eventually(() -> get(id).state() == ContainerState.EXITED);
    Facts facts = inventory.find(admin, id).facts();
    die();
    QuarkusTransaction.requiringNew().run(() -> store.update(facts.with(facts.status().with(ContainerState.REMOVING).removed(Instant.now()))));

    comeBack();

    assertTrue(sandboxes.list().stream().noneMatch(each -> each.container().equals(id)));
    assertThrows(TallymanException.class, () -> get(id));
  }

  private SandboxSpec stranger(String id, String... command) {
    kernel.addLayer("d".repeat(64));
    return new SandboxSpec(
        id, List.of("d".repeat(64)), List.of(command), List.of(), "/", "", List.of(), "h", "", "", "", new SandboxSpec.Network.None(), SandboxSpec.Limits.none(), 0,
        new SandboxSpec.Flags(false, false, false, false, false, false, false, false, false, false, false), List.of(), List.of(), List.of(), 0, 1 << 20, 2, null, null, 0, 0);
  }

  @Test
  void showsWhatBelongsToNobodyAndLeavesItAlone() {
    String stranger = "e".repeat(64);
    sandboxes.start(stranger(stranger, "sleep", "60"));

    reconciler.reconcile();

    Reconciler.Orphan orphan = reconciler.orphans(admin).stream().filter(each -> each.id().equals(stranger)).findFirst().orElseThrow();
    assertTrue(orphan.isRunning());
    assertTrue(sandboxes.list().stream().anyMatch(each -> each.container().equals(stranger) && each.isRunning()));
    TallymanException denied = assertThrows(TallymanException.class, () -> reconciler.removeOrphan(accounts.caller(Role.MEMBER), stranger));
    assertEquals(ErrorKind.DENIED, denied.kind());
    reconciler.removeOrphan(admin, stranger);
    assertTrue(sandboxes.list().stream().noneMatch(each -> each.container().equals(stranger)));
    assertThrows(TallymanException.class, () -> reconciler.removeOrphan(admin, stranger));
  }

  @Test
  void removesWhatACreationThatTheCrashCutOffHasPrepared() {
    String half = "a".repeat(64);
    String changed = "b".repeat(64);
    sandboxes.prepare(half);
    sandboxes.prepare(changed);
    sandboxes.put(changed, List.of(), "/", "", false, new ByteArrayInputStream(oneFolder()));

    reconciler.reconcile();

    List<String> kept = sandboxes.list().stream().map(Sandboxes.Known::container).toList();
    assertFalse(kept.contains(half));
    assertTrue(reconciler.orphans(admin).stream().noneMatch(each -> each.id().equals(half)));
    assertTrue(kept.contains(changed), "somebody copied something into it");
    reconciler.removeOrphan(admin, changed);
  }

  @Test
  void leavesAStrangerAloneThatHasEnded() {
    String stranger = "c".repeat(64);
    sandboxes.start(stranger(stranger, "true"));
    awaitEndInKernel(stranger);

    reconciler.reconcile();

    reconciler.removeOrphan(admin, stranger);
  }

  private static byte[] oneFolder() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      tar.putArchiveEntry(new TarArchiveEntry("folder/"));
      tar.closeArchiveEntry();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private String limited(String name) {
    Specs specs = Specs.of("sleep", "60").named(name);
    specs.special = new SpecialOptions("", "", "", "", List.of(), List.of(), null, null, Map.of(), List.of(), List.of(), false, null, "", List.of(), Map.of("size", "1m"));
    return run(specs);
  }

  @Test
  void setsTheLimitsOfWritableLayersAgain() {
    kernel.hasProjectQuotas = true;
    String id = limited("limited");
    kernel.loseLimits();

    die();
    comeBack();

    assertEquals(1 << 20, kernel.limitOf(id));
  }

  @Test
  void tellsWhichLimitsOfWritableLayersAreNotKept() {
    kernel.hasProjectQuotas = true;
    String id = limited("limited");
    run(Specs.of("sleep", "60").named("other"));
    kernel.hasProjectQuotas = false;
    die();

    try (Logged logged = Logged.of(Reconciler.class)) {
      comeBack();

      assertEquals(1, logged.with("is not kept").size(), "one has a limit");
      assertTrue(logged.with("is not kept").get(0).startsWith("the size limit of container limited (" + id + ")"), logged.with("").toString());
    }
    assertEquals(ContainerState.RUNNING, get(id).state());
  }

  @Test
  void givesTheSameResultHoweverOftenItRuns() {
    String up = run(Specs.of("sleep", "60"));
    String down = run(Specs.shell("exit 3"));
    eventually(() -> get(down).state() == ContainerState.EXITED);
    Container before = get(up);

    for (int i = 0; i < 10; i++) {
      die();
      comeBack();
    }

    assertEquals(before, get(up));
    assertEquals(3, get(down).exitCode());
    assertEquals(3, containers.timeline(admin, down).size());
  }
}
