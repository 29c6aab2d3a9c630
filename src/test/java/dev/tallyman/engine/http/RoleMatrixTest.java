package dev.tallyman.engine.http;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tallyman.engine.http.RoleMatrix.Row;
import dev.tallyman.engine.http.RoleMatrix.Subject;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.identity.Way;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestContainers;
import dev.tallyman.testing.TestIndex;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Every operation of both APIs × every role × an object that somebody else made: the answer is the one in {@code roles/matrix.txt}. An operation without a
 * row fails, so nobody can add one without saying who may use it.
 */
@QuarkusTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RoleMatrixTest {
  private static final long OTHER_TEAM = 4711;

  @Inject TestAccounts accounts;
  @Inject TestContainers containers;
  @Inject DataSource database;
  @Inject @Any Instance<EngineEndpoints> engine;

  private final Map<Subject, String> tokens = new EnumMap<>(Subject.class);
  private Caller owner;

  @BeforeAll
  void bringSubjects() throws SQLException {
    owner = accounts.caller(Role.MEMBER);
    tokens.put(Subject.ADMIN, accounts.token(Role.ADMINISTRATOR));
    tokens.put(Subject.OWNER, accounts.tokenOf(owner));
    tokens.put(Subject.MATE, accounts.token(Role.MEMBER));
    tokens.put(Subject.VIEWER, accounts.token(Role.VIEWER));
    tokens.put(Subject.STRANGER, stranger());
    containers.seed(owner);
  }

  private String stranger() throws SQLException {
    Caller caller = accounts.caller(Role.MEMBER);
    try (Connection connection = database.getConnection();
        Statement team = connection.createStatement();
        PreparedStatement move = connection.prepareStatement("update accounts set team_id = ? where id = ?")) {
      team.executeUpdate("merge into teams (id, name) values (" + OTHER_TEAM + ", 'strangers')");
      move.setLong(1, OTHER_TEAM);
      move.setLong(2, caller.account());
      move.executeUpdate();
    }
    return accounts.tokenOf(new Caller(caller.account(), caller.accountName(), Role.MEMBER, OTHER_TEAM, "strangers", Way.REST, null, caller.origin()));
  }

  /** Objects of the owner (or, absent, names of none), for one call. */
  private final class Objects implements AutoCloseable {
    final String mark = "m" + UUID.randomUUID().toString().substring(0, 8);
    final boolean exist;
    final Row row;
    String container = hex();
    String exec = hex();
    String network = hex();
    String token = "999999999";
    private final List<String> made = new ArrayList<>();

    Objects(Row row, boolean exist) {
      this.exist = exist;
      this.row = row;
      if (exist) {
        make();
      }
    }

    private void make() {
      String path = row.path();
      boolean isList = row.isList();
      if (isList || row.setting().equals("container") || path.contains("/containers/{") || path.contains("/exec/")) {
        container = as(Subject.OWNER).body("{\"Image\":\"" + TestContainers.IMAGE + "\",\"Cmd\":[\"sleep\",\"60\"]}").post("/containers/create?name=" + mark).path("Id");
        made.add("/containers/" + container + "?force=1");
        if (row.setting().equals("runs")) {
          as(Subject.OWNER).post("/containers/" + container + "/start");
          exec = as(Subject.OWNER).body("{\"Cmd\":[\"true\"]}").post("/containers/" + container + "/exec").path("Id");
        }
      }
      if (isList || path.contains("/networks/{") || path.endsWith("/networks")) {
        network = as(Subject.OWNER).body("{\"Name\":\"" + mark + "\"}").post("/networks/create").path("Id");
        made.add("/networks/" + network);
      }
      if (isList || path.contains("/volumes/{")) {
        as(Subject.OWNER).body("{\"Name\":\"" + mark + "\"}").post("/volumes/create");
        made.add("/volumes/" + mark + "?force=1");
      }
      if (isList || row.setting().equals("image") || path.contains("/images/{")) {
        as(Subject.OWNER).post("/images/" + TestContainers.IMAGE + "/tag?repo=" + mark + "&tag=latest");
        made.add("/images/" + mark);
      }
      if (isList || path.contains("/api/v1/secrets/{")) {
        as(Subject.ADMIN).body("{\"name\":\"" + mark + "\",\"value\":\"v\"}").post("/api/v1/secrets");
        made.add("/api/v1/secrets/" + mark);
      }
      if (path.startsWith("/api/v1/accounts")) {
        accounts.accounts().create(accounts.admin(), mark, TestAccounts.PASSWORD, Role.MEMBER);
        made.add("/api/v1/accounts/" + mark);
      }
      if (path.startsWith("/api/v1/repositories")) {
        TestIndex.image(tokens.get(Subject.OWNER), "default/" + mark, mark, "{}");
        made.add("/api/v1/repositories?name=default/" + mark);
      }
      if (path.startsWith("/api/v1/robots")) {
        as(Subject.ADMIN).body("{\"name\":\"" + mark + "\",\"days\":1,\"rights\":[{\"repository\":\"*\",\"actions\":[\"pull\"]}]}").post("/api/v1/robots");
        made.add("/api/v1/robots/default/" + mark);
      }
      if (path.startsWith("/api/v1/tokens")) {
        token = String.valueOf(accounts.accounts().createToken(owner, mark, null).id());
        made.add("/api/v1/tokens/" + token);
      }
    }

    String put(String text) {
      String withNetwork = text.contains("/networks/{network}") ? text.replace("{network}", mark) : text;
      return withNetwork
          .replaceFirst("/containers/\\{(id|name)}", "/containers/" + container)
          .replace("/exec/{id}", "/exec/" + exec)
          .replace("/tokens/{id}", "/tokens/" + token)
          .replace("/robots/{team}", "/robots/default")
          .replace("/logins/{registry}", "/logins/127.0.0.1:1")
          .replace("{network}", network)
          .replace("orphans/{id}", "orphans/" + hex())
          .replace("{mark}", mark)
          .replaceFirst("^/networks/\\{id}", "/networks/" + network)
          .replaceFirst("\\{[a-z]+}", mark);
    }

    boolean isShownIn(String text) {
      return text.contains(mark) || text.contains(container) || text.contains(network);
    }

    @Override
    public void close() {
      made.forEach(each -> as(Subject.ADMIN).delete(each));
      if (exist && row.body().contains("made") || row.query().contains("made")) {
        String other = mark + "made";
        for (String each : List.of("/containers/" + other + "?force=1", "/networks/" + other, "/volumes/" + other + "?force=1", "/images/" + other, "/api/v1/secrets/" + other, "/api/v1/accounts/" + other, "/api/v1/robots/default/" + other)) {
          as(Subject.ADMIN).delete(each);
          as(Subject.STRANGER).delete(each);
        }
      }
    }
  }

  private static String hex() {
    byte[] bytes = new byte[32];
    ThreadLocalRandom.current().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private RequestSpecification as(Subject subject) {
    RequestSpecification request = given().urlEncodingEnabled(false).contentType("application/json").redirects().follow(false);
    return subject == Subject.NOBODY ? request : request.header("X-Tallyman-Token", tokens.get(subject));
  }

  private Response call(Row row, Subject subject, Objects objects) {
    RequestSpecification request = as(subject);
    if (row.body().equals("tar")) {
      request = request.contentType("application/x-tar").body(new byte[1024]);
    } else if (!row.body().isEmpty()) {
      request = request.body(objects.put(row.body()));
    }
    return request.request(row.method(), objects.put(row.path()) + (row.query().isEmpty() ? "" : "?" + objects.put(row.query())));
  }

  private String answer(Row row, Subject subject) {
    try (Objects objects = new Objects(row, true)) {
      Response response = call(row, subject, objects);
      boolean isShown = row.isList() && response.statusCode() < 300 && objects.isShownIn(response.asString());
      return response.statusCode() + (isShown ? "*" : "");
    }
  }

  @Test
  void everyOperationHasARow() {
    TreeSet<String> missing = new TreeSet<>(RoleMatrix.operations(engine));
    TreeSet<String> gone = new TreeSet<>(RoleMatrix.read().keySet());
    gone.removeAll(missing);
    missing.removeAll(RoleMatrix.read().keySet());

    assertEquals("[] []", missing + " " + gone, "operations without a row, and rows without an operation");
  }

  @Test
  void everyRoleGetsTheAnswerOfTheTable() {
    List<String> wrong = new ArrayList<>();
    for (Row row : RoleMatrix.read().values()) {
      List<String> statuses = Arrays.stream(Subject.values()).map(subject -> answer(row, subject)).toList();
      if (!statuses.equals(row.expected())) {
        wrong.add(row.text(statuses));
      }
    }

    assertEquals("", String.join("\n", wrong), "rows as the server answers them");
  }

  @Test
  void objectsOfAnotherTeamAnswerAsAbsentOnesDo() {
    List<String> wrong = new ArrayList<>();
    for (Row row : RoleMatrix.read().values()) {
      if (row.path().contains("{")) {
        try (Objects foreign = new Objects(row, true); Objects absent = new Objects(row, false)) {
          String one = text(call(row, Subject.STRANGER, foreign), foreign);
          String other = text(call(row, Subject.STRANGER, absent), absent);
          if (!one.equals(other)) {
            wrong.add(row.operation() + ": " + one + " but absent: " + other);
          }
        }
      }
    }

    assertEquals("", String.join("\n", wrong), "foreign objects can be told from absent ones");
  }

  private static String text(Response response, Objects objects) {
    return response.statusCode() + " " + response.asString().replace(objects.container, "ID").replace(objects.network, "ID").replace(objects.exec, "ID").replace(objects.mark, "NAME").replace(objects.token, "NUMBER")
        .replaceAll("\"(instance|requestId|path)\": ?\"[^\"]*\"", "").replaceAll("[0-9a-f]{64}", "ID");
  }

  /** What the table says as a whole, so that a wrong row is seen. */
  @Test
  void theTableItselfKeepsTheRules() {
    List<String> wrong = new ArrayList<>();
    for (Row row : RoleMatrix.read().values()) {
      boolean isOpen = row.operation().endsWith("/_ping") || row.operation().equals("POST /api/v1/session");
      if (!isOpen && !row.expected().get(Subject.NOBODY.ordinal()).equals("401")) {
        wrong.add("without credentials: " + row.operation());
      }
      // Attached to without a stream, a container shows its log; a check of a Dockerfile builds nothing.
      boolean isOwn = row.path().matches("/api/v1/(session|me/password|tokens(/\\{id})?)") || row.path().equals("/auth") || row.path().endsWith("/wait") || row.operation().equals("POST /containers/{id}/attach") || row.path().equals("/api/v1/dockerfiles/check");
      if (!isOpen && !isOwn && !row.method().matches("GET|HEAD") && row.expected().get(Subject.VIEWER.ordinal()).startsWith("2")) {
        wrong.add("a viewer changes something: " + row.operation());
      }
      if (row.expected().get(Subject.STRANGER.ordinal()).endsWith("*")) {
        wrong.add("a stranger sees something: " + row.operation());
      }
    }

    assertEquals("", String.join("\n", wrong));
  }
}
