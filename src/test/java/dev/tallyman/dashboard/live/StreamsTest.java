package dev.tallyman.dashboard.live;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.account.Accounts;
import dev.tallyman.container.ContainerSpec;
import dev.tallyman.container.Containers;
import dev.tallyman.dashboard.TinyImage;
import dev.tallyman.dashboard.Visitor;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.Images;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.volume.Volumes;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@QuarkusTest
@Timeout(30)
class StreamsTest {
  @Inject TestAccounts accounts;
  @Inject Accounts accountService;
  @Inject Containers containers;
  @Inject Images images;
  @Inject Volumes volumes;
  @TestHTTPResource URI server;

  private final String name = "s" + UUID.randomUUID().toString().substring(0, 8);
  private Caller member;
  private String session;

  @BeforeEach
  void comeIn() {
    member = accounts.caller(Role.MEMBER);
    session = accounts.sessionOf(member);
    TinyImage.make(images, accounts.admin(), "busybox:latest");
  }

  private BufferedReader open(String path) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(server.resolve(path)).version(HttpClient.Version.HTTP_1_1).header("Cookie", "tallyman_session=" + session).build();
    HttpResponse<InputStream> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofInputStream());
    assertEquals(200, answer.statusCode());
    assertEquals("text/event-stream", answer.headers().firstValue("Content-Type").orElse(""));
    return new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
  }

  private static String await(BufferedReader stream, Predicate<String> wanted) throws IOException {
    StringBuilder seen = new StringBuilder();
    for (String line = stream.readLine(); line != null; line = stream.readLine()) {
      seen.append(line).append('\n');
      if (wanted.test(line)) {
        return seen.toString();
      }
    }
    throw new AssertionError("the stream ended after: " + seen);
  }

  /** A cut connection ends inside a chunk or a stream, which this client reports as a failure. */
  private static void awaitEnd(BufferedReader stream) {
    try {
      while (stream.readLine() != null) {
        continue; // what was on its way before the end
      }
    } catch (IOException e) {
      assertFalse(e.getCause() instanceof InterruptedException || String.valueOf(e.getMessage()).contains("Interrupted"), () -> "never ended: " + e);
    }
  }

  @Test
  void tellsWhatHappensToContainers() throws Exception {
    try (BufferedReader stream = open("/ui/containers/events")) {
      await(stream, line -> line.equals("event: ready"));

      String id = containers.create(member, ContainerSpec.of(name, "busybox:latest", List.of("sleep", "1000"))).id();

      await(stream, line -> line.startsWith("data: ") && line.contains("\"create\"") && line.contains(id));
    }
  }

  @Test
  void tellsWhatHappensAtAll() throws Exception {
    try (BufferedReader stream = open("/ui/events/stream")) {
      await(stream, line -> line.equals("event: ready"));

      volumes.create(member, Volumes.NewVolume.named(name));

      await(stream, line -> line.startsWith("data: ") && line.contains("\"create\"") && line.contains(name));
    } finally {
      volumes.remove(member, name, true);
    }
  }

  /** A log that a driver keeps elsewhere cannot be read here. */
  @Test
  void saysInTheReadersLanguageWhyThereIsNoLog() throws Exception {
    String body = "{\"name\":\"" + name + "\",\"image\":\"busybox:latest\",\"command\":[\"sleep\",\"1000\"],\"logDriver\":\"none\"}";
    given().header("X-Tallyman-Token", accounts.tokenOf(member)).contentType("application/json").body(body).post("/api/v1/containers").then().statusCode(201);
    String id = containers.inspect(member, name).id();
    containers.start(member, id);
    session += "; tallyman_language=zh";

    try (BufferedReader stream = open("/ui/containers/" + id + "/stream")) {
      await(stream, line -> line.startsWith("data: ") && line.contains("所选的日志驱动不支持读取日志。"));
    }
  }

  @Test
  void sendsOutputAndUseOfOneContainer() throws Exception {
    String id = containers.create(member, ContainerSpec.of(name, "busybox:latest", List.of("sh", "-c", "echo tally-line; sleep 1000"))).id();
    containers.start(member, id);

    try (BufferedReader stream = open("/ui/containers/" + id + "/stream")) {
      boolean[] seen = new boolean[2];
      String all =
          await(
              stream,
              line -> {
                seen[0] |= line.startsWith("data: ") && line.contains("\"t\":\"20");
                seen[1] |= line.startsWith("data: ") && line.contains("\"memory\":");
                return seen[0] && seen[1];
              });
      assertTrue(all.contains("event: log") && all.contains("event: stats"), all);
    }
  }

  @Test
  void endsWhenTheAccountIsDisabled() throws Exception {
    try (BufferedReader stream = open("/ui/containers/events")) {
      await(stream, line -> line.equals("event: ready"));

      accountService.update(accounts.admin(), member.accountName(), null, null, true, null);

      awaitEnd(stream);
    }
  }

  @Test
  void endsAfterLogout() throws Exception {
    try (BufferedReader stream = open("/ui/containers/events")) {
      await(stream, line -> line.equals("event: ready"));

      accountService.logout(member, session);

      awaitEnd(stream);
    }
  }

  @Test
  void isForKnownCallersOnly() {
    assertEquals(401, Visitor.stranger().get("/ui/containers/events").statusCode());
    assertEquals(404, Visitor.with(session).get("/ui/containers/" + "0".repeat(64) + "/stream").statusCode());
  }
}
