package dev.tallyman.network;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Role;
import dev.tallyman.kernel.SandboxSpec;
import dev.tallyman.network.NetworkStore.Row;
import dev.tallyman.testing.FakeKernel;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestImages;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The REST API of networks. */
@QuarkusTest
class NetworkResourceTest {
  private static final String AT = "/api/v1/networks";
  @Inject TestAccounts accounts;
  @Inject TestImages images;
  @Inject FakeKernel kernel;
  @Inject NetworkTable table;
  @Inject NetworkCreation creation;
  private String token;

  @BeforeEach
  void prepare() {
    images.busybox();
    token = accounts.token(Role.MEMBER);
  }

  @AfterEach
  void removeAll() {
    api().delete("/api/v1/containers/netted?force=true");
    api().delete("/api/v1/containers/both?force=true");
    api().post(AT + "/prune");
  }

  private RequestSpecification api() {
    return given().header("X-Tallyman-Token", token).contentType(ContentType.JSON);
  }

  @Test
  void createsShowsAndRemoves() {
    api().body("{\"name\":\"backend\",\"subnet\":\"10.98.0.0/24\",\"gateway\":\"10.98.0.9\",\"range\":\"10.98.0.64/26\",\"auxiliaryAddresses\":{\"p\":\"10.98.0.70\"},\"internal\":true,"
            + "\"isolateContainers\":true,\"masquerade\":false,\"mtu\":1400,\"labels\":{\"a\":\"b\"}}")
        .post(AT).then().statusCode(201).body("id", containsString(""));
    api().get(AT + "/backend").then().statusCode(200).body("subnet", equalTo("10.98.0.0/24")).body("gateway", equalTo("10.98.0.9")).body("isInternal", equalTo(true))
        .body("options.'com.docker.network.driver.mtu'", equalTo("1400")).body("labels.a", equalTo("b")).body("range", equalTo("10.98.0.64/26"));
    api().body("{\"name\":\"backend\"}").post(AT).then().statusCode(409);
    api().get("/api/v1/audit?action=network.create").then().statusCode(200).body("rows.object", hasItem("backend"));
    api().delete(AT + "/backend").then().statusCode(204);
    api().get(AT + "/backend").then().statusCode(404);
    api().get("/api/v1/audit?action=network.remove").then().statusCode(200).body("rows.object", hasItem("backend"));
  }

  @Test
  void makesAModelAndANetworkFromIt() {
    api().body("{\"name\":\"model\",\"configOnly\":true,\"subnet\":\"10.98.7.0/24\",\"mtu\":1400,\"labels\":{\"a\":\"b\"},\"addressOptions\":{\"o\":\"p\"}}").post(AT).then().statusCode(201);
    api().get(AT + "/model").then().statusCode(200).body("configuration.pools[0].subnet", equalTo("10.98.7.0/24")).body("subnet", equalTo("")).body("driver", equalTo("null"))
        .body("addressOptions.o", equalTo("p"));
    api().body("{\"name\":\"fromit\",\"configFrom\":\"model\"}").post(AT).then().statusCode(201);
    api().get(AT + "/fromit").then().statusCode(200).body("configFrom", equalTo("model")).body("subnet", equalTo("10.98.7.0/24")).body("labels.a", equalTo("b"))
        .body("options.'com.docker.network.driver.mtu'", equalTo("1400"));

    api().body("{\"name\":\"own\",\"configFrom\":\"model\",\"subnet\":\"10.98.8.0/24\"}").post(AT).then().statusCode(403).body("detail", containsString("user specified configurations are not supported"));
    api().body("{\"name\":\"netted\",\"image\":\"busybox\",\"network\":\"model\"}").post("/api/v1/containers").then().statusCode(403)
        .body("detail", containsString("configuration-only network model"));
    api().delete(AT + "/model").then().statusCode(403).body("detail", containsString("is in use"));
    api().delete(AT + "/fromit").then().statusCode(204);
    api().delete(AT + "/model").then().statusCode(204);
    api().get("/api/v1/audit?action=network.remove").then().statusCode(200).body("rows.detail", hasItem("configuration only"));
  }

  @Test
  void removesAModelOnce() {
    api().body("{\"name\":\"once\",\"configOnly\":true}").post(AT).then().statusCode(201);
    Row row = table.named(accounts.admin(), "once");
    creation.removeModel(accounts.admin(), row);

    // As the second of two who found it at the same time.
    assertEquals(ErrorKind.NOT_FOUND, assertThrows(TallymanException.class, () -> creation.removeModel(accounts.admin(), row)).kind());
  }

  @Test
  void takesDownWhatNobodyIsOn() {
    String administrator = accounts.token(Role.ADMINISTRATOR);
    api().body("{\"name\":\"used\"}").post(AT).then().statusCode(201);
    api().body("{\"name\":\"idle\"}").post(AT).then().statusCode(201);
    String id = api().body("{\"name\":\"netted\",\"image\":\"busybox\",\"command\":[\"sleep\",\"60\"],\"network\":\"used\"}").post("/api/v1/containers").then().statusCode(201).extract().path("id");
    api().post("/api/v1/containers/" + id + "/start").then().statusCode(200);

    api().post(AT + "/down").then().statusCode(403);
    given().header("X-Tallyman-Token", administrator).post(AT + "/down").then().statusCode(200).body("", hasItem("idle")).body("", not(hasItem("used")));
    given().header("X-Tallyman-Token", administrator).get("/api/v1/audit?action=network.down").then().body("rows.object", hasItem("networks"));

    api().body("{\"network\":\"idle\"}").post("/api/v1/containers/netted/networks").then().statusCode(200);
    api().post("/api/v1/containers/" + id + "/stop?timeout=0").then().statusCode(204);
    given().header("X-Tallyman-Token", administrator).post(AT + "/down").then().statusCode(200).body("", hasItem("idle")).body("", hasItem("used"));
  }

  @Test
  void removesANetworkAsSoonAsItsContainerHasEnded() {
    api().body("{\"name\":\"left\"}").post(AT).then().statusCode(201);
    api().body("{\"name\":\"netted\",\"image\":\"busybox\",\"command\":[\"sleep\",\"60\"],\"network\":\"left\"}").post("/api/v1/containers").then().statusCode(201);
    api().post("/api/v1/containers/netted/start").then().statusCode(200);
    api().delete(AT + "/left").then().statusCode(403);
    api().post("/api/v1/containers/netted/stop?timeout=0").then().statusCode(204);
    api().delete(AT + "/left").then().statusCode(204);
  }

  @Test
  void makesANetworkOfALan() {
    String body = "{\"name\":\"lan\",\"driver\":\"macvlan\",\"parent\":\"eth8\",\"macvlanMode\":\"vepa\",\"subnet\":\"203.0.113.0/24\"}";
    api().body(body).post(AT).then().statusCode(403).body("detail", containsString("macvlan_parents does not allow eth8"));
    kernel.allowParent("eth8");
    api().body(body).post(AT).then().statusCode(201);
    api().get(AT + "/lan").then().statusCode(200).body("driver", equalTo("macvlan")).body("options.parent", equalTo("eth8")).body("options.macvlan_mode", equalTo("vepa"));
    api().body("{\"name\":\"b\",\"parent\":\"eth8\"}").post(AT).then().statusCode(400);
    api().delete(AT + "/lan").then().statusCode(204);
  }

  @Test
  void givesIpv6AndPublishesOnBothFamilies() {
    api().body("{\"name\":\"dual\",\"subnet\":\"10.98.7.0/24\",\"subnet6\":\"fd00:98::/64\",\"gateway6\":\"fd00:98::ff\",\"range6\":\"fd00:98::7:0/112\",\"auxiliaryAddresses6\":{\"printer\":\"fd00:98::7:1\"}}").post(AT).then().statusCode(201);
    api().get(AT + "/dual").then().body("subnet6", equalTo("fd00:98::/64")).body("gateway6", equalTo("fd00:98::ff")).body("range6", equalTo("fd00:98::7:0/112")).body("auxiliaryAddresses6.printer", equalTo("fd00:98::7:1"));
    api().body("{\"name\":\"wrong\",\"gateway6\":\"fd00:98::ff\"}").post(AT).then().statusCode(400).body("detail", containsString("subnet6"));
    api().body("{\"name\":\"both\",\"image\":\"busybox\",\"command\":[\"sleep\",\"60\"],\"network\":\"dual\",\"ports\":[{\"containerPort\":80,\"hostPort\":28080},{\"containerPort\":81,\"hostAddress\":\"FD00:0::5\",\"hostPort\":28081}],"
            + "\"networks\":[{\"network\":\"dual\",\"address6\":\"fd00:98:0::50\"}],\"allowedSources\":[\"fd00::5/8\",\"fd12::/16\",\"10.0.0.0/8\"]}")
        .post("/api/v1/containers").then().statusCode(201);
    String at = "/api/v1/containers/both";
    api().get(at + "/networks").then().body("[0].address6", equalTo("fd00:98::50")).body("[0].gateway6", equalTo("fd00:98::ff")).body("[0].prefix6", equalTo(64));
    api().body("{\"name\":\"second\",\"image\":\"busybox\",\"networks\":[{\"network\":\"dual\",\"address6\":\"fd00:98::50\"}]}").post("/api/v1/containers").then().statusCode(403);
    api().body("{\"name\":\"second\",\"image\":\"busybox\",\"allowedSources\":[\"fd00::/129\"]}").post("/api/v1/containers").then().statusCode(400).body("detail", containsString("fd00::/129"));
    api().post(at + "/start").then().statusCode(200);
    api().get(at).then().body("ports.hostAddress", equalTo(java.util.List.of("0.0.0.0", "::", "fd00::5")));
    SandboxSpec.Network.Bridge seen = kernel.bridgeOf(api().get(at).then().extract().path("id"));
    org.junit.jupiter.api.Assertions.assertEquals(new SandboxSpec.Six("fd00:98::50", 64, "fd00:98::ff"), seen.six());
    org.junit.jupiter.api.Assertions.assertEquals(java.util.List.of("fd00::/8", "10.0.0.0/8"), seen.sources());
    api().delete(at + "?force=true").then().statusCode(204);
    api().delete(AT + "/dual").then().statusCode(204);
  }

  @Test
  void connectsAndDisconnects() {
    api().body("{\"name\":\"front\",\"subnet\":\"10.98.1.0/24\"}").post(AT).then().statusCode(201);
    api().body("{\"name\":\"back\"}").post(AT).then().statusCode(201);
    api().body("{\"name\":\"netted\",\"image\":\"busybox\",\"command\":[\"sleep\",\"60\"],\"network\":\"front\",\"networks\":[{\"network\":\"front\",\"address\":\"10.98.1.50\",\"aliases\":[\"www\"]}],\"allowedSources\":[\"10.0.0.0/8\"]}")
        .post("/api/v1/containers").then().statusCode(201);
    String at = "/api/v1/containers/netted/networks";
    api().get(at).then().statusCode(200).body("networkName", equalTo(java.util.List.of("front"))).body("[0].address", equalTo("10.98.1.50")).body("[0].names", hasItem("www"));
    api().post("/api/v1/containers/netted/start").then().statusCode(200);
    api().body("{\"network\":\"back\",\"aliases\":[\"db\"]}").post(at).then().statusCode(200).body("networkName", hasSize(2));
    api().body("{\"network\":\"back\"}").post(at).then().statusCode(403);
    api().body("{}").post(at).then().statusCode(400);
    api().get(AT + "/back").then().body("endpoints.name", hasItem("netted"));
    api().delete(AT + "/back").then().statusCode(403).body("detail", containsString("has active endpoints"));
    api().delete(at + "/back").then().statusCode(204);
    api().delete(at + "/back").then().statusCode(409);
    api().get(AT + "/back").then().body("endpoints.name", not(hasItem("netted")));
    api().post(AT + "/prune").then().statusCode(200).body("$", hasItem("back")).body("$", not(hasItem("front")));
    api().get("/api/v1/audit?action=container.connect").then().statusCode(200).body("rows.object", hasItem("netted"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{}|400|name", "{\"name\":\"x\",\"subnet\":\"1\"}|400|subnet", "{\"name\":\"x\",\"nosuch\":1}|400|nosuch", "{\"name\":\"x\",\"labels\":{\"a\":null}}|400|null",
        "{\"name\":\"x\",\"mtu\":7}|400|mtu", "{\"name\":\"x\",\"hostAddress\":\"h\"}|400|IPv4", "{\"name\":\"bridge\"}|403|predefined", "{\"name\":\"x\",\"range\":\"10.0.0.0/8\"}|400|needs a subnet"
      })
  void refusesWhatItCannotDo(String body, int status, String detail) {
    api().body(body).post(AT).then().statusCode(status).body("detail", containsString(detail));
  }

  @Test
  void refusesViewersAndStrangers() {
    api().body("{\"name\":\"mine\"}").post(AT).then().statusCode(201);
    RequestSpecification viewer = given().header("X-Tallyman-Token", accounts.token(Role.VIEWER)).contentType(ContentType.JSON);
    given().spec(viewer).body("{\"name\":\"theirs\"}").post(AT).then().statusCode(403);
    given().spec(viewer).delete(AT + "/mine").then().statusCode(403);
    given().spec(viewer).post(AT + "/prune").then().statusCode(403);
    given().spec(viewer).get(AT + "/mine").then().statusCode(200);
    given().get(AT).then().statusCode(401);
    api().delete(AT + "/bridge").then().statusCode(403);
  }
}
