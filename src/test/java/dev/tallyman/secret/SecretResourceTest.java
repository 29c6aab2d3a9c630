package dev.tallyman.secret;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.identity.Role;
import dev.tallyman.kernel.KernelConfig;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestContainers;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class SecretResourceTest {
  private static final String PATH = "/api/v1/secrets";

  @Inject TestAccounts accounts;
  @Inject TestContainers containers;
  @Inject DataSource database;
  @Inject KernelConfig config;

  private final List<String> made = new ArrayList<>();
  private final String name = "s" + UUID.randomUUID().toString().substring(0, 8);
  /** Nothing else in the server has this text. */
  private final String value = "hunter-" + UUID.randomUUID();

  private String member;

  @BeforeEach
  void start() {
    member = accounts.token(Role.MEMBER);
    containers.seed(accounts.admin());
  }

  @AfterEach
  void removeAll() {
    made.forEach(each -> as(member).queryParam("force", "true").delete("/api/v1/containers/" + each));
    admin().delete(PATH + "/" + name);
  }

  private static RequestSpecification as(String token) {
    return given().header("X-Tallyman-Token", token).contentType("application/json");
  }

  private RequestSpecification admin() {
    return as(accounts.adminToken());
  }

  private void store() {
    admin().body("{\"name\":\"" + name + "\",\"value\":\"" + value + "\",\"labels\":{\"a\":\"b\"}}").post(PATH).then().statusCode(201);
  }

  private Response create(String fields) {
    Response answer = as(member).body("{\"image\":\"" + TestContainers.IMAGE + "\"," + fields + "}").post("/api/v1/containers");
    if (answer.statusCode() == 201) {
      made.add(answer.path("id"));
    }
    return answer;
  }

  private String created(String fields) {
    return create(fields).then().statusCode(201).extract().path("id");
  }

  /** What the container wrote, in its last run. */
  private String output(String id) {
    as(member).post("/api/v1/containers/" + id + "/start").then().statusCode(200);
    as(member).post("/api/v1/containers/" + id + "/wait").then().statusCode(200);
    return as(member).accept("text/plain").get("/api/v1/containers/" + id + "/logs").asString();
  }

  @Test
  void isStoredShownRotatedAndRemovedWithoutItsValue() {
    admin().body("{\"name\":\"" + name + "\",\"value\":\"" + value + "\",\"labels\":{\"a\":\"b\"}}").post(PATH).then()
        .statusCode(201).header("Location", containsString(PATH + "/" + name)).body("name", equalTo(name)).body("version", equalTo(1))
        .body("bytes", equalTo(value.length())).body("labels.a", equalTo("b")).body(not(containsString(value)));
    admin().get(PATH).then().statusCode(200).body("name", hasItem(name)).body(not(containsString(value)));
    as(accounts.token(Role.VIEWER)).get(PATH + "/" + name).then().statusCode(200).body("secret.name", equalTo(name)).body("users", hasSize(0)).body(not(containsString(value)));
    admin().body("{\"data\":\"AAEC\"}").put(PATH + "/" + name).then().statusCode(200).body("version", equalTo(2)).body("bytes", equalTo(3));
    admin().delete(PATH + "/" + name).then().statusCode(204);
    admin().get(PATH + "/" + name).then().statusCode(404).body("detail", equalTo("get " + name + ": no such secret"));
    admin().delete(PATH + "/" + name).then().statusCode(404);
  }

  @Test
  void onlyAdministratorsMakeChangeAndRemove() {
    store();
    for (String each : List.of(member, accounts.token(Role.VIEWER))) {
      as(each).body("{\"name\":\"" + name + "x\",\"value\":\"v\"}").post(PATH).then().statusCode(403);
      as(each).body("{\"value\":\"v\"}").put(PATH + "/" + name).then().statusCode(403);
      as(each).delete(PATH + "/" + name).then().statusCode(403);
    }
    admin().get(PATH + "/" + name).then().body("secret.version", equalTo(1));
  }

  @Test
  void refusesWhatIsNoSecretWithoutRepeatingIt() {
    store();
    String large = "x".repeat(Secrets.MAX_BYTES + 1);
    String tooLarge = Base64.getEncoder().encodeToString(large.getBytes(StandardCharsets.UTF_8));
    for (String body : List.of("{\"value\":\"" + value + "\"}", "{\"name\":\"" + name + "y\"}", "{\"name\":\"" + name + "y\",\"value\":\"\"}",
        "{\"name\":\"../" + name + "\",\"value\":\"" + value + "\"}", "{\"name\":\"-" + name + "\",\"value\":\"" + value + "\"}", "{\"name\":\"" + "n".repeat(65) + "\",\"value\":\"v\"}",
        "{\"name\":\"" + name + "y\",\"value\":\"" + value + "\",\"data\":\"AA==\"}", "{\"name\":\"" + name + "y\",\"data\":\"" + value + "!\"}",
        "{\"name\":\"" + name + "y\",\"data\":\"" + tooLarge + "\"}", "{\"name\":\"" + name + "y\",\"value\":" + value + "}",
        "{\"name\":\"" + name + "y\",\"value\":{\"" + value + "\":1}}", "{\"name\":\"" + name + "y\",\"value\":\"" + value + "\",\"labels\":{\"a\":null}}", "null")) {
      admin().body(body).post(PATH).then().statusCode(400).body(not(containsString(value)));
    }
    admin().body("{\"name\":\"" + name + "\",\"value\":\"other\"}").post(PATH).then().statusCode(409).body("detail", containsString(name + " is already in use"));
    admin().body("{}").put(PATH + "/" + name).then().statusCode(400);
    admin().body("{\"value\":\"v\"}").put(PATH + "/" + name + "absent").then().statusCode(404);
    admin().get(PATH + "/" + name + "y").then().statusCode(404);
  }

  @Test
  void takesAsManyBytesAsDocker() {
    String most = Base64.getEncoder().encodeToString(new byte[Secrets.MAX_BYTES]);
    admin().body("{\"name\":\"" + name + "\",\"data\":\"" + most + "\"}").post(PATH).then().statusCode(201).body("bytes", equalTo(Secrets.MAX_BYTES));
  }

  @Test
  void isAFileOfTheContainerThatFollowsRotation() {
    store();
    String id = created("\"command\":[\"cat\",\"/run/secrets/" + name + "\"],\"secrets\":[{\"name\":\"" + name + "\"}]");
    assertEquals(value, output(id));

    admin().body("{\"value\":\"new\"}").put(PATH + "/" + name).then().statusCode(200);
    assertTrue(output(id).endsWith("new"));
  }

  @Test
  void isNamedByALabelToo() {
    store();
    assertEquals(value, output(created("\"command\":[\"cat\",\"/run/secrets/" + name + "\"],\"labels\":{\"tallyman.secret." + name + "\":\"\"}")));
    assertEquals(value, output(created("\"command\":[\"cat\",\"/run/secrets/db\"],\"labels\":{\"tallyman.secret." + name + "\":\"db,uid=5,mode=0400\"}")));
    assertEquals(value, output(created("\"command\":[\"cat\",\"/run/secrets/db\"],\"labels\":{\"tallyman.secret." + name + "\":\"target=/run/secrets/db\"}")));
  }

  @Test
  void appearsNowhereButInTheContainer() throws SQLException, IOException {
    store();
    String id = created("\"command\":[\"true\"],\"secrets\":[{\"name\":\"" + name + "\",\"target\":\"db\",\"uid\":7,\"gid\":8,\"mode\":\"0440\"}]");
    output(id);

    as(member).get("/api/v1/containers/" + id).then().body("spec.mounts.secrets.name", hasItem(name)).body("spec.mounts.secrets.mode", hasItem("0440")).body(not(containsString(value)));
    as(member).get("/containers/" + id + "/json").then().statusCode(200).body(not(containsString(value)));
    as(member).get("/api/v1/containers/" + id + "/timeline").then().body(not(containsString(value)));
    as(member).get("/api/v1/events?type=secret").then().statusCode(200).body("events.attributes.name", hasItem(name)).body(not(containsString(value)));
    admin().get("/api/v1/audit?object=" + name).then().statusCode(200).body("rows.action", hasItem("secret.create")).body(not(containsString(value)));
    assertFalse(dump().contains(value));
  }

  /** The whole database as a script. */
  private String dump() throws SQLException {
    StringBuilder all = new StringBuilder();
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("script nosettings table secrets, containers, audit, events")) {
      while (rows.next()) {
        all.append(rows.getString(1)).append('\n');
      }
    }
    assertTrue(all.toString().contains(name));
    return all.toString();
  }

  @Test
  void keepsItsKeyForTheServerAlone() throws IOException {
    store();
    Path key = config.state().resolve("server").resolve(KeyFile.NAME);

    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(key)));
    assertEquals(32, Files.size(key));
  }

  @Test
  void staysWhileAContainerHasIt() {
    store();
    String id = created("\"name\":\"c" + name + "\",\"secrets\":[{\"name\":\"" + name + "\"}]");

    admin().delete(PATH + "/" + name).then().statusCode(409).body("detail", containsString("secret is in use by c" + name));
    admin().get(PATH + "/" + name).then().body("users.name", hasItems("c" + name)).body("users.containerId", hasItem(id));
    as(member).delete("/api/v1/containers/" + id).then().statusCode(204);
    admin().delete(PATH + "/" + name).then().statusCode(204);
  }

  @Test
  void refusesAContainerWithASecretThatCannotBe() {
    store();
    for (String each : List.of(
        "\"secrets\":[{\"name\":\"" + name + "absent\"}]", "\"secrets\":[{}]", "\"secrets\":[null]", "\"secrets\":[{\"name\":\"" + name + "\",\"target\":\"../etc\"}]",
        "\"secrets\":[{\"name\":\"" + name + "\",\"target\":\"..\"}]", "\"secrets\":[{\"name\":\"" + name + "\",\"target\":\"/etc/passwd\"}]",
        "\"secrets\":[{\"name\":\"" + name + "\",\"uid\":65536}]", "\"secrets\":[{\"name\":\"" + name + "\",\"gid\":-1}]", "\"secrets\":[{\"name\":\"" + name + "\",\"mode\":\"4755\"}]",
        "\"secrets\":[{\"name\":\"" + name + "\",\"mode\":\"rw\"}]", "\"secrets\":[{\"name\":\"" + name + "\"},{\"name\":\"" + name + "\"}]",
        "\"secrets\":[{\"name\":\"" + name + "\"}],\"tmpfs\":{\"/run/secrets\":\"\"}", "\"secrets\":[{\"name\":\"" + name + "\"}],\"mounts\":{\"volumes\":[\"/run/secrets/x\"]}",
        "\"labels\":{\"tallyman.secret." + name + "\":\"a,b\"}", "\"labels\":{\"tallyman.secret." + name + "\":\"a,uid=x\"}", "\"labels\":{\"tallyman.secret." + name + "\":\"uid=1,uid=2\"}",
        "\"labels\":{\"tallyman.secret.\":\"a\"}", "\"labels\":{\"tallyman.secret.nowhere" + name + "\":\"\"}")) {
      create(each).then().statusCode(400);
    }
    admin().delete(PATH + "/" + name).then().statusCode(204);
  }
}
