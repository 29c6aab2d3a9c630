package dev.tallyman.index;

import static dev.tallyman.testing.TestIndex.as;
import static dev.tallyman.testing.TestIndex.sha256;
import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tallyman.account.FreshTries;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Origin;
import dev.tallyman.identity.Role;
import dev.tallyman.identity.Way;
import dev.tallyman.image.Sql;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestIndex;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Robots as administrators make them and as clients log in with them; what neither can do. */
@QuarkusTest
class RobotTest {
  private static final String ROBOTS = "/api/v1/robots";

  @Inject TestAccounts accounts;
  @Inject DataSource database;
  @Inject FreshTries tries;
  @Inject IndexTokens tokens;
  @Inject IndexRights rights;
  @Inject RefusedLogins refusals;

  private String token = "";
  private String name = "";
  private String login = "";
  private String app = "";
  private String other = "";

  @BeforeEach
  void names() {
    tries.grant();
    token = accounts.adminToken();
    name = "r" + UUID.randomUUID().toString().substring(0, 8);
    String team = accounts.admin().teamName();
    login = team + "+" + name;
    app = team + "/" + name + "-app";
    other = team + "/" + name + "-other";
  }

  @AfterEach
  void remove() {
    tries.grant();
    as(token).delete(one());
    as(token).delete("/api/v1/repositories?name=" + app);
    as(token).delete("/api/v1/repositories?name=" + other);
  }

  private String one() {
    return ROBOTS + "/" + accounts.admin().teamName() + "/" + name;
  }

  private ValidatableResponse make(String who, String rights, String days) {
    String body = "{\"name\":\"" + name + "\",\"description\":\"builds\",\"days\":" + days + ",\"rights\":" + rights + "}";
    return as(who).contentType("application/json").body(body).post(ROBOTS).then();
  }

  /** @return the secret */
  private String made(String repository, String actions) {
    return make(token, right(repository, actions), "30").statusCode(201).extract().path("secret");
  }

  private static String right(String repository, String actions) {
    return "[{\"repository\":\"" + repository + "\",\"actions\":[" + actions + "]}]";
  }

  private ValidatableResponse change(String body) {
    return as(token).contentType("application/json").body(body).patch(one()).then();
  }

  private RequestSpecification basic(String user, String secret) {
    String pair = Base64.getEncoder().encodeToString((user + ":" + secret).getBytes(StandardCharsets.UTF_8));
    return given().urlEncodingEnabled(false).header("Authorization", "Basic " + pair);
  }

  private RequestSpecification robot(String secret) {
    return basic(login, secret);
  }

  private String index(String secret, String scope) {
    return robot(secret).get("/v2/token?scope=" + scope).then().statusCode(200).extract().path("token");
  }

  private static String scopesOf(String index) {
    String body = index.substring("tli_".length(), index.indexOf('.'));
    return new String(Base64.getUrlDecoder().decode(body), StandardCharsets.UTF_8).replaceAll(".*\"scopes\":(\\{.*?}).*", "$1");
  }

  private ValidatableResponse trail(String query) {
    return as(token).get("/api/v1/audit?limit=50&" + query).then().statusCode(200);
  }

  @Test
  void pushesAndPullsWithinItsRightsUnderItsOwnName() {
    String secret =
        make(token, right(app, "\"pull\",\"push\""), "30").statusCode(201).header("Location", containsString(one())).body("login", equalTo(login)).body("secret", startsWith("tlr_"))
            .body("expiresAt", notNullValue()).extract().path("secret");
    String index = index(secret, "repository:" + app + ":pull,push");
    String digest = TestIndex.image(index, app, "1", "{\"of\":\"" + name + "\"}", "layer of " + name);

    as(index).get("/v2/" + app + "/manifests/1").then().statusCode(200).header("Docker-Content-Digest", equalTo(digest));
    robot(secret).get("/v2/" + app + "/tags/list").then().statusCode(200).body("tags", equalTo(List.of("1")));

    trail("account=" + login.replace("+", "%2B")).body("rows.action", hasItem("index.push")).body("rows.action", hasItem("index.pull")).body("rows.action", hasItem("index.create"))
        .body("rows.way", everyItem(equalTo("index"))).body("rows.team", everyItem(equalTo(accounts.admin().teamName())));
    as(token).get("/api/v1/repositories/custody?name=" + app + "&reference=1").then().body("pushes[0].by", equalTo(login)).body("pulls[0].by", equalTo(login));
    as(token).get(one()).then().statusCode(200).body("lastUsedAt", notNullValue()).body("createdBy", equalTo(accounts.admin().accountName())).body("description", equalTo("builds"))
        .body("rights[0].repository", equalTo(app)).body("rights[0].actions", equalTo(List.of("pull", "push"))).body("isDisabled", equalTo(false)).body("secret", nullValue());
  }

  @Test
  void deletesOnlyWithTheRightTo() {
    TestIndex.image(token, app, "1", "{\"of\":\"" + name + "\"}");
    String secret = made(app, "\"pull\",\"push\"");
    robot(secret).delete("/v2/" + app + "/manifests/1").then().statusCode(403).body("errors[0].message", containsString("cannot delete in " + app));

    change("{\"rights\":" + right(app, "\"pull\",\"delete\"") + "}").statusCode(200);
    as(index(secret, "repository:" + app + ":delete")).delete("/v2/" + app + "/manifests/1").then().statusCode(401);
    as(index(secret, "repository:" + app + ":pull,delete")).delete("/v2/" + app + "/manifests/1").then().statusCode(202);
    robot(secret).post("/v2/" + app + "/blobs/uploads/").then().statusCode(403);
  }

  @Test
  void outsideItsRightsIsDeniedAndInTheTrail() {
    TestIndex.image(token, other, "1", "{\"of\":\"" + name + "\"}");
    String secret = made(app, "\"pull\"");

    robot(secret).get("/v2/" + other + "/manifests/1").then().statusCode(403).body("errors[0].code", equalTo("DENIED")).body("errors[0].message", containsString("no right"));
    robot(secret).get("/v2/" + other + "-absent/manifests/1").then().statusCode(403);
    robot(secret).get("/v2/" + other + "/tags/list").then().statusCode(403);
    robot(secret).get("/v2/" + other + "/referrers/" + sha256(new byte[0])).then().statusCode(403);
    robot(secret).post("/v2/" + app + "/blobs/uploads/").then().statusCode(403).body("errors[0].message", containsString("cannot push to " + app));
    robot(secret).delete("/v2/" + app + "/manifests/1").then().statusCode(403);
    robot(secret).get("/v2/" + app + "/manifests/1").then().statusCode(404);
    trail("account=" + login.replace("+", "%2B") + "&outcome=refused&action=index.pull").body("rows", hasSize(2)).body("rows[1].object", equalTo(other));
    trail("account=" + login.replace("+", "%2B") + "&outcome=refused&action=index.push").body("rows", hasSize(1));

    as(token).contentType("application/json").body("{\"name\":\"" + other + "\",\"isPublic\":true}").patch("/api/v1/repositories").then().statusCode(200);
    robot(secret).get("/v2/" + other + "/manifests/1").then().statusCode(403);
  }

  @Test
  void aTokenRequestGetsNoMoreThanTheRights() {
    TestIndex.image(token, other, "1", "{\"of\":\"" + name + "\"}");
    String secret = made(app, "\"pull\",\"push\"");

    assertEquals("{\"" + app + "\":[\"pull\",\"push\"]}", scopesOf(index(secret, "repository:" + app + ":*")));
    String wide = index(secret, "repository:" + other + ":pull,push,delete%20repository:" + app + ":pull&scope=repository:strangers/x:pull&scope=registry:catalog:*");
    assertEquals("[pull]", scopesOf(wide).replaceAll(".*\"" + app + "\":\\[\"(\\w+)\"].*", "[$1]"));
    assertFalse(scopesOf(wide).replace("\"" + app + "\":[\"pull\"]", "").contains("pull"), () -> scopesOf(wide));
    as(wide).get("/v2/" + other + "/manifests/1").then().statusCode(403);
    as(wide).post("/v2/" + app + "/blobs/uploads/").then().statusCode(401).header("WWW-Authenticate", containsString(app + ":pull,push"));
    as(wide).get("/v2/token?scope=repository:" + app + ":push").then().statusCode(401);
    // What it cannot read it cannot mount, named or not.
    String blob = TestIndex.blob(token, other, "secret of " + name);
    String index = index(secret, "repository:" + app + ":pull,push%20repository:" + other + ":pull");
    for (String from : new String[] {"&from=" + other, ""}) {
      as(index).post("/v2/" + app + "/blobs/uploads/?mount=" + blob + from).then().statusCode(202);
      robot(secret).post("/v2/" + app + "/blobs/uploads/?mount=" + blob + from).then().statusCode(202);
    }
  }

  @Test
  void itSeesOnlyWhatIsItsInLists() {
    TestIndex.image(token, app, "1", "{\"of\":\"" + name + "\"}");
    TestIndex.image(token, other, "1", "{\"of\":\"" + name + "\"}");
    String secret = made(app, "\"pull\"");

    robot(secret).get("/v2/_catalog?n=1").then().statusCode(200).body("repositories", equalTo(List.of(app)));
    robot(secret).get("/v2/_catalog?n=1&last=" + app).then().statusCode(200).body("repositories", empty());
    robot(secret).get("/v1/search?q=" + name).then().statusCode(403);
    change("{\"rights\":" + right("*", "\"pull\"") + "}").statusCode(200);
    robot(secret).get("/v2/_catalog").then().statusCode(200).body("repositories", hasItem(other));
  }

  @Test
  void itOpensNoOtherDoor() {
    String secret = made("*", "\"pull\",\"push\",\"delete\"");
    for (String path : new String[] {"/api/v1/containers", "/api/v1/repositories", ROBOTS, "/v1.47/containers/json", "/containers/json", "/images/json"}) {
      robot(secret).get(path).then().statusCode(401);
      as(secret).get(path).then().statusCode(401);
      given().header("X-Tallyman-Token", secret).get(path).then().statusCode(401);
      String index = index(secret, "repository:" + app + ":pull");
      as(index).get(path).then().statusCode(401);
    }
    given().contentType("application/json").body("{\"name\":\"" + login + "\",\"password\":\"" + secret + "\"}").post("/api/v1/session").then().statusCode(401);
    // Neither is its secret one without its name, or with another's.
    as(secret).get("/v2/").then().statusCode(401);
    basic(accounts.admin().accountName(), secret).get("/v2/").then().statusCode(401);
    // Nor does an account get in as a robot.
    robot(token).get("/v2/").then().statusCode(401);
  }

  @Test
  void whatIsDisabledExpiredRenewedOrRemovedIsOutAtOnce() {
    String secret = made(app, "\"pull\",\"push\"");
    String index = index(secret, "repository:" + app + ":pull,push");
    TestIndex.image(index, app, "1", "{\"of\":\"" + name + "\"}");

    change("{\"isDisabled\":true}").statusCode(200).body("isDisabled", equalTo(true));
    as(index).get("/v2/" + app + "/manifests/1").then().statusCode(401);
    refusals.forgetAll();
    robot(secret).get("/v2/token").then().statusCode(401).body("errors[0].message", containsString("disabled"));
    trail("account=" + login.replace("+", "%2B") + "&outcome=refused&action=index.login").body("rows", hasSize(1)).body("rows[0].detail", containsString("disabled"));
    robot("tlr_wrong").get("/v2/token").then().statusCode(401).body("errors[0].message", not(containsString("disabled")));
    trail("account=" + login.replace("+", "%2B") + "&outcome=refused&action=login").body("rows", hasSize(1));
    change("{\"isDisabled\":false}").statusCode(200);

    index = index(secret, "repository:" + app + ":pull,push");
    change("{\"rights\":" + right(other, "\"pull\"") + "}").statusCode(200);
    as(index).get("/v2/" + app + "/manifests/1").then().statusCode(401);
    robot(secret).get("/v2/" + app + "/manifests/1").then().statusCode(403);
    change("{\"rights\":" + right(app, "\"pull\"") + "}").statusCode(200);

    index = index(secret, "repository:" + app + ":pull");
    String renewed = as(token).contentType("application/json").body("{\"days\":1}").post(one() + "/secret").then().statusCode(200).body("login", equalTo(login)).extract().path("secret");
    as(index).get("/v2/" + app + "/manifests/1").then().statusCode(401);
    robot(secret).get("/v2/").then().statusCode(401);
    robot(renewed).get("/v2/" + app + "/manifests/1").then().statusCode(200);

    index = index(renewed, "repository:" + app + ":pull");
    new Sql(database).update("update index_robots set expires_at = ? where name = ?", Instant.now().minusSeconds(1), name);
    robot(renewed).get("/v2/" + app + "/manifests/1").then().statusCode(401).body("errors[0].message", containsString("ended at"));
    as(token).get(one()).then().body("isExpired", equalTo(true));

    as(token).delete(one()).then().statusCode(204);
    as(index).get("/v2/" + app + "/manifests/1").then().statusCode(401);
    robot(renewed).get("/v2/").then().statusCode(401).body("errors[0].message", equalTo("cannot log in: the name or the secret is wrong"));
    trail("object=" + login.replace("+", "%2B")).body("rows.action", hasItem("robot.create")).body("rows.action", hasItem("robot.update")).body("rows.action", hasItem("robot.renew"))
        .body("rows.action", hasItem("robot.remove"));
    as(token).get("/v2/" + app + "/manifests/1").then().statusCode(200);
  }

  @Test
  void aTokenEndsWithTheSecretItWasGivenFor() {
    Origin origin = Origin.ofAddress("127.0.0.1");
    Caller caller = new Caller(1_000_000_000_000L, login, Role.VIEWER, 1, "default", Way.INDEX, null, origin);
    RobotRights rights = RobotRights.of("default", List.of(new Robots.Right("*", List.of("pull"))));

    Visitor lasting = tokens.read(tokens.issue(Visitor.robot(caller, new Visitor.Pass(rights, Instant.now().plusSeconds(60))), Map.of()), origin);
    String over = tokens.issue(Visitor.robot(caller, new Visitor.Pass(rights, Instant.now().minusSeconds(1))), Map.of());

    assertEquals(rights, Objects.requireNonNull(lasting.robot()).rights());
    assertThrows(IndexException.class, () -> tokens.read(over, origin));
  }

  @Test
  void whatEndsWhileARequestIsUnderWayChangesNothing() {
    Caller caller = new Caller(1_000_000_000_001L, login, Role.VIEWER, 1, "default", Way.INDEX, null, Origin.ofAddress("127.0.0.1"));
    RobotRights all = RobotRights.of("default", List.of(new Robots.Right("*", List.of("pull", "push"))));
    Visitor early = Visitor.robot(caller, new Visitor.Pass(all, null));
    tokens.revoke(caller.account());

    assertThrows(IndexException.class, () -> rights.ensure(early, app));
    String token = tokens.issue(early, Map.of());
    assertThrows(IndexException.class, () -> tokens.read(token, caller.origin()));
    Visitor over = Visitor.robot(caller, new Visitor.Pass(all, Instant.now()));
    assertThrows(IndexException.class, () -> rights.ensure(over, app));
  }

  @Test
  void wrongSecretsHaveToWaitAndTheRightOneHasNot() {
    String secret = made(app, "\"pull\"");
    for (int i = 0; i < 5; i++) {
      robot("tlr_guess" + i).get("/v2/").then().statusCode(401);
    }
    robot("tlr_guess").get("/v2/").then().statusCode(429).header("Retry-After", notNullValue());
    robot(secret).get("/v2/").then().statusCode(200);
  }

  @Test
  void onlyAdministratorsMakeThem() {
    for (Role role : new Role[] {Role.MEMBER, Role.VIEWER}) {
      String who = accounts.token(role);
      make(who, right("*", "\"pull\""), "30").statusCode(403);
      as(who).get(one()).then().statusCode(404);
    }
    trail("object=" + login.replace("+", "%2B") + "&outcome=refused").body("rows.action", everyItem(equalTo("robot.create"))).body("rows", hasSize(2));
    made(app, "\"pull\"");
    String member = accounts.token(Role.MEMBER);
    as(member).get(ROBOTS).then().statusCode(200).body("login", hasItem(login)).body("secret", everyItem(nullValue()));
    as(member).delete(one()).then().statusCode(403);
    as(member).contentType("application/json").body("{\"days\":1}").post(one() + "/secret").then().statusCode(403);
    as(member).contentType("application/json").body("{\"isDisabled\":true}").patch(one()).then().statusCode(403);
    as(accounts.tokenOf(accounts.stranger(Role.MEMBER))).get(ROBOTS).then().statusCode(200).body("login", not(hasItem(login)));
  }

  @Test
  void badOrdersAreRefused() {
    String right = right(app, "\"pull\"");
    for (String days : new String[] {"-1", "0", "366", "null", "9999999999"}) {
      make(token, right, days).statusCode(400);
    }
    for (String rights : new String[] {"null", "[]", "[null]", right("strangers/app", "\"pull\""), right(app, "\"push\""), right(app, "\"pull\",\"*\""), right(app, "")}) {
      make(token, rights, "30").statusCode(400);
    }
    String good = name;
    for (String each : new String[] {"", "A", "a b", "a+b", "a/b", ".a", "a".repeat(33)}) {
      name = each;
      make(token, right, "30").statusCode(400);
    }
    name = good;
    as(token).contentType("application/json").body("{\"team\":\"no-such-team\",\"name\":\"a\",\"days\":1,\"rights\":[{\"repository\":\"*\",\"actions\":[\"pull\"]}]}").post(ROBOTS).then().statusCode(404);
    make(token, right, "30").statusCode(201);
    make(token, right, "30").statusCode(409);
    change("{}").statusCode(400);
    change("{\"description\":\"two\\nlines\"}").statusCode(400);
    change("{\"rights\":[]}").statusCode(400);
    change("{\"description\":\"other\"}").statusCode(200).body("description", equalTo("other")).body("rights[0].repository", equalTo(app));
  }
}
