package dev.tallyman.index;

import static io.restassured.RestAssured.given;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestIndex;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** T24 and T27: clients of the Index that want too much, lie, or hold up; each with the honest control beside it. */
@QuarkusTest
@Timeout(120)
class HostileClientTest {
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private static final byte[] CONFIG = "{}".getBytes(StandardCharsets.UTF_8);

  /** More than the platform has threads for requests. */
  private static final int MANY = 260;

  @Inject TestAccounts accounts;

  @TestHTTPResource("/")
  URI server;

  private final List<Socket> sockets = new ArrayList<>();
  private String token = "";
  private String repository = "";

  @BeforeEach
  void newRepository() {
    token = accounts.token(Role.MEMBER);
    repository = accounts.admin().teamName() + "/hostile" + UUID.randomUUID().toString().substring(0, 8);
    TestIndex.as(token).contentType("application/octet-stream").body(CONFIG).post("/v2/" + repository + "/blobs/uploads/?digest=" + TestIndex.sha256(CONFIG)).then().statusCode(201);
  }

  @AfterEach
  void clear() throws IOException {
    for (Socket each : sockets) {
      each.close();
    }
    TestIndex.as(accounts.adminToken()).delete("/api/v1/repositories?name=" + repository).then().statusCode(204);
  }

  private static String descriptor() {
    return "{\"mediaType\":\"text/plain\",\"digest\":\"" + TestIndex.sha256(CONFIG) + "\",\"size\":" + CONFIG.length + "}";
  }

  /** @param layers how often the one blob is a layer; @param more further members */
  private static String manifest(int layers, String more) {
    return "{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST + "\",\"config\":" + descriptor() + ",\"layers\":[" + String.join(",", Collections.nCopies(layers, descriptor())) + "]" + more + "}";
  }

  private ValidatableResponse push(String type, String document) {
    return TestIndex.as(token).header("Content-Type", type).body(document.getBytes(StandardCharsets.UTF_8)).put("/v2/" + repository + "/manifests/1").then();
  }

  private void refused(int status, String code, String type, String document) {
    push(type, document).statusCode(status).body("errors[0].code", equalTo(code));
    TestIndex.as(token).get("/v2/" + repository + "/manifests/1").then().statusCode(404);
  }

  @Test
  void manifestsOfTooManyPartsAreRefused() {
    refused(400, "MANIFEST_INVALID", MANIFEST, manifest(10_000, ""));
    push(MANIFEST, manifest(500, "")).statusCode(201);
  }

  @Test
  void whatIsManifestAndIndexAtOnceIsRefused() {
    refused(400, "MANIFEST_INVALID", MANIFEST, manifest(1, ",\"manifests\":[]"));
    refused(400, "MANIFEST_INVALID", INDEX, "{\"schemaVersion\":2,\"mediaType\":\"" + INDEX + "\",\"manifests\":[],\"layers\":[]}");
    refused(400, "MANIFEST_INVALID", INDEX, "{\"schemaVersion\":2,\"mediaType\":\"" + INDEX + "\",\"manifests\":[],\"config\":" + descriptor() + "}");
    refused(400, "MANIFEST_INVALID", INDEX, manifest(1, ""));
    refused(400, "MANIFEST_INVALID", MANIFEST, manifest(1, ",\"schemaVersion\":2"));
    push(INDEX, "{\"schemaVersion\":2,\"mediaType\":\"" + INDEX + "\",\"manifests\":[]}").statusCode(201);
  }

  @Test
  void hugeManifestsAreNotKept() {
    refused(413, "SIZE_INVALID", MANIFEST, manifest(1, ",\"annotations\":{\"a\":\"" + "x".repeat(5 << 20) + "\"}"));
    push(MANIFEST, manifest(1, ",\"annotations\":{\"a\":\"" + "x".repeat(3 << 20) + "\"}")).statusCode(201);
  }

  @Test
  void hugeHeadersAndAddressesAreRefused() throws IOException {
    assertThat(first("GET /v2/" + "x".repeat(20_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"), containsString(" 414 "));
    assertThat(first("GET /v2/ HTTP/1.1\r\nHost: localhost\r\nX-Long: " + "x".repeat(40_000) + "\r\n\r\n"), containsString(" 431 "));
    TestIndex.as(token).get("/v2/_catalog?n=999999999").then().statusCode(200);
    TestIndex.as(token).get("/v2/_catalog?n=1000000000").then().statusCode(400);
    given().header("X-Long", "x".repeat(20_000)).get("/v2/").then().statusCode(401);
  }

  @Test
  void strangersThatTrickleHoldUpNobody() {
    for (int i = 0; i < MANY; i++) {
      trickle("");
    }
    TestIndex.as(token).get("/v2/").then().statusCode(200);
    push(MANIFEST, manifest(1, "")).statusCode(201);
  }

  @Test
  void anAccountThatTricklesHoldsUpItselfOnly() throws Exception {
    String slow = accounts.token(Role.MEMBER);
    for (int i = 0; i < MANY; i++) {
      trickle("Authorization: Bearer " + slow + "\r\n");
    }
    push(MANIFEST, manifest(1, "")).statusCode(201);
    // All but those that are let in are answered at once, in no order.
    List<Socket> answered = answered(MANY - Intake.MAX_PER_ACCOUNT);
    assertThat(line(answered.get(0)), containsString(" 429 "));
  }

  @Test
  void aBodyMustKeepUpASpeed() throws IOException {
    AtomicLong clock = new AtomicLong();
    InputStream slow = new SteadyBody(everySecond(1000, clock), 64 << 10, clock::get);
    SlowBodyException e = assertThrows(SlowBodyException.class, () -> slow.readNBytes(1 << 20));
    assertTrue(e.getMessage().contains("too slowly"), e.getMessage());
    assertEquals(1 << 20, new SteadyBody(everySecond(2000, clock), 64 << 10, clock::get).readNBytes(1 << 20).length);
  }

  /** So many bytes a second, by that clock. */
  private static InputStream everySecond(int most, AtomicLong clock) {
    return new InputStream() {
      @Override
      public int read() {
        throw new AssertionError("read in pieces");
      }

      @Override
      public int read(byte[] bytes, int offset, int length) {
        clock.addAndGet(1_000_000_000L);
        return Math.min(length, most);
      }
    };
  }

  private String head(String credentials) {
    return "PUT /v2/" + repository + "/manifests/slow HTTP/1.1\r\nHost: localhost\r\n" + credentials + "Content-Type: " + MANIFEST + "\r\nContent-Length: 100000\r\n\r\n";
  }

  /** Sends the beginning of a push, and stops there. */
  private void trickle(String credentials) {
    try {
      Socket socket = new Socket(server.getHost(), server.getPort());
      sockets.add(socket);
      socket.getOutputStream().write((head(credentials) + " ").getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private List<Socket> answered(int atLeast) throws Exception {
    while (true) {
      List<Socket> found = new ArrayList<>();
      for (Socket each : sockets) {
        if (each.getInputStream().available() > 0) {
          found.add(each);
        }
      }
      if (found.size() >= atLeast) {
        return found;
      }
      Thread.sleep(50);
    }
  }

  private static String line(Socket socket) throws IOException {
    return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII)).readLine();
  }

  /** @return first line of the answer */
  private String first(String request) throws IOException {
    try (Socket socket = new Socket(server.getHost(), server.getPort())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return line(socket);
    }
  }
}
