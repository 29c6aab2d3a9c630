package dev.tallyman.audit;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.audit.AuditTrail.AuditFilter;
import dev.tallyman.audit.AuditTrail.AuditRow;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

@QuarkusTest
class AuditTrailTest {
  @Inject TestAccounts accounts;
  @Inject AuditTrail audit;
  @Inject AuditChain chain;
  @Inject DataSource database;

  @Test
  void keepsNoRowOfARolledBackChangeAndNoGap() {
    Caller admin = accounts.admin();
    assertThrows(
        IllegalStateException.class,
        () ->
            QuarkusTransaction.requiringNew()
                .run(
                    () -> {
                      audit.done(admin, "test.rolledBack", "thing", "");
                      throw new IllegalStateException("undo");
                    }));

    audit.done(admin, "test.kept", "thing", "");

    assertEquals(List.of(), audit.list(admin, action("test.rolledBack")));
    assertEquals(1, audit.list(admin, action("test.kept")).size());
    assertEquals(Optional.empty(), audit.verify(admin));
  }

  @Test
  void keepsRefusalsWhateverBecomesOfTheAttempt() {
    Caller admin = accounts.admin();
    assertThrows(
        IllegalStateException.class,
        () ->
            QuarkusTransaction.requiringNew()
                .run(
                    () -> {
                      audit.failed(admin, "test.refused", "thing", new TallymanException(ErrorKind.DENIED, "not for you"));
                      throw new IllegalStateException("undo");
                    }));

    AuditRow row = audit.list(admin, action("test.refused")).get(0);
    assertEquals("refused", row.outcome());
    assertEquals("not for you", row.detail());
  }

  @Test
  void hidesReasonsOfUnexpectedFailures() {
    audit.failed(accounts.admin(), "test.broken", "thing", new IllegalStateException("jdbc:h2:/secret/place"));

    AuditRow row = audit.list(accounts.admin(), action("test.broken")).get(0);
    assertEquals("failed", row.outcome());
    assertEquals("unexpected failure", row.detail());
  }

  @Test
  void chainsRowsOfParallelTransactions() throws InterruptedException, ExecutionException {
    Caller admin = accounts.admin();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Callable<Object>> work = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      int number = i;
      work.add(
          Executors.callable(
              () -> {
                try {
                  QuarkusTransaction.requiringNew()
                      .run(
                          () -> {
                            audit.done(admin, "test.parallel", "thing " + number, "one");
                            audit.done(admin, "test.parallel", "thing " + number, "two");
                            if (number % 5 == 0) {
                              throw new IllegalStateException("undo");
                            }
                          });
                } catch (IllegalStateException e) {
                  assertEquals(0, number % 5);
                }
              }));
    }
    for (Future<Object> done : threads.invokeAll(work)) {
      done.get();
    }
    threads.shutdown();

    assertEquals(160, audit.list(admin, new AuditFilter(null, "test.parallel", null, null, null, null, null, null, 1000)).size());
    assertEquals(Optional.empty(), audit.verify(admin));
  }

  @Test
  void neutralisesTextOfClients() {
    audit.done(accounts.admin(), "test.neutral", "a\r\nb\u001b[31m\u202Ec", "x".repeat(5000));

    AuditRow row = audit.list(accounts.admin(), action("test.neutral")).get(0);
    assertEquals("a\uFFFD\uFFFDb\uFFFD[31m\uFFFDc", row.object());
    assertEquals(4000, row.detail().length());
    assertEquals(Optional.empty(), audit.verify(accounts.admin()));
  }

  @Test
  void findsChangedAndRemovedRows() throws SQLException {
    Caller admin = accounts.admin();
    audit.done(admin, "test.tamper", "thing", "true");
    audit.done(admin, "test.tamper", "thing", "last");
    long id = audit.list(admin, action("test.tamper")).get(1).id();

    execute("update audit set detail = 'false' where id = " + id);
    assertTrue(audit.verify(admin).orElseThrow().contains("row " + id), "changed");
    execute("update audit set detail = 'true' where id = " + id);
    assertEquals(Optional.empty(), audit.verify(admin));
    execute("update audit set id = -1 where id = " + id);
    assertTrue(audit.verify(admin).orElseThrow().contains("missing"), "removed");
    execute("update audit set id = " + id + " where id = -1");

    assertEquals(Optional.empty(), audit.verify(admin));
  }

  @Test
  void filtersAndPagesOverRest() {
    String token = accounts.adminToken();
    for (int i = 0; i < 5; i++) {
      audit.done(accounts.admin(), "test.page", "Thing-" + i, "");
    }

    Integer next =
        get(token, "?action=test.page&limit=3").then().statusCode(200).body("rows", hasSize(3)).body("rows[0].object", equalTo("Thing-4")).body("next", notNullValue()).extract().path("next");
    get(token, "?action=test.page&limit=3&before=" + next).then().body("rows", hasSize(2)).body("next", equalTo(null));
    get(token, "?action=test.pa*&object=thing-2").then().body("rows", hasSize(1)).body("rows[0].origin", equalTo("uid 0, pid 1"));
    get(token, "?action=test.page&since=2999-01-01T00:00:00Z").then().body("rows", hasSize(0));
    get(token, "?limit=0").then().statusCode(400).body("detail", containsString("limit"));
    get(token, "?limit=many").then().statusCode(400);
    get(token, "?since=yesterday").then().statusCode(400).body("detail", containsString("'since'"));
    get(token, "/verify").then().statusCode(200).body("isIntact", equalTo(true));
  }

  @Test
  void isForAccountsOnlyAndVerifiedByAdministrators() {
    given().get("/api/v1/audit").then().statusCode(401).contentType("application/problem+json");
    String viewer = accounts.token(Role.VIEWER);
    get(viewer, "?limit=50").then().statusCode(200).body("rows.team", everyItem(equalTo("default")));
    get(viewer, "/verify").then().statusCode(403);
  }

  private static io.restassured.response.Response get(String token, String rest) {
    return given().header("Authorization", "Bearer " + token).get("/api/v1/audit" + rest);
  }

  private static AuditFilter action(String action) {
    return new AuditFilter(null, action, null, null, null, null, null, null, 10);
  }

  private void execute(String sql) throws SQLException {
    try (var connection = database.getConnection(); var statement = connection.createStatement()) {
      assertEquals(1, statement.executeUpdate(sql));
    }
  }
}
