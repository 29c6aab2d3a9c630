package dev.tallyman.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Operations that clients call seldom, and those that are refused. */
@QuarkusTest
@Timeout(60)
class RareOperationsApiTest extends EngineTest {
  private static final String MANIFEST =
      "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"sha256:"
          + "a".repeat(64)
          + "\",\"size\":7,\"platform\":{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v7\"}}]}";

  /** A registry on the loopback interface that wants no account, has every blob, knows one index and takes any manifest. */
  private static HttpServer registry() throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v2/",
        exchange -> {
          byte[] body = (exchange.getRequestURI().getPath().contains("/manifests/") ? MANIFEST : "{}").getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", body.length > 2 ? "application/vnd.oci.image.index.v1+json" : "application/json");
          boolean isHead = exchange.getRequestMethod().equals("HEAD");
          if (isHead) {
            exchange.getResponseHeaders().add("Content-Length", Integer.toString(body.length));
          }
          boolean isPut = exchange.getRequestMethod().equals("PUT");
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(isPut ? 201 : 200, isHead || isPut ? -1 : body.length);
          if (!isHead && !isPut) {
            exchange.getResponseBody().write(body);
          }
          exchange.close();
        });
    server.start();
    return server;
  }

  private static void refused(EngineClient.Reply reply, int status, String message) {
    assertEquals(status, reply.status(), reply.text());
    assertTrue(reply.message().contains(message), reply.message());
  }

  @Test
  @Covers({"POST /auth", "GET /distribution/{name}/json"})
  void asksARegistry() throws IOException {
    HttpServer registry = registry();
    try {
      String place = "127.0.0.1:" + registry.getAddress().getPort();

      EngineClient.Reply login = engine.post("/auth", "{\"username\":\"a\",\"password\":\"b\",\"serveraddress\":\"" + place + "\"}");
      EngineClient.Reply described = engine.get("/distribution/" + place + "/box:1/json");

      assertEquals(200, login.status(), login.text());
      assertEquals("Login Succeeded", login.json().get("Status").asText());
      assertEquals(200, described.status(), described.text());
      assertEquals("application/vnd.oci.image.index.v1+json", described.json().at("/Descriptor/mediaType").asText());
      assertEquals("[{\"architecture\":\"arm\",\"os\":\"linux\",\"variant\":\"v7\"}]", described.json().get("Platforms").toString());
    } finally {
      registry.stop(0);
    }
  }

  /** The library of Ruby sends the name's tag a second time, older ones one of their own. */
  @Test
  @Covers("POST /images/create")
  void aTagBesideTheNameTakesThePlaceOfItsOwn() throws IOException {
    HttpServer registry = registry();
    try {
      String place = "127.0.0.1:" + registry.getAddress().getPort();
      String digest = "@sha256:" + "b".repeat(64);
      for (String name : new String[] {"/box", "/box:one", "/box:two", "/box:"}) {
        EngineClient.Reply pulled = engine.post("/images/create?tag=two&fromImage=" + place + name);

        assertEquals(200, pulled.status(), name + pulled.text());
        assertTrue(pulled.text().contains("\"id\":\"two\"") && pulled.text().contains("no matching manifest"), name + pulled.text());
      }
      for (String name : new String[] {"/box", "/box:one"}) {
        EngineClient.Reply pinned = engine.post("/images/create?tag=two&fromImage=" + place + name + digest);
        assertTrue(pinned.text().contains("b".repeat(64)) && !pinned.text().contains("\"id\":\"two\""), name + pinned.text());
      }
      refused(engine.post("/images/create?tag=t%20o&fromImage=" + place + "/box:one"), 400, "invalid");
    } finally {
      registry.stop(0);
    }
  }

  @Test
  @Covers({"POST /images/create", "GET /images/get", "DELETE /images/{name}"})
  void importsAndSavesSeveral() throws IOException {
    EngineClient.Reply made = engine.send("POST", "/images/create?fromSrc=-&repo=imported&tag=1&message=of-a-tar", "application/x-tar", tar());
    assertEquals(200, made.status(), made.text());

    EngineClient.Reply saved = engine.get("/images/get?names=imported:1&names=busybox");

    assertEquals(200, saved.status());
    assertEquals("application/x-tar", saved.headers().get("content-type"));
    assertTrue(saved.text().contains("imported:1") && saved.text().contains("busybox:latest"));
    assertEquals(200, engine.delete("/images/imported:1").status());
    refused(engine.get("/images/get?names=nosuch:1"), 404, "nosuch:1");
    refused(engine.delete("/images/%20"), 400, "image name cannot be blank");
    refused(engine.post("/images/create?fromSrc=http://127.0.0.2:9/box.tar"), 403, "tallyman.build.sources.allowed");
    refused(engine.post("/images/create?fromSrc="), 400, "fromImage or fromSrc");
  }

  /** As with dockerd the stream says so, with the status of one that began well. */
  private static void absent(String repository, EngineClient.Reply reply) {
    String message = "An image does not exist locally with the tag: " + repository;
    assertEquals(200, reply.status());
    assertEquals("{\"status\":\"The push refers to repository [" + repository + "]\"}\r\n{\"error\":\"" + message + "\",\"errorDetail\":{\"message\":\"" + message + "\"}}\r\n", reply.text());
  }

  @Test
  @Covers("POST /images/{name}/push")
  void pushesToARegistry() throws IOException {
    HttpServer registry = registry();
    String name = "127.0.0.1:" + registry.getAddress().getPort() + "/pushed";
    try {
      assertEquals(201, engine.post("/images/busybox/tag?repo=" + name + "&tag=1").status());

      EngineClient.Reply pushed = engine.post("/images/" + name + "/push?tag=1");

      assertEquals(200, pushed.status(), pushed.text());
      assertTrue(pushed.text().contains("\"status\":\"Layer already exists\""), pushed.text());
      assertTrue(pushed.text().contains("1: digest: sha256:"), pushed.text());
      String again = engine.post("/images/" + name + ":7/push?tag=1").text();
      assertTrue(again.contains("1: digest: sha256:"), "libraries send a tag both ways, and the parameter counts: " + again);
      absent(name, engine.post("/images/" + name + "/push?tag=2"));
      assertEquals(201, engine.post("/images/busybox/tag?repo=" + name + "&tag=2").status());
      String all = engine.post("/images/" + name + "/push").text();
      assertTrue(all.contains("1: digest: sha256:") && all.contains("2: digest: sha256:"), all);
      absent(name + "nothing", engine.post("/images/" + name + "nothing/push"));
      assertEquals(404, engine.post("/images/" + name + ":1/push?platform=%7B%22os%22%3A%22plan9%22%2C%22architecture%22%3A%22mips%22%7D").status());
    } finally {
      engine.delete("/images/" + name + ":2");
      engine.delete("/images/" + name + ":1");
      registry.stop(0);
    }
  }

  @Test
  @Covers("POST /images/prune")
  void prunesImagesWithoutAName() throws IOException {
    EngineClient.Reply made = engine.send("POST", "/images/create?fromSrc=-&message=nameless", "application/x-tar", tar());
    String id = made.text().replaceAll("(?s).*(sha256:[0-9a-f]{64}).*", "$1");

    JsonNode pruned = engine.post("/images/prune").json();

    assertTrue(pruned.get("ImagesDeleted").toString().contains(id), pruned + " has no " + id);
    assertTrue(pruned.get("SpaceReclaimed").isNumber());
    refused(engine.get("/images/" + id + "/json"), 404, "No such image: " + id);
  }

  @Test
  @Covers("POST /exec/{id}/resize")
  void resizesTheTerminalOfACommand() throws IOException {
    String id = run("sleep 60");
    String exec = engine.post("/containers/" + id + "/exec", "{\"Cmd\":[\"sleep\",\"60\"],\"Tty\":true,\"AttachStdout\":true}").json().get("Id").asText();
    try (EngineClient.Stream stream = engine.hijack("/exec/" + exec + "/start", "{\"Tty\":true}")) {
      assertEquals(101, stream.status);

      EngineClient.Reply resized = engine.post("/exec/" + exec + "/resize?h=10&w=20");

      assertEquals(200, resized.status(), resized.text());
    }
    refused(engine.post("/exec/" + exec + "/resize?h=x&w=20"), 400, "h");
    refused(engine.post("/exec/nosuch/resize?h=10&w=20"), 404, "No such exec instance: nosuch");
  }

  @Test
  @Covers("GET /images/{name}/attestations")
  void refusesWhatIsNotHereAndSaysWhatHelps() {
    refused(engine.get("/images/busybox/attestations"), 501, "attestations");
  }
}
