package dev.tallyman.account;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.audit.AuditTrail.AuditFilter;
import dev.tallyman.audit.AuditTrail.AuditRow;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class SessionResourceTest {
  @Inject TestAccounts accounts;
  @Inject AuditTrail audit;
  @Inject LoginBrake brake;

  @BeforeEach
  void forgetTries() {
    brake.forgetAll();
  }

  @Test
  void logsInAndOut() {
    Caller caller = accounts.caller(Role.MEMBER);

    Response login = login(caller.accountName(), TestAccounts.PASSWORD);

    login.then().statusCode(200).body("mustChangePassword", equalTo(false)).body("name", equalTo(caller.accountName()));
    String cookie = login.getCookie("tallyman_session");
    given().cookie("tallyman_session", cookie).get("/api/v1/me").then().statusCode(200).body("name", equalTo(caller.accountName())).body("role", equalTo("MEMBER"));
    given().cookie("tallyman_session", cookie).delete("/api/v1/session").then().statusCode(204);
    given().cookie("tallyman_session", cookie).get("/api/v1/me").then().statusCode(401).body("detail", containsString("session has ended"));
  }

  @Test
  void hidesTheCookieFromScriptsAndForeignPages() {
    Caller caller = accounts.caller(Role.MEMBER);

    Response login = login(caller.accountName(), TestAccounts.PASSWORD);

    String cookie = login.getHeader("Set-Cookie");
    assertTrue(cookie.toLowerCase(java.util.Locale.ROOT).contains("httponly") && cookie.contains("SameSite=Strict") && cookie.contains("Path=/"), cookie);
    login.then().body(not(containsString(login.getCookie("tallyman_session"))));
  }

  @Test
  void refusesWrongPasswordAndUnknownNameAlike() {
    Caller caller = accounts.caller(Role.MEMBER);

    String wrong = login(caller.accountName(), "not the password").then().statusCode(401).contentType("application/problem+json").extract().path("detail");
    String unknown = login("nobody-of-that-name", "not the password").then().statusCode(401).extract().path("detail");

    assertEquals(wrong, unknown);
  }

  @Test
  void brakesGuessingAndSaysWhenToTryAgain() {
    Caller caller = accounts.caller(Role.MEMBER);
    for (int i = 0; i < LoginBrake.FREE_TRIES; i++) {
      login(caller.accountName(), "guess number " + i).then().statusCode(401);
    }

    Response right = login(caller.accountName(), TestAccounts.PASSWORD);

    right.then().statusCode(429).header("Retry-After", matchesPattern("[0-9]+")).body("status", equalTo(429));
  }

  @Test
  void firstPasswordOpensNothingButItsChange() {
    String cookie = login("admin", "first secret of the tests").then().statusCode(200).body("mustChangePassword", equalTo(true)).extract().cookie("tallyman_session");

    given().cookie("tallyman_session", cookie).get("/api/v1/me").then().statusCode(200).body("mustChangePassword", equalTo(true));
    given().cookie("tallyman_session", cookie).get("/api/v1/accounts").then().statusCode(403).body("detail", containsString("first password"));
    given().cookie("tallyman_session", cookie).get("/api/v1/audit").then().statusCode(403);
    given().cookie("tallyman_session", cookie).get("/containers/json").then().statusCode(not(200));
    given().cookie("tallyman_session", cookie).redirects().follow(false).get("/ui/containers").then().statusCode(303).header("Location", "/ui/password");
  }

  @Test
  void changesOwnPasswordAndEndsItsSessions() {
    Caller caller = accounts.caller(Role.MEMBER);
    String cookie = login(caller.accountName(), TestAccounts.PASSWORD).getCookie("tallyman_session");

    given().cookie("tallyman_session", cookie).contentType(ContentType.JSON).body(Map.of("oldPassword", "wrong old one", "newPassword", "another long password"))
        .put("/api/v1/me/password").then().statusCode(401);
    given().cookie("tallyman_session", cookie).contentType(ContentType.JSON).body(Map.of("oldPassword", TestAccounts.PASSWORD, "newPassword", "short"))
        .put("/api/v1/me/password").then().statusCode(400).body("detail", containsString("at least 10"));
    given().cookie("tallyman_session", cookie).contentType(ContentType.JSON).body(Map.of("oldPassword", TestAccounts.PASSWORD, "newPassword", "another long password"))
        .put("/api/v1/me/password").then().statusCode(204);

    given().cookie("tallyman_session", cookie).get("/api/v1/me").then().statusCode(401);
    login(caller.accountName(), TestAccounts.PASSWORD).then().statusCode(401);
    login(caller.accountName(), "another long password").then().statusCode(200);
  }

  @Test
  void recordsLoginsWithTheirAddressAndRefusalsToo() {
    Caller caller = accounts.caller(Role.MEMBER);

    login(caller.accountName(), "not the password");
    login(caller.accountName(), TestAccounts.PASSWORD);

    List<AuditRow> rows = audit.list(accounts.admin(), new AuditFilter(caller.accountName(), "login", null, null, null, null, null, null, 10));
    assertEquals(List.of("done", "refused"), rows.stream().map(AuditRow::outcome).toList());
    assertEquals("127.0.0.1", rows.get(0).origin());
    assertEquals("rest", rows.get(0).way());
  }

  @Test
  void asksForMissingFields() {
    given().contentType(ContentType.JSON).body("{\"name\":\"admin\"}").post("/api/v1/session").then().statusCode(400).body("detail", containsString("'password'"));
    given().contentType(ContentType.JSON).body("null").post("/api/v1/session").then().statusCode(400);
    given().contentType(ContentType.JSON).post("/api/v1/session").then().statusCode(400);
  }

  @Test
  void listsPathsInTheApiDescription() {
    given().accept(ContentType.JSON).get("/q/openapi?format=json").then().statusCode(200).body("paths.keySet()", hasItem("/api/v1/session"));
  }

  private static Response login(String name, String password) {
    return given().contentType(ContentType.JSON).body(Map.of("name", name, "password", password)).post("/api/v1/session");
  }
}
