package dev.tallyman.health;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.audit.AuditTrail.AuditFilter;
import dev.tallyman.container.Container;
import dev.tallyman.container.ContainerSpec;
import dev.tallyman.container.ContainerState;
import dev.tallyman.container.Containers;
import dev.tallyman.container.Containers.ContainerFilter;
import dev.tallyman.container.HealthStatus;
import dev.tallyman.container.LifeOptions;
import dev.tallyman.event.Event;
import dev.tallyman.event.Events;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.ImageConfig.Healthcheck;
import dev.tallyman.kernel.SandboxSpec.Limits;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestImages;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class HealthChecksTest {
  private static final long MILLISECOND = 1_000_000;
  @Inject Containers containers;
  @Inject Events events;
  @Inject AuditTrail audit;
  @Inject TestAccounts accounts;
  @Inject TestImages images;
  private final List<Event> heard = new CopyOnWriteArrayList<>();
  private AutoCloseable subscription;
  private Caller admin;

  @BeforeEach
  void prepare() {
    admin = accounts.admin();
    images.busybox();
    subscription = events.subscribe(heard::add);
  }

  @AfterEach
  void removeAll() throws Exception {
    subscription.close();
    containers.list(admin, ContainerFilter.all()).forEach(each -> containers.remove(admin, each.id(), true, true));
  }

  private static void eventually(BooleanSupplier claim) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!claim.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "it did not come true within 10 s");
      LockSupport.parkNanos(5 * MILLISECOND);
    }
  }

  private String run(LifeOptions life) {
    String id = containers.create(admin, ContainerSpec.of("", "busybox", List.of("sh", "-c", "trap 'exit 0' TERM; sleep 60")).with(life)).id();
    containers.start(admin, id);
    return id;
  }

  private static Healthcheck every(int millis, int retries, String... test) {
    return new Healthcheck(List.of(test), millis * MILLISECOND, 0, 0, 0, retries);
  }

  private Container get(String id) {
    return containers.inspect(admin, id);
  }

  private List<String> heardOf(String id, String action) {
    return heard.stream().filter(each -> each.id().equals(id) && each.action().startsWith(action)).map(Event::action).toList();
  }

  @Test
  void aContainerBecomesHealthy() {
    String id = run(LifeOptions.of(every(50, 1, "CMD-SHELL", "echo fine")));
    assertEquals(HealthStatus.STARTING, get(id).healthStatus());

    eventually(() -> get(id).healthStatus() == HealthStatus.HEALTHY);

    assertEquals("fine\n", get(id).health().log().get(0).output());
    eventually(() -> get(id).health().log().size() == 5);
    assertEquals(List.of("health_status: healthy"), heardOf(id, "health_status"));
    assertTrue(heardOf(id, "exec_create").get(0).startsWith("exec_create: /bin/sh -c echo fine"));
    assertEquals(1, containers.list(admin, new ContainerFilter(true, false, 0, Map.of("health", List.of("healthy")))).size());
    assertEquals(0, containers.list(admin, new ContainerFilter(true, false, 0, Map.of("health", List.of("none")))).size());
    containers.stop(admin, id, null, 0);
    assertEquals(HealthStatus.UNHEALTHY, get(id).healthStatus());
  }

  @Test
  void aCheckThatTakesTooLongIsKilled() {
    String id = run(LifeOptions.of(new Healthcheck(List.of("CMD", "sleep", "60"), 50 * MILLISECOND, 100 * MILLISECOND, 0, 0, 1)));

    eventually(() -> get(id).healthStatus() == HealthStatus.UNHEALTHY);

    assertEquals(-1, get(id).health().log().get(0).exitCode());
    assertEquals("Health check exceeded timeout (100ms)", get(id).health().log().get(0).output());
  }

  @Test
  void aCommandThatDoesNotExistIsAFailure() {
    String id = run(LifeOptions.of(every(50, 2, "CMD", "nosuch")));

    eventually(() -> get(id).healthStatus() == HealthStatus.UNHEALTHY);

    assertEquals(-1, get(id).health().log().get(0).exitCode());
    assertTrue(get(id).health().log().get(0).output().contains("nosuch"));
  }

  @Test
  void outputIsCut() {
    String id = run(LifeOptions.of(every(50, 1, "CMD", "seq", "5000")));

    eventually(() -> get(id).healthStatus() == HealthStatus.HEALTHY);

    String output = get(id).health().log().get(0).output();
    assertEquals(CappedOutput.MAX_BYTES + 3, output.length());
    assertTrue(output.endsWith("..."));
  }

  @Test
  void aPausedContainerIsNotChecked() {
    String id = run(LifeOptions.of(every(50, 1, "CMD", "true")));
    eventually(() -> get(id).healthStatus() == HealthStatus.HEALTHY);
    containers.pause(admin, id);
    LockSupport.parkNanos(300 * MILLISECOND);
    assertEquals(HealthStatus.HEALTHY, get(id).healthStatus());
    int before = get(id).health().log().size();
    containers.unpause(admin, id);

    eventually(() -> before == 5 || get(id).health().log().size() > before);
  }

  @Test
  void anUnhealthyContainerIsRestartedIfThatIsWanted() {
    String id = run(new LifeOptions(every(50, 1, "CMD", "false"), "restart", ""));
    var first = get(id).startedAt();

    eventually(() -> !first.equals(get(id).startedAt()) && get(id).state() == ContainerState.RUNNING);

    assertTrue(audit.list(admin, AuditFilter.newest(50)).stream().anyMatch(row -> row.action().equals("container.health action") && row.detail().startsWith("restart, unhealthy: 1 ")));
  }

  @Test
  void anUnhealthyContainerIsKilledIfThatIsWanted() {
    String id = run(new LifeOptions(every(50, 2, "CMD", "false"), "kill", ""));

    eventually(() -> get(id).state() == ContainerState.EXITED);

    assertEquals(137, get(id).exitCode());
    assertEquals("unhealthy: 2 health checks failed one after the other", get(id).error());
    eventually(() -> heardOf(id, "die").size() == 1);
  }

  @Test
  void oneThatWaitsForItsRestartIsKilledToo() {
    String id = containers.create(admin, ContainerSpec.of("", "busybox", List.of("sh", "-c", "exit 1"))).id();
    containers.update(admin, id, Limits.none(), new ContainerSpec.RestartPolicy("always", 0));
    containers.start(admin, id);
    eventually(() -> get(id).state() == ContainerState.RESTARTING && get(id).restartCount() >= 3);

    containers.kill(admin, id, "");

    assertEquals(ContainerState.EXITED, get(id).state());
    assertEquals(List.of("9"), heard.stream().filter(each -> each.id().equals(id) && each.action().equals("kill")).map(each -> each.attributes().get("signal")).toList());
  }

  @Test
  void aMaximumRunTimeEndsAContainer() {
    String id = run(new LifeOptions(null, "", "1s"));
    assertEquals("", get(id).error());

    eventually(() -> get(id).state() == ContainerState.EXITED);

    assertEquals("stopped: its maximum run time of 1s is over", get(id).error());
    eventually(() -> heard.stream().anyMatch(each -> each.id().equals(id) && each.action().equals("stop") && each.attributes().get("reason").contains("1s is over")));
    assertTrue(containers.timeline(admin, id).stream().anyMatch(each -> each.what().equals("stop") && each.detail().endsWith("1s is over")));
    containers.start(admin, id);
    assertEquals("", get(id).error());
    containers.stop(admin, id, null, 0);
    assertNull(get(id).health());
  }

  @Test
  void restTakesAndShowsIt() {
    String token = accounts.token(Role.MEMBER);
    String id =
        given().header("X-Tallyman-Token", token).contentType(ContentType.JSON)
            .body(
                """
                {"image":"busybox","command":["sleep","60"],"maxRuntime":"1h",
                 "healthcheck":{"shell":"echo ok","interval":"50ms","retries":2,"onUnhealthy":"stop"}}
                """)
            .post("/api/v1/containers").then().statusCode(201).extract().path("id");
    given().header("X-Tallyman-Token", token).post("/api/v1/containers/" + id + "/start").then().statusCode(200).body("life.maxRuntimeSeconds", equalTo(3600));

    eventually(() -> get(id).healthStatus() == HealthStatus.HEALTHY);

    given().header("X-Tallyman-Token", token).get("/api/v1/containers/" + id + "/health").then().statusCode(200)
        .body("status", equalTo("healthy")).body("checks.output", hasItem("ok\n")).body("onUnhealthy", equalTo("stop"));
    for (String wrong : List.of("{\"command\":[\"a\"],\"shell\":\"b\"}", "{\"shell\":\"a\",\"interval\":\"soon\"}", "{\"shell\":\"a\",\"onUnhealthy\":\"reboot\"}")) {
      given().header("X-Tallyman-Token", token).contentType(ContentType.JSON).body("{\"image\":\"busybox\",\"healthcheck\":" + wrong + "}").post("/api/v1/containers").then().statusCode(400);
    }
    given().header("X-Tallyman-Token", token).contentType(ContentType.JSON).body("{\"image\":\"busybox\",\"maxRuntime\":\"never\"}").post("/api/v1/containers").then().statusCode(400);
  }

  @Test
  void whoWaitsSeesTheEndOfEachRunAndRemovalEndsTheBackoff() throws Exception {
    ContainerSpec plain = ContainerSpec.of("", "busybox", List.of("sh", "-c", "exit 3"));
    String id = containers.create(admin, plain.with(LifeOptions.none())).id();
    containers.update(admin, id, dev.tallyman.kernel.SandboxSpec.Limits.none(), new ContainerSpec.RestartPolicy("always", 0));
    var end = containers.wait(admin, id, Containers.WaitCondition.NEXT_EXIT);
    containers.start(admin, id);
    assertEquals(3, end.get(10, TimeUnit.SECONDS).exitCode());
    assertEquals(3, containers.wait(admin, id, Containers.WaitCondition.NOT_RUNNING).get(10, TimeUnit.SECONDS).exitCode());
    eventually(() -> get(id).restartCount() >= 2 && get(id).state() == ContainerState.RESTARTING);
    var gone = containers.wait(admin, id, Containers.WaitCondition.REMOVED);

    containers.remove(admin, id, true, false);

    assertEquals(3, gone.get(10, TimeUnit.SECONDS).exitCode());
    List<String> told = heard.stream().filter(each -> each.id().equals(id)).map(Event::action).toList();
    assertEquals("destroy", told.get(told.size() - 1));
    assertTrue(told.contains("update"));
  }

  @Test
  void writesDurationsAsGoDoes() {
    assertEquals("30s", GoDuration.text(Duration.ofSeconds(30)));
    assertEquals("1m30s", GoDuration.text(Duration.ofSeconds(90)));
    assertEquals("1m0s", GoDuration.text(Duration.ofSeconds(60)));
    assertEquals("1.5s", GoDuration.text(Duration.ofMillis(1500)));
    assertEquals("500ms", GoDuration.text(Duration.ofMillis(500)));
    assertEquals("1h0m0s", GoDuration.text(Duration.ofHours(1)));
  }
}
