package dev.tallyman.engine;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.identity.Way;
import dev.tallyman.testing.TestIndex;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Searching the Index and describing what is in it, by docker's way and by REST. */
@QuarkusTest
@Timeout(60)
class SearchApiTest extends EngineTest {
  private static final long OTHER_TEAM = 4812;

  @Inject DataSource database;

  private String token = "";
  private String mark = "";
  private String repository = "";

  @BeforeEach
  void pushOne() {
    token = accounts.token(Role.MEMBER);
    mark = "s" + UUID.randomUUID().toString().substring(0, 8);
    repository = push(mark + "-web");
  }

  /** A repository is made by the first blob that it gets. */
  private String push(String rest) {
    String name = accounts.admin().teamName() + "/" + rest;
    byte[] content = name.getBytes(StandardCharsets.UTF_8);
    given().urlEncodingEnabled(false).header("Authorization", "Bearer " + token).contentType("application/octet-stream").body(content)
        .post("/v2/" + name + "/blobs/uploads/?digest=" + digest(content)).then().statusCode(201);
    return name;
  }

  private static String digest(byte[] content) {
    try {
      return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private ValidatableResponse change(String asker, Map<String, Object> change) {
    return given().header("Authorization", "Bearer " + asker).contentType("application/json").body(change).patch("/api/v1/repositories").then();
  }

  private void describe(String text) {
    change(token, Map.of("name", repository, "description", text)).statusCode(200).body("description", equalTo(text));
  }

  private List<String> byRest(String asker, String term) {
    return given().header("Authorization", "Bearer " + asker).queryParam("search", term).get("/api/v1/repositories").then().statusCode(200).extract().path("name");
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static List<String> names(EngineClient.Reply reply) {
    assertEquals(200, reply.status(), reply.text());
    List<String> names = new ArrayList<>();
    reply.json().forEach(each -> names.add(each.get("name").asText()));
    return names;
  }

  private List<String> byDocker(String term) {
    return names(engine.get("/images/search?term=" + encoded(term)));
  }

  private void refused(String query, int status, String message) {
    EngineClient.Reply reply = engine.get("/images/search?" + query);
    assertEquals(status, reply.status(), reply.text());
    assertTrue(reply.message().contains(message), reply.message());
  }

  private String stranger() throws SQLException {
    Caller caller = accounts.caller(Role.MEMBER);
    try (Connection connection = database.getConnection();
        Statement team = connection.createStatement();
        PreparedStatement move = connection.prepareStatement("update accounts set team_id = ? where id = ?")) {
      team.executeUpdate("merge into teams (id, name) values (" + OTHER_TEAM + ", 'searchers')");
      move.setLong(1, OTHER_TEAM);
      move.setLong(2, caller.account());
      move.executeUpdate();
    }
    return accounts.tokenOf(new Caller(caller.account(), caller.accountName(), Role.MEMBER, OTHER_TEAM, "searchers", Way.REST, null, caller.origin()));
  }

  @Test
  @Covers("GET /images/search")
  void answersInDockersForm() {
    describe("Serves pages of " + mark);

    JsonNode rows = engine.get("/images/search?term=" + mark + "&limit=5").json();

    assertEquals(
        "[{\"description\":\"Serves pages of " + mark + "\",\"is_official\":false,\"is_automated\":false,\"name\":\"" + repository + "\",\"star_count\":0}]", rows.toString());
  }

  private static ValidatableResponse byOtherEngine(String credentials, String query) {
    var asking = given();
    return (credentials.isEmpty() ? asking : asking.header("Authorization", credentials)).get("/v1/search?" + query).then();
  }

  @Test
  void anotherEngineFindsTheSame() throws SQLException {
    describe("Serves pages of " + mark);
    String admin = "Basic " + Base64.getEncoder().encodeToString((accounts.admin().accountName() + ":" + accounts.tokenOf(accounts.admin())).getBytes(StandardCharsets.UTF_8));

    given().get("/v1/_ping").then().statusCode(200).header("X-Docker-Registry-Standalone", "true");
    byOtherEngine(admin, "q=" + mark + "&n=5").statusCode(200).body("query", equalTo(mark)).body("num_results", equalTo(1)).body("results[0].name", equalTo(repository))
        .body("results[0].description", equalTo("Serves pages of " + mark)).body("results[0].star_count", equalTo(0));
    byOtherEngine("Bearer " + token, "q=" + mark).statusCode(200).body("num_results", equalTo(1));
    byOtherEngine("Bearer " + stranger(), "q=" + mark).statusCode(200).body("results", equalTo(List.of()));
    byOtherEngine("", "q=" + mark).statusCode(401).header("WWW-Authenticate", equalTo("Basic realm=\"Tallyman\""));
    byOtherEngine("Basic !!", "q=" + mark).statusCode(401);
    for (String wrong : List.of("n=0", "n=101", "n=-1")) {
      byOtherEngine(admin, "q=" + mark + "&" + wrong).statusCode(400).body("errors[0].message", containsString("1 to 100"));
    }
    byOtherEngine(admin, "n=many").statusCode(anyOf(equalTo(400), equalTo(404)));
    byOtherEngine(admin, "q=" + "a".repeat(6_000)).statusCode(400).body("errors[0].message", containsString("too long"));
    given().post("/v1/search").then().statusCode(405);
    given().get("/v1/repositories/x/images").then().statusCode(400);
  }

  @Test
  void namesAndDescriptionsAreSearchedInAnyCase() {
    assertEquals(List.of(repository), byDocker(mark.toUpperCase(java.util.Locale.ROOT) + "-WEB"));
    assertEquals(List.of(), byDocker(mark + " größe"));

    describe("Ordnet " + mark + " GRÖSSE nach");

    assertEquals(List.of(repository), byDocker(mark + " grösse NACH"));
    assertEquals(List.of(repository), byRest(token, "ordnet " + mark));
    describe("");
    assertEquals(List.of(), byRest(token, "ordnet " + mark));
  }

  @Test
  void labelsOfTheNewestImageThatHasSomeAreSearched() {
    String config = "{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{\"Labels\":%s}}";
    TestIndex.image(token, repository, "1", config.formatted("{\"org.example.title\":\"Größe " + mark + "\",\"odd\":[1],\"nul\":\"a\\u0000b\"}"));
    assertEquals(List.of(repository), byDocker("org.example.TITLE=größe " + mark));
    assertEquals(List.of(repository), byRest(token, "title=Größe " + mark));

    TestIndex.image(token, repository, "2", config.formatted("null"));
    assertEquals(List.of(repository), byDocker("größe " + mark), "an image without labels takes none away");
    TestIndex.image(token, repository, "3", config.formatted("{\"long\":\"" + "y".repeat(20_000) + mark + "\",\"kind\":\"" + mark + "-shelf\"}"));
    assertEquals(List.of(), byDocker("größe " + mark));
    assertEquals(List.of(repository), byDocker("kind=" + mark + "-shelf"));
    assertEquals(List.of(), byDocker("y" + mark), "what is behind the bound is not found");
  }

  @Test
  void noCharacterIsAWildcard() {
    String other = push(mark + "_api");

    assertEquals(List.of(other), byDocker(mark + "_"), "_ stands for itself");
    for (String hostile : List.of(mark + "%", "%" + mark, mark + "!", "!" + mark, mark + "\\", mark + "'", "' or '1'='1", mark + "\"", mark + "; drop table index_repositories", mark + "\0", mark + "?", mark + "*")) {
      assertEquals(List.of(), byDocker(hostile), hostile);
      assertEquals(List.of(), byRest(token, hostile), hostile);
    }
    describe("100 % of '" + mark + "' \"it\" !");
    assertEquals(List.of(repository), byDocker("100 % of '" + mark + "' \"it\" !"));
  }

  @Test
  void longTermsAreRefusedAndNoneToo() {
    refused("term=" + "a".repeat(10_000), 400, "too long");
    assertEquals(List.of(), byDocker("a".repeat(500)));
    given().header("Authorization", "Bearer " + token).queryParam("search", "a".repeat(10_000)).get("/api/v1/repositories").then().statusCode(400);
    refused("", 400, "missing");
    refused("term=%20", 400, "missing");
    refused("term=localhost%3A" + RestAssured.port + "%2F", 400, "missing");
  }

  @Test
  void limitsAndFiltersAreHeldTo() {
    push(mark + "-b");
    String term = "term=" + mark;

    assertEquals(1, names(engine.get("/images/search?" + term + "&limit=1")).size());
    assertEquals(2, names(engine.get("/images/search?" + term + "&limit=100")).size());
    for (String wrong : List.of("0", "-1", "101", "x", "99999999999")) {
      refused(term + "&limit=" + wrong, 400, "limit");
    }
    for (String all : List.of("{\"stars\":[\"0\"]}", "{\"is-official\":[\"false\"]}", "{\"is-automated\":{\"0\":true}}", "{}")) {
      assertEquals(2, names(engine.get("/images/search?" + term + "&filters=" + encoded(all))).size(), all);
    }
    for (String none : List.of("{\"stars\":[\"0\",\"3\"]}", "{\"is-official\":[\"true\"]}", "{\"is-automated\":[\"1\"]}")) {
      assertEquals(List.of(), names(engine.get("/images/search?" + term + "&filters=" + encoded(none))), none);
    }
    for (String wrong : List.of("{\"stars\":[\"many\"]}", "{\"stars\":[\"-1\"]}", "{\"is-official\":[\"x\"]}", "{\"is-automated\":[\"true\",\"false\"]}", "{\"name\":[\"x\"]}", "[", "{\"is-official\":[\"true\"],\"stars\":[\"x\"]}")) {
      refused(term + "&filters=" + encoded(wrong), 400, "invalid filter");
    }
  }

  @Test
  void onlyThisServersOwnAddressIsAnswered() {
    int port = RestAssured.port;

    for (String own : List.of("localhost:" + port, "127.0.0.1:" + port, "[::1]:" + port, "LOCALHOST:" + port)) {
      assertEquals(List.of(repository), byDocker(own + "/" + mark), own);
    }
    assertEquals(List.of(repository), byDocker(repository), "a team is no address");
    for (String other : List.of("docker.io", "localhost", "localhost:1", "192.0.2.1:" + port, "localhost.example:" + port, "[::2]:" + port, "0.0.0.0:" + port, "localhost:99999", "a@localhost:" + port, ":", "[:]:" + port)) {
      refused("term=" + encoded(other + "/" + mark), 501, "another registry");
    }
    refused("term=" + encoded("http://localhost:" + port + "/" + mark), 400, "scheme");
  }

  @Test
  void privateOnesAreForMembersOnly() throws SQLException {
    String stranger = stranger();
    EngineClient foreign = new EngineClient(Path.of(socket).toAbsolutePath(), stranger);
    describe("Secret of " + mark);

    assertEquals(List.of(), names(foreign.get("/images/search?term=" + mark)));
    assertEquals(List.of(), byRest(stranger, mark));
    assertEquals(List.of(repository), byRest(accounts.token(Role.VIEWER), mark));
    change(stranger, Map.of("name", repository, "description", "x")).statusCode(404);
    given().get("/api/v1/repositories?search=" + mark).then().statusCode(401);

    change(token, Map.of("name", repository, "isPublic", true)).statusCode(200).body("description", equalTo("Secret of " + mark));
    assertEquals(List.of(repository), names(foreign.get("/images/search?term=" + mark)));
    change(stranger, Map.of("name", repository, "description", "x")).statusCode(403);
  }

  @Test
  void descriptionsAreOneHarmlessLineOfTheTeamsMembers() {
    for (String wrong : List.of("two\nlines", "\u001b[31mred", "turned \u202e round", "nothing\0", "a".repeat(501))) {
      change(token, Map.of("name", repository, "isPublic", true, "description", wrong)).statusCode(400).body("detail", containsString("description"));
    }
    given().header("Authorization", "Bearer " + token).contentType("application/json").body("{\"name\":\"" + repository + "\",\"description\":\"\\ud800\"}").patch("/api/v1/repositories").then().statusCode(400);
    change(token, Map.of("name", repository)).statusCode(400);
    change(accounts.token(Role.VIEWER), Map.of("name", repository, "description", "x")).statusCode(403);
    boolean isPublic = given().header("Authorization", "Bearer " + token).queryParam("search", mark).get("/api/v1/repositories").path("[0].isPublic");
    assertFalse(isPublic, "a refused change changes nothing");

    describe("<b>" + "a".repeat(497));

    given().header("Authorization", "Bearer " + accounts.adminToken()).queryParam("object", repository).queryParam("action", "index.description").get("/api/v1/audit").then().statusCode(200)
        .body("rows.outcome", equalTo(List.of("done", "refused")));
  }
}
