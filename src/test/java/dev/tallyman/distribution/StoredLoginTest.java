package dev.tallyman.distribution;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Origin;
import dev.tallyman.identity.Role;
import dev.tallyman.identity.Way;
import dev.tallyman.image.Platform;
import dev.tallyman.image.Sql;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Log-ins that accounts keep for registries: used for their account, at that registry, and told to nobody. */
@QuarkusTest
class StoredLoginTest {
  private static final String PASSWORD = "s3cret-of-rita";

  @Inject TestAccounts accounts;
  @Inject Distribution distribution;
  @Inject StoredLogins logins;
  @Inject DataSource database;

  /** Method, path and Authorization of every request, by server. */
  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
  private final List<String> elsewhere = Collections.synchronizedList(new ArrayList<>());
  private volatile String demand = "Basic realm=\"r\"";
  private volatile String accepted = basic("rita", PASSWORD);
  private HttpServer registry;
  private HttpServer other;
  private Caller rita;

  @BeforeEach
  void start() throws IOException {
    registry = server(asked);
    other = server(elsewhere);
    rita = accounts.caller(Role.MEMBER);
  }

  @AfterEach
  void stop() {
    registry.stop(0);
    other.stop(0);
  }

  /** Knows rita and has no images. */
  private HttpServer server(List<String> requests) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            answer(requests, exchange);
          }
        });
    server.start();
    return server;
  }

  private void answer(List<String> requests, HttpExchange exchange) throws IOException {
    String authorization = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
    requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath() + " " + authorization);
    if (exchange.getRequestURI().getPath().equals("/token")) {
      byte[] token = "{\"token\":\"tok\"}".getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, token.length);
      exchange.getResponseBody().write(token);
    } else if (authorization.equals(accepted) || authorization.equals("Bearer tok")) {
      exchange.sendResponseHeaders(exchange.getRequestURI().getPath().equals("/v2/") ? 200 : 404, -1);
    } else {
      exchange.getResponseHeaders().set("WWW-Authenticate", demand);
      exchange.sendResponseHeaders(401, -1);
    }
  }

  private static String basic(String user, String password) {
    return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
  }

  private static String host(HttpServer server) {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  private static RequestSpecification as(String token) {
    return given().header("Authorization", "Bearer " + token).contentType(ContentType.JSON);
  }

  private ValidatableResponse store(String token, String registry, String user, String password) {
    return as(token).body(Map.of("user", user, "password", password)).put("/api/v1/registry/logins/{registry}", registry).then();
  }

  private TallymanException pull(Caller caller, String domain, Login login) {
    return assertThrows(TallymanException.class, () -> distribution.pull(caller, domain + "/team/box:1", Platform.here(), login, TransferProgress.silent()));
  }

  @Test
  void isStoredTestedUsedAndRemoved() {
    String token = accounts.tokenOf(rita);
    String host = host(registry);

    store(token, host, "rita", "wrong").statusCode(403);
    as(token).get("/api/v1/registry/logins").then().body("", hasSize(0));
    store(token, host, "rita", PASSWORD).statusCode(200).body("registry", equalTo(host)).body("user", equalTo("rita")).body("password", equalTo(null));
    as(token).get("/api/v1/registry/logins").then().statusCode(200).body("registry", equalTo(List.of(host))).body("user", equalTo(List.of("rita"))).body("toString()", not(containsString(PASSWORD)));
    as(token).post("/api/v1/registry/logins/{registry}/check", host).then().statusCode(200);

    asked.clear();
    TallymanException absent = pull(rita, host, Login.nobody());
    assertTrue(asked.contains("GET /v2/team/box/manifests/1 " + accepted), asked::toString);
    assertTrue(String.valueOf(absent.getMessage()).endsWith("(asked with the log-in of rita that you have stored for it)"), absent::getMessage);
    asked.clear();
    pull(rita, host, new Login("other", "brought along", ""));
    assertTrue(asked.stream().noneMatch(each -> each.endsWith(accepted)), "what the request brings goes first");

    accepted = "none any more";
    as(token).post("/api/v1/registry/logins/{registry}/check", host).then().statusCode(403);
    as(token).delete("/api/v1/registry/logins/{registry}", host).then().statusCode(204);
    as(token).delete("/api/v1/registry/logins/{registry}", host).then().statusCode(404);
    asked.clear();
    pull(rita, host, Login.nobody());
    assertTrue(asked.stream().allMatch(each -> each.endsWith(" null")), asked::toString);
  }

  @Test
  void isOfItsAccountAlone() {
    String host = host(registry);
    logins.store(rita, host, "rita", PASSWORD);
    Caller mate = accounts.caller(Role.MEMBER);

    for (Caller each : List.of(mate, accounts.admin(), accounts.stranger(Role.MEMBER), Caller.system(rita.team(), rita.teamName()))) {
      asked.clear();
      pull(each, host, Login.nobody());
      assertTrue(!asked.isEmpty() && asked.stream().allMatch(request -> request.endsWith(" null")), asked::toString);
      assertEquals(List.of(), logins.list(each));
      assertEquals(ErrorKind.NOT_FOUND, assertThrows(TallymanException.class, () -> logins.check(each, host)).kind());
      assertEquals(ErrorKind.NOT_FOUND, assertThrows(TallymanException.class, () -> logins.remove(each, host)).kind());
    }
    assertEquals(1, logins.list(rita).size());
  }

  /** A container is entered by others of its team, too. */
  @Test
  void isNotForProgramsOfTheAccountsContainers() {
    logins.store(rita, host(registry), "rita", PASSWORD);
    asked.clear();
    Origin inside = Origin.ofContainer("0123456789abcdef".repeat(4));

    pull(new Caller(rita.account(), rita.accountName(), Role.MEMBER, rita.team(), rita.teamName(), Way.DOCKER, null, inside), host(registry), Login.nobody());
    assertTrue(!asked.isEmpty() && asked.stream().allMatch(each -> each.endsWith(" null")), asked::toString);
    pull(rita, host(registry), Login.nobody());
    assertTrue(asked.contains("GET /v2/team/box/manifests/1 " + accepted), asked::toString);
  }

  @Test
  void goesToItsRegistryAlone() {
    logins.store(rita, host(registry), "rita", PASSWORD);

    pull(rita, host(other), Login.nobody());
    pull(rita, "localhost:" + registry.getAddress().getPort(), Login.nobody());
    assertTrue(!elsewhere.isEmpty() && elsewhere.stream().allMatch(each -> each.endsWith(" null")), elsewhere::toString);

    asked.clear();
    demand = "Bearer realm=\"http://" + host(other) + "/token\",service=\"s\"";
    accepted = "nothing but a token";
    elsewhere.clear();
    pull(rita, host(registry), Login.nobody());
    assertEquals(List.of(), elsewhere, "a realm at another host is not even asked");
    demand = "Bearer realm=\"http://" + host(registry) + "/token\",service=\"s\"";
    pull(rita, host(registry), Login.nobody());
    assertTrue(asked.contains("GET /token " + basic("rita", PASSWORD)), asked::toString);
  }

  @Test
  void isSealedForAccountRegistryAndUser() {
    String host = host(registry);
    logins.store(rita, host, "rita", PASSWORD);
    Sql sql = new Sql(database);
    String sealed = sql.first("select sealed from registry_logins where account_id = ?", row -> row.getString(1), rita.account()).orElseThrow();
    assertEquals(28 + PASSWORD.length(), Base64.getDecoder().decode(sealed).length, "nonce, cipher text and tag");
    Caller thief = accounts.caller(Role.MEMBER);

    sql.update("insert into registry_logins (account_id, registry, user_name, sealed, stored_at) select ?, registry, user_name, sealed, stored_at from registry_logins where account_id = ?", thief.account(), rita.account());
    assertEquals(ErrorKind.UNAVAILABLE, pull(thief, host, Login.nobody()).kind());
    sql.update("update registry_logins set registry = ? where account_id = ?", host(other), rita.account());
    assertTrue(String.valueOf(pull(rita, host(other), Login.nobody()).getMessage()).startsWith("a log-in cannot be decrypted: logins.key"));
    sql.update("update registry_logins set registry = ?, user_name = 'root' where account_id = ?", host, rita.account());
    assertEquals(ErrorKind.UNAVAILABLE, pull(rita, host, Login.nobody()).kind());
    assertEquals(List.of(), elsewhere);
    sql.update("update registry_logins set user_name = 'rita' where account_id = ?", rita.account());
    assertEquals(ErrorKind.NOT_FOUND, pull(rita, host, Login.nobody()).kind());
  }

  @Test
  void goesWithItsAccount() {
    logins.store(rita, host(registry), "rita", PASSWORD);

    accounts.accounts().remove(accounts.admin(), rita.accountName());

    assertEquals(List.of(), new Sql(database).list("select registry from registry_logins where account_id = ?", row -> row.getString(1), rita.account()));
  }

  @Test
  void refusesWhatIsNoRegistryUserOrPassword() {
    String token = accounts.tokenOf(rita);
    for (String bad : List.of("rita:pw@" + host(registry), "https://rita:pw@registry.example.com", "word", "a b.c", "registry.example.com:port", "registry.example.com?x", "[::1", "-.x")) {
      store(token, bad, "rita", PASSWORD).statusCode(400).body("detail", not(containsString("pw")));
    }
    for (String bad : List.of("x".repeat(100_000) + ".com", "..", "/", "\n", "a..b")) {
      assertEquals(ErrorKind.INVALID, assertThrows(TallymanException.class, () -> logins.store(rita, bad, "rita", PASSWORD)).kind(), bad);
    }
    String host = host(registry);
    for (String user : List.of("", " ", "a:b", "a\nb", "u".repeat(256))) {
      store(token, host, user, PASSWORD).statusCode(400);
    }
    for (String password : List.of("", "a\nb", "p".repeat(16_385), "é".repeat(8_193))) {
      store(token, host, "rita", password).statusCode(400).body("detail", containsString("16384"));
    }
    as(token).body("{\"user\":\"rita\"}").put("/api/v1/registry/logins/{registry}", host).then().statusCode(400).body("detail", containsString("password"));
    assertEquals(List.of(), asked);
    String longest = "p".repeat(16_384);
    accepted = basic("rita", longest);
    store(token, host, "rita", longest).statusCode(200);
  }

  @Test
  void oneRegistryHasOneHoweverItIsWritten() {
    String localhost = "LocalHost:" + registry.getAddress().getPort();
    assertEquals("localhost:" + registry.getAddress().getPort(), logins.store(rita, localhost, "rita", PASSWORD).registry());
    logins.store(rita, "http://localhost:" + registry.getAddress().getPort() + "/v2/", "rita", PASSWORD);
    assertEquals(1, logins.list(rita).size());
    for (String hub : List.of("", "docker.io", "index.docker.io", "https://index.docker.io/v1/")) {
      assertEquals("docker.io", Endpoints.domain(hub));
    }
  }

  @Test
  void anAccountHasAtMostFifty() {
    Sql sql = new Sql(database);
    for (int i = 0; i < StoredLogins.MOST; i++) {
      sql.update("insert into registry_logins (account_id, registry, user_name, sealed, stored_at) values (?, ?, 'u', '', current_timestamp)", rita.account(), "r" + i + ".example.com");
    }

    TallymanException e = assertThrows(TallymanException.class, () -> logins.store(rita, host(registry), "rita", PASSWORD));

    assertEquals(ErrorKind.EXHAUSTED, e.kind());
    assertEquals(List.of(), asked);
    sql.update("delete from registry_logins where account_id = ?", rita.account());
  }

  @Test
  void viewersStoreNoneButRemoveWhatTheyHave() {
    logins.store(rita, host(registry), "rita", PASSWORD);
    Caller demoted = new Caller(rita.account(), rita.accountName(), Role.VIEWER, rita.team(), rita.teamName(), rita.way(), null, rita.origin());

    assertEquals(ErrorKind.DENIED, assertThrows(TallymanException.class, () -> logins.store(demoted, host(registry), "rita", PASSWORD)).kind());
    assertEquals(ErrorKind.DENIED, assertThrows(TallymanException.class, () -> logins.check(demoted, host(registry))).kind());
    logins.remove(demoted, host(registry));
    assertEquals(List.of(), logins.list(demoted));
  }

  @Test
  void theTrailTellsWhoAddedTestedAndRemoved() {
    String host = host(registry);
    logins.store(rita, host, "rita", PASSWORD);
    logins.check(rita, host);
    pull(rita, host, Login.nobody());
    logins.remove(rita, host);

    as(accounts.adminToken()).queryParam("account", rita.accountName()).get("/api/v1/audit").then().statusCode(200)
        .body("rows.findAll { it.object == '" + host + "' }.collect { it.action + ' ' + it.detail }", equalTo(List.of("registry.login-remove ", "registry.login as rita, stored", "registry.login-store as rita")))
        .body("rows.findAll { it.action == 'image.pull' }.detail", hasItem(containsString("asked with the log-in of rita")))
        .body("toString()", not(containsString(PASSWORD)));
  }

  /** {@code docker login word} would else send what is meant for that host to Docker's own registry. */
  @Test
  void aMereWordIsNoRegistryForDockerEither() {
    String token = accounts.tokenOf(rita);
    given().header("X-Tallyman-Token", token).contentType(ContentType.JSON).body("{\"username\":\"a\",\"password\":\"b\",\"serveraddress\":\"word\"}").post("/auth").then().statusCode(400)
        .body("message", containsString("HOST[:PORT]"));
    String mark = "u" + UUID.randomUUID();
    given().header("X-Tallyman-Token", token).contentType(ContentType.JSON).body("{\"username\":\"a\",\"password\":\"b\",\"serveraddress\":\"" + mark + ":pw@" + host(registry) + "\"}").post("/auth").then().statusCode(400);
    as(accounts.adminToken()).queryParam("account", rita.accountName()).get("/api/v1/audit").then().body("toString()", not(containsString(mark)));
  }
}
