package dev.tallyman.web;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class HostileRequestTest {
  @Inject TestAccounts accounts;

  private String token = "";

  @BeforeEach
  void makeToken() {
    token = accounts.adminToken();
  }

  @Test
  void explainsMalformedJson() {
    json("{\"name\":").then().statusCode(400).contentType("application/problem+json").body("detail", containsString("not valid JSON (line 1"));
    json("{\"name\":\"x\"} trailing").then().statusCode(400);
    json("{\"name\":\"x\",\"name\":\"y\"}").then().statusCode(400);
    json("[1,2]").then().statusCode(400).body("detail", not(containsString("dev.tallyman")));
    json("{\"name\":{\"a\":1},\"expiresAt\":null}").then().statusCode(400).body("detail", containsString("'name'"));
    json("{\"nmae\":\"x\"}").then().statusCode(400).body("detail", equalTo("the field 'nmae' is not known here"));
  }

  @Test
  void readsNoBodyOfAStranger() throws IOException {
    given().contentType(ContentType.JSON).body("{\"name\":").post("/api/v1/containers").then().statusCode(401).contentType("application/problem+json").header("WWW-Authenticate", containsString("Bearer"));
    given().contentType(ContentType.JSON).body("{\"name\":").post("/api/v1/session").then().statusCode(400);
    try (RawHttp http = open()) {
      http.send("POST /api/v1/images/load HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");

      // No byte of the archive is ever sent.
      assertEquals(401, http.status());
    }
  }

  @Test
  void survivesDeepAndLongJson() {
    json("[".repeat(100_000)).then().statusCode(400);
    json("{\"name\":" + "[".repeat(5_000) + "]".repeat(5_000) + "}").then().statusCode(400).body("detail", not(containsString("Exception")));
    json("{\"name\":" + "9".repeat(500_000) + "}").then().statusCode(400);
    json(new String(new byte[] {'{', '"', (byte) 0xC0, (byte) 0x80, '"', ':', '1', '}'}, StandardCharsets.ISO_8859_1)).then().statusCode(400);
  }

  @Test
  void refusesOversizeBodyByItsLength() throws IOException {
    try (RawHttp http = open()) {
      assertEquals(413, http.send(head("POST", "/api/v1/tokens") + "Content-Type: application/json\r\nContent-Length: 2000000000\r\n\r\n{").status());
    }
  }

  @Test
  void refusesOversizeChunkedBodyWithoutWaitingForItsEnd() throws IOException {
    try (RawHttp http = open()) {
      http.send(head("POST", "/api/v1/tokens") + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
      byte[] chunk = ("10000\r\n" + " ".repeat(0x10000) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
      for (int i = 0; i < 17; i++) {
        http.send(chunk);
      }

      // No last chunk is ever sent.
      assertEquals(413, http.status());
    }
  }

  @Test
  void takesChunkedBodiesWithinTheLimit() throws IOException {
    try (RawHttp http = open()) {
      String body = "{\"name\":\"chunked\"}";
      http.send(head("POST", "/api/v1/session") + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n");

      assertEquals(400, http.status());
    }
  }

  @Test
  void refusesPathTricksBeforeAnyoneIsAsked() throws IOException {
    for (String path : new String[] {"//api/v1/me", "/api/v1/%2e%2e/me", "/api/v1;x/me", "/api/./v1/me", "/ui/../q/metrics", "/q/health%2f..%2fmetrics%2e"}) {
      try (RawHttp http = open()) {
        assertEquals(400, http.send(head("GET", path) + "\r\n").status(), path);
      }
    }
    with().get("/api/v1/me").then().statusCode(200);
  }

  @Test
  void answersOnlyForItsOwnNames() throws IOException {
    for (String host : new String[] {"evil.example.com", "localhost.evil.example", "127.0.0.1.nip.io", ""}) {
      try (RawHttp http = open()) {
        int status = http.send("GET /api/v1/me HTTP/1.1\r\nHost: " + host + "\r\n\r\n").status();
        assertTrue(status == 421 || status == 400, host + " got " + status);
      }
    }
    for (String host : new String[] {"localhost", "localhost:8080", "127.0.0.1", "10.1.2.3:8080", "[::1]:8080"}) {
      try (RawHttp http = open()) {
        assertEquals(200, http.send("GET /q/health/live HTTP/1.1\r\nHost: " + host + "\r\n\r\n").status(), host);
      }
    }
  }

  @Test
  void refusesRequestsWithTwoReadings() throws IOException {
    String second = "GET /api/v1/me HTTP/1.1\r\nHost: localhost\r\n\r\n";
    String[] requests = {
      "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + second,
      "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
      "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
      "GET /api/v1/me HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
      "GET /api/v1/me HTTP/1.1\r\nHost: localhost\r\nX-A: a\0b\r\n\r\n",
      "GET /api/v1/me HTTP/1.1\r\n\r\n"
    };
    for (String request : requests) {
      try (RawHttp http = open()) {
        assertEquals(400, http.send(request).status(), request);
      }
    }
  }

  @Test
  void refusesChangesFromPagesOfOtherSites() {
    String session = accounts.session(Role.MEMBER);
    String own = "http://localhost:" + RestAssured.port;

    for (String origin : new String[] {"https://evil.example.com", "null", "http://localhost:1"}) {
      given().cookie("tallyman_session", session).header("Origin", origin).contentType(ContentType.JSON).body("{\"name\":\"stolen\"}").post("/api/v1/tokens").then().statusCode(403);
    }
    given().cookie("tallyman_session", session).header("Sec-Fetch-Site", "cross-site").contentType(ContentType.JSON).body("{\"name\":\"stolen\"}").post("/api/v1/tokens").then().statusCode(403);
    given().cookie("tallyman_session", session).header("Sec-Fetch-Site", "same-site").contentType(ContentType.JSON).body("{\"name\":\"stolen\"}").post("/api/v1/tokens").then().statusCode(403);
    given().cookie("tallyman_session", session).header("Origin", own).header("Sec-Fetch-Site", "same-origin").contentType(ContentType.JSON).body("{\"name\":\"own\"}").post("/api/v1/tokens").then().statusCode(201);
  }

  @Test
  void takesNoFormWhereItWantsJson() {
    with().contentType(ContentType.URLENC).formParam("name", "x").post("/api/v1/tokens").then().statusCode(415).contentType("application/problem+json");
    with().contentType("text/plain").body("{\"name\":\"x\"}").post("/api/v1/tokens").then().statusCode(415);
  }

  @Test
  void answersUnknownPathsAndMethodsInItsForm() {
    with().get("/api/v1/nothing").then().statusCode(404).contentType("application/problem+json").body("instance", equalTo("/api/v1/nothing"));
    with().get("/api").then().statusCode(404).contentType("application/problem+json");
    // Which paths there are is nothing for strangers.
    given().get("/api/v1/nothing").then().statusCode(401).contentType("application/problem+json");
    with().delete("/api/v1/me").then().statusCode(405).contentType("application/problem+json").body("detail", containsString("other methods"));
    with().accept("application/xml").get("/api/v1/me").then().statusCode(406);
  }

  @Test
  void neverShowsStackTraces() {
    for (Response answer : new Response[] {json("{"), with().get("/api/v1/nothing"), with().get("/api/v1/audit?since=x"), given().get("/api/v1/me")}) {
      answer.then().body(not(containsString("Exception"))).body(not(containsString("at dev."))).body(not(containsString("quarkus")));
    }
  }

  @Test
  void takesNoCredentialsThatAreOnlySimilar() {
    for (String value : new String[] {"Bearer", "Bearer ", "Bearer tlm_", "bearer " + token.substring(0, 40), "Basic !!!", "Basic", "Negotiate x", "Bearer " + "x".repeat(5000), token}) {
      given().header("Authorization", value).get("/api/v1/me").then().statusCode(401);
    }
    given().cookie("tallyman_session", token).get("/api/v1/me").then().statusCode(401);
    given().queryParam("token", token).get("/api/v1/me").then().statusCode(401);
  }

  @Test
  void keepsMetricsForAccountsAndHealthForAll() {
    given().get("/q/metrics").then().statusCode(401);
    with().get("/q/metrics").then().statusCode(200).body(containsString("tallyman_audit_rows_total"));
    given().get("/q/health/ready").then().statusCode(200).body("status", equalTo("UP"));
  }

  @Test
  void tellsBrowsersToBeStrictWithPages() {
    given().redirects().follow(false).get("/ui/nothing").then().header("Content-Security-Policy", containsString("frame-ancestors 'none'")).header("X-Content-Type-Options", "nosniff");
  }

  private Response json(String body) {
    return with().contentType(ContentType.JSON).body(body.getBytes(StandardCharsets.ISO_8859_1)).post("/api/v1/tokens");
  }

  private io.restassured.specification.RequestSpecification with() {
    return given().header("X-Tallyman-Token", token);
  }

  private static RawHttp open() throws IOException {
    return new RawHttp(RestAssured.port);
  }

  private String head(String method, String path) {
    return method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nX-Tallyman-Token: " + token + "\r\n";
  }
}
