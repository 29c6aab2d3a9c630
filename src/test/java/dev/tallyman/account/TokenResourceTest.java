package dev.tallyman.account;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class TokenResourceTest {
  @Inject TestAccounts accounts;
  @Inject DataSource database;

  Caller caller;
  String session;

  @BeforeEach
  void logIn() {
    caller = accounts.caller(Role.MEMBER);
    session = accounts.sessionOf(caller);
  }

  @Test
  void opensAllThreeDoorsAndIsRevokedAtOnce() {
    Response made = browser().body("{\"name\":\"ci\"}").post("/api/v1/tokens");
    made.then().statusCode(201).body("secret", startsWith("tlm_"));
    String secret = made.path("secret");

    given().header("Authorization", "Bearer " + secret).get("/api/v1/me").then().statusCode(200).body("token", equalTo("ci")).body("name", equalTo(caller.accountName()));
    given().header("X-Tallyman-Token", secret).get("/api/v1/me").then().statusCode(200);
    given().auth().preemptive().basic(caller.accountName(), secret).get("/api/v1/me").then().statusCode(200);
    given().auth().preemptive().basic("admin", secret).get("/api/v1/me").then().statusCode(401);
    browser().delete("/api/v1/tokens/" + made.path("id")).then().statusCode(204);

    given().header("Authorization", "Bearer " + secret).get("/api/v1/me").then().statusCode(401).body("detail", containsString("revoked")).header("WWW-Authenticate", containsString("Bearer"));
  }

  @Test
  void listsTokensWithoutSecrets() {
    String secret = browser().body("{\"name\":\"laptop\"}").post("/api/v1/tokens").path("secret");

    browser().get("/api/v1/tokens").then().statusCode(200).body("name", hasItem("laptop")).body(not(containsString(secret)));
  }

  @Test
  void refusesTakenNamesPastEndsAndTokensMadeByTokens() {
    String secret = browser().body("{\"name\":\"first\"}").post("/api/v1/tokens").path("secret");

    browser().body("{\"name\":\"first\"}").post("/api/v1/tokens").then().statusCode(409);
    browser().body("{\"name\":\"late\",\"expiresAt\":\"2001-01-01T00:00:00Z\"}").post("/api/v1/tokens").then().statusCode(400);
    browser().body("{\"name\":\"late\",\"expiresAt\":\"tomorrow\"}").post("/api/v1/tokens").then().statusCode(400).body("detail", containsString("'expiresAt'"));
    given().header("X-Tallyman-Token", secret).contentType(ContentType.JSON).body("{\"name\":\"child\"}").post("/api/v1/tokens").then().statusCode(403);
  }

  @Test
  void hidesTokensOfOthers() {
    int id = browser().body("{\"name\":\"mine\"}").post("/api/v1/tokens").path("id");
    String other = accounts.token(Role.MEMBER);

    given().header("X-Tallyman-Token", other).delete("/api/v1/tokens/" + id).then().statusCode(404);
    given().header("X-Tallyman-Token", other).get("/api/v1/tokens").then().body("name", not(hasItem("mine")));
    given().header("X-Tallyman-Token", other).delete("/api/v1/tokens/999999999").then().statusCode(404);
    given().header("X-Tallyman-Token", other).delete("/api/v1/tokens/x").then().statusCode(404);
  }

  @Test
  void storesNoSecret() throws SQLException {
    String secret = browser().body("{\"name\":\"hidden\"}").post("/api/v1/tokens").path("secret");

    StringBuilder everything = new StringBuilder();
    try (var connection = database.getConnection(); var statement = connection.createStatement(); var script = statement.executeQuery("script")) {
      while (script.next()) {
        everything.append(script.getString(1)).append('\n');
      }
    }

    assertFalse(everything.toString().contains(secret));
    assertFalse(everything.toString().contains(session));
    assertFalse(everything.toString().contains(TestAccounts.PASSWORD));
    assertEquals(true, everything.toString().contains(Secrets.hash(secret)));
  }

  private RequestSpecification browser() {
    return given().cookie("tallyman_session", session).contentType(ContentType.JSON);
  }
}
