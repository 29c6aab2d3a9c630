package dev.tallyman.container;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import dev.tallyman.container.Containers.ContainerFilter;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestImages;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The REST API of containers, their commands and networks. */
@QuarkusTest
class ContainerResourceTest {
  private static final String AT = "/api/v1/containers";
  @Inject Containers containers;
  @Inject TestAccounts accounts;
  @Inject TestImages images;
  private String token;

  @BeforeEach
  void prepare() {
    images.busybox();
    token = accounts.token(Role.MEMBER);
  }

  @AfterEach
  void removeAll() {
    containers.list(accounts.admin(), ContainerFilter.all()).forEach(each -> containers.remove(accounts.admin(), each.id(), true, true));
  }

  private RequestSpecification api() {
    return given().header("X-Tallyman-Token", token).contentType(ContentType.JSON);
  }

  private String create(String name, String command) {
    return api()
        .body("{\"name\":\"" + name + "\",\"image\":\"busybox\",\"command\":[\"sh\",\"-c\",\"" + command + "\"]}")
        .post(AT)
        .then()
        .statusCode(201)
        .header("Location", containsString(AT + "/"))
        .extract()
        .path("id");
  }

  @Test
  void createsWithEveryField() {
    String id =
        api()
            .body(
                """
                {"name":"full","image":"busybox:latest","entrypoint":["sh"],"command":["-c","sleep 60"],"env":{"A":"1"},"workingDir":"/srv","user":"1000","labels":{"tier":"front"},
                 "hostname":"web","tty":true,"openStdin":true,"stopSignal":"SIGINT","stopTimeoutSeconds":3,"ports":[{"containerPort":80,"hostPort":8066},{"containerPort":53,"protocol":"udp"}],
                 "publishAllPorts":false,"network":"bridge","dns":["10.0.0.53"],"extraHosts":{"db":"10.1.2.3"},"memory":"64m","cpus":0.5,"pids":100,
                 "restart":{"policy":"on-failure","maximumRetries":3},"removeAtExit":false,"init":true,"readOnly":true,"privileged":false,"addCapabilities":["SYS_PTRACE"],
                 "dropCapabilities":["KILL"],"securityOptions":["no-new-privileges"],"sysctls":{"net.core.somaxconn":"128"},"tmpfs":{"/run":"size=1m"},
                 "ulimits":[{"name":"nofile","soft":100,"hard":200}],"sharedMemory":"32m","log":{"max-size":"1m"}}""")
            .post(AT)
            .then()
            .statusCode(201)
            .body("warnings", hasSize(0))
            .extract()
            .path("id");

    api()
        .get(AT + "/full")
        .then()
        .statusCode(200)
        .body("id", equalTo(id))
        .body("state", equalTo("CREATED"))
        .body("path", equalTo("sh"))
        .body("args", equalTo(List.of("-c", "sleep 60")))
        .body("env", hasItem("A=1"))
        .body("user", equalTo("1000"))
        .body("spec.limits.memoryBytes", equalTo(64 << 20))
        .body("spec.limits.cpuQuotaMicros", equalTo(50_000))
        .body("spec.isReadOnly", is(true))
        .body("spec.restart.maximumRetries", equalTo(3))
        .body("endpoint", nullValue());
    api().post(AT + "/full/start").then().statusCode(200).body("state", equalTo("RUNNING")).body("ports", hasSize(2)).body("endpoint.networkName", equalTo("bridge"));
  }

  @Test
  void mountsAnotherImage() {
    String id =
        api().body("{\"name\":\"tooled\",\"image\":\"busybox:latest\",\"command\":[\"sleep\",\"9\"],\"mounts\":{\"mounts\":[{\"type\":\"image\",\"source\":\"busybox:latest\",\"target\":\"/opt/x\",\"subpath\":\"./bin\"}]}}")
            .post(AT).then().statusCode(201).extract().path("id");

    api().get(AT + "/" + id).then().statusCode(200).body("mounts[0].type", equalTo("image")).body("mounts[0].name", equalTo("busybox:latest")).body("mounts[0].target", equalTo("/opt/x"))
        .body("mounts[0].subpath", equalTo("bin")).body("mounts[0].isWritable", is(false)).body("mounts[0].image.id", containsString("sha256:"));
    api().body("{\"name\":\"toolless\",\"image\":\"busybox:latest\",\"mounts\":{\"mounts\":[{\"type\":\"image\",\"source\":\"no-such-tools\",\"target\":\"/opt\"}]}}")
        .post(AT).then().statusCode(404).body("detail", containsString("No such image: no-such-tools:latest"));
    api().body("{\"name\":\"toolless\",\"image\":\"busybox:latest\",\"mounts\":{\"mounts\":[{\"type\":\"image\",\"source\":\"busybox:latest\",\"target\":\"/opt\",\"subpath\":\"../x\"}]}}")
        .post(AT).then().statusCode(400).body("detail", containsString("subpath must be a relative path"));
  }

  @Test
  void createsWithTheRarerOptions() {
    api()
        .body(
            """
            {"name":"rare","image":"busybox:latest","command":["true"],"logDriver":"none","fineLimits":{"cpusetMems":"0","blockLimits":[{"kind":"READ_BYTES","device":"/dev/sda","value":1024}]},
             "special":{"ipcMode":"shareable","devices":[{"onHost":"/dev/kvm"}],"annotations":{"a":"b"}},"securityOptions":["seccomp={\\"defaultAction\\":\\"SCMP_ACT_ALLOW\\"}"]}""")
        .post(AT)
        .then()
        .statusCode(201);

    api()
        .get(AT + "/rare")
        .then()
        .statusCode(200)
        .body("spec.special.ipcMode", equalTo("shareable"))
        .body("spec.special.devices[0].inContainer", equalTo("/dev/kvm"))
        .body("spec.special.devices[0].access", equalTo("rwm"))
        .body("spec.limits.fine.blockLimits[0].value", equalTo(1024))
        .body("spec.logDriver", equalTo("none"));
    api().get(AT + "/rare/logs").then().statusCode(501);
    api().body("{\"fineLimits\":{\"cpusetMems\":\"0\",\"swappiness\":5}}").patch(AT + "/rare").then().statusCode(200).body("spec.limits.fine.swappiness", equalTo(5));
  }

  @Test
  void limitsMemorySwapAndProcessors() {
    api()
        .body(
            """
            {"name":"bounded","image":"busybox:latest","command":["true"],"memory":"64m","memorySwap":"128m","memoryReservation":"32m","cpus":0.5,"cpuShares":512,"cpuset":"0","pids":20}""")
        .post(AT)
        .then()
        .statusCode(201);
    api()
        .get(AT + "/bounded")
        .then()
        .body("spec.limits.memorySwapBytes", equalTo(128 << 20))
        .body("spec.limits.memoryReservationBytes", equalTo(32 << 20))
        .body("spec.limits.cpuShares", equalTo(512))
        .body("spec.limits.cpuset", equalTo("0"));

    api().body("{\"memorySwap\":\"-1\",\"cpuShares\":2048}").patch(AT + "/bounded").then().statusCode(200).body("spec.limits.memorySwapBytes", equalTo(-1)).body("spec.limits.cpuset", equalTo("0"));
    for (String body : List.of("\"cpuset\":\"../0\"", "\"cpuset\":\"9999\"", "\"cpuShares\":1", "\"memorySwap\":\"much\"", "\"memorySwap\":\"-2\"", "\"memoryReservation\":\"1g\"")) {
      api().body("{" + body + "}").patch(AT + "/bounded").then().statusCode(400);
      api().body("{\"name\":\"unbounded\",\"image\":\"busybox\",\"command\":[\"true\"],\"memory\":\"64m\"," + body + "}").post(AT).then().statusCode(400);
    }
    api().body("{\"cpus\":-1,\"pids\":-1}").patch(AT + "/bounded").then().statusCode(200).body("spec.limits.cpuQuotaMicros", equalTo(-1)).body("spec.limits.pids", equalTo(-1));
    api().body("{\"pids\":20}").patch(AT + "/bounded").then().statusCode(200).body("spec.limits.cpuQuotaMicros", equalTo(-1)).body("spec.limits.pids", equalTo(20));
    api().body("{\"pids\":0}").patch(AT + "/bounded").then().statusCode(200).body("spec.limits.pids", equalTo(-1));
    api().body("{\"name\":\"zero\",\"image\":\"busybox\",\"command\":[\"true\"],\"pids\":0}").post(AT).then().statusCode(201);
    api().get(AT + "/zero").then().body("spec.limits.pids", equalTo(0)); // as when nothing is said: the usual limit, not none
    api().body("{\"cpus\":-2}").patch(AT + "/bounded").then().statusCode(400);
    api().get(AT + "/bounded").then().body("spec.limits.cpuShares", equalTo(2048)).body("spec.limits.memoryReservationBytes", equalTo(32 << 20));
    api().get(AT + "/unbounded").then().statusCode(404);
  }

  @Test
  void refusesRarerOptionsThatMakeNoSense() {
    for (String body :
        List.of(
            "\"special\":{\"pidMode\":\"host\"}", "\"special\":{\"pidMode\":\"container:nobody\"}", "\"special\":{\"devices\":[{\"onHost\":\"/etc/passwd\"}]}",
            "\"special\":{\"deviceRules\":[\"x\"]}", "\"special\":{\"maskedPaths\":[\"relative\"]}", "\"fineLimits\":{\"blockWeight\":5}",
            "\"securityOptions\":[\"seccomp={}\"]", "\"logDriver\":\"paper\"")) {
      api().body("{\"name\":\"odd\",\"image\":\"busybox\",\"command\":[\"true\"]," + body + "}").post(AT).then().statusCode(400);
    }
    api().get(AT + "/odd").then().statusCode(404);
  }

  @Test
  void leadsAContainerThroughItsLife() {
    String id = create("life", "trap 'exit 4' TERM; while true; do sleep 1; done");
    api().post(AT + "/life/start").then().statusCode(200).body("pid", greaterThan(0));
    api().post(AT + "/life/pause").then().statusCode(204);
    api().get(AT + "?status=paused").then().statusCode(200).body("id", equalTo(List.of(id)));
    api().post(AT + "/life/pause").then().statusCode(409).body("detail", containsString("already paused"));
    api().post(AT + "/life/unpause").then().statusCode(204);
    api().get(AT + "/life/processes").then().statusCode(200).body("titles", hasItem("PID")).body("processes", hasSize(1));
    api().post(AT + "/life/restart?timeout=0").then().statusCode(200).body("state", equalTo("RUNNING"));
    api().post(AT + "/life/wait?timeout=1").then().statusCode(200).body("hasEnded", is(false)).body("exitCode", nullValue());
    api().post(AT + "/life/kill?signal=KILL").then().statusCode(204);
    api().post(AT + "/life/wait").then().statusCode(200).body("hasEnded", is(true)).body("exitCode", equalTo(137));
    api().post(AT + "/life/stop").then().statusCode(204);
    api().body("{\"name\":\"renamed\",\"memory\":\"32m\",\"restart\":{\"policy\":\"always\"}}").patch(AT + "/life").then().statusCode(200).body("name", equalTo("renamed"));
    api().delete(AT + "/renamed").then().statusCode(204);
    api().get(AT + "/renamed").then().statusCode(404).contentType("application/problem+json").body("detail", equalTo("No such container: renamed"));
    api().get(AT + "/" + id + "/timeline").then().statusCode(200).body("what", hasItems("create", "start", "pause", "unpause", "restart", "die", "kill", "update", "rename", "remove"));
    api().get(AT + "?removed=true").then().statusCode(200).body("find { it.id == '" + id + "' }.state", equalTo("REMOVED"));
  }

  @Test
  void listsAndPrunes() {
    create("one", "sleep 60");
    create("two", "sleep 60");
    api().post(AT + "/two/start").then().statusCode(200);

    api().get(AT).then().statusCode(200).body("name", equalTo(List.of("two")));
    api().get(AT + "?all=true").then().statusCode(200).body("name", equalTo(List.of("two", "one")));
    api().get(AT + "?limit=1").then().statusCode(200).body("", hasSize(1));
    api().get(AT + "?all=true&name=on&image=busybox").then().statusCode(200).body("name", everyItem(equalTo("one")));
    api().get(AT + "?status=wild").then().statusCode(400);
    api().get(AT + "?limit=-1").then().statusCode(400);
    api().post(AT + "/prune").then().statusCode(200).body("ids", hasSize(1));
    api().get(AT + "?all=true").then().body("name", equalTo(List.of("two")));
  }

  @Test
  void runsCommands() {
    create("host", "sleep 60");
    api().body("{\"command\":[\"true\"]}").post(AT + "/host/exec").then().statusCode(409).body("detail", containsString("is not running"));
    api().post(AT + "/host/start").then().statusCode(200);

    api()
        .body("{\"command\":[\"sh\",\"-c\",\"echo $WHO; echo bad >&2; exit 3\"],\"env\":{\"WHO\":\"me\"}}")
        .post(AT + "/host/exec")
        .then()
        .statusCode(200)
        .body("exitCode", equalTo(3))
        .body("output", equalTo("me\n"))
        .body("errors", equalTo("bad\n"))
        .body("isCut", is(false));
    api().body("{\"command\":[\"yes\"],\"timeoutSeconds\":1}").post(AT + "/host/exec").then().statusCode(200).body("isCut", is(true)).body("exitCode", nullValue());
    api().body("{\"command\":[\"true\"],\"detach\":true}").post(AT + "/host/exec").then().statusCode(200).body("exitCode", nullValue());
    api().body("{\"command\":[\"nosuch\"]}").post(AT + "/host/exec").then().statusCode(400).body("detail", containsString("nosuch"));
    api().body("{\"command\":[]}").post(AT + "/host/exec").then().statusCode(400).body("detail", equalTo("No exec command specified"));
    api().body("{}").post(AT + "/host/exec").then().statusCode(400).body("detail", containsString("'command' is missing"));
    api().body("{\"command\":[\"true\"],\"workingDir\":\"x\"}").post(AT + "/host/exec").then().statusCode(400);
    api().body("{\"command\":[\"true\"]}").post(AT + "/nobody/exec").then().statusCode(404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}|400|image' is missing", "{\"image\":\"nowhere\"}|404|No such image", "{\"image\":\"busybox\",\"name\":\"a b\"}|400|Invalid container name",
        "{\"image\":\"busybox\",\"magic\":1}|400|magic", "{\"image\":\"busybox\",\"memory\":\"much\"}|400|invalid size", "{\"image\":\"busybox\",\"memory\":\"1k\"}|400|6MB",
        "{\"image\":\"busybox\",\"cpus\":0}|400|cpus", "{\"image\":\"busybox\",\"ports\":[{}]}|400|containerPort", "{\"image\":\"busybox\",\"env\":{\"A\":null}}|400|null",
        "{\"image\":\"busybox\",\"command\":[null]}|400|null", "{\"image\":\"busybox\",\"network\":\"moon\"}|400|network moon not found", "{\"image\"|400|JSON",
        "{\"image\":\"busybox\",\"restart\":{\"policy\":\"maybe\"}}|400|unknown policy"
      })
  void refusesBadBodies(String body, int status, String text) {
    api().body(body).post(AT).then().statusCode(status).contentType("application/problem+json").body("detail", containsString(text));
    api().get(AT + "?all=true").then().body("", hasSize(0));
  }

  @Test
  void refusesBadParameters() {
    create("pp", "sleep 60");
    api().post(AT + "/pp/wait?condition=never").then().statusCode(400);
    api().post(AT + "/pp/wait?timeout=0").then().statusCode(400);
    api().post(AT + "/pp/wait?timeout=x").then().statusCode(400);
    api().post(AT + "/pp/stop?timeout=x").then().statusCode(400);
    api().post(AT + "/pp/kill?signal=NOPE").then().statusCode(400).body("detail", containsString("invalid signal"));
    api().post(AT + "/pp/kill").then().statusCode(409);
    api().get(AT + "/pp/processes").then().statusCode(409);
    api().get(AT + "/nobody/timeline").then().statusCode(404);
    api().post(AT + "/prune?until=soon").then().statusCode(400);
    api().patch(AT + "/pp").then().statusCode(400);
    api().delete(AT + "/nobody").then().statusCode(404);
    api().post(AT + "/pp/start").then().statusCode(200);
    api().delete(AT + "/pp").then().statusCode(409).body("detail", containsString("container is running"));
    api().delete(AT + "/pp?force=true").then().statusCode(204);
  }

  @Test
  void refusesViewersAndStrangers() {
    create("guarded", "sleep 60");
    RequestSpecification viewer = given().header("X-Tallyman-Token", accounts.token(Role.VIEWER)).contentType(ContentType.JSON);

    given().spec(viewer).get(AT + "/guarded").then().statusCode(200);
    given().spec(viewer).post(AT + "/guarded/start").then().statusCode(403).body("detail", containsString("cannot start container guarded"));
    given().spec(viewer).body("{\"command\":[\"true\"]}").post(AT + "/guarded/exec").then().statusCode(403);
    given().spec(viewer).get("/api/v1/system/orphans").then().statusCode(403);
    given().spec(viewer).delete("/api/v1/system/orphans/" + "a".repeat(64)).then().statusCode(403);
    given().get(AT).then().statusCode(401);
  }

  @Test
  void showsNetworksAndOrphans() {
    create("netted", "sleep 60");
    String id = api().post(AT + "/netted/start").then().statusCode(200).extract().path("id");

    api().get("/api/v1/networks").then().statusCode(200).body("name", equalTo(List.of("bridge", "host", "none")));
    api().get("/api/v1/networks/bridge").then().statusCode(200).body("subnet", equalTo("10.88.0.0/16")).body("gateway", equalTo("10.88.0.1")).body("endpoints.containerId", hasItem(id));
    api().get("/api/v1/networks/moon").then().statusCode(404).body("detail", equalTo("network moon not found"));
    api().post(AT + "/netted/kill").then().statusCode(204);
    api().get("/api/v1/networks/bridge").then().body("endpoints.containerId", not(hasItem(id)));
    given().header("X-Tallyman-Token", accounts.adminToken()).get("/api/v1/system/orphans").then().statusCode(200);
    given().header("X-Tallyman-Token", accounts.adminToken()).delete("/api/v1/system/orphans/" + "a".repeat(64)).then().statusCode(404);
  }
}
