package dev.tallyman.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@QuarkusTest
@Timeout(60)
class SystemApiTest extends EngineTest {
  @Test
  @Covers({"GET /_ping", "HEAD /_ping"})
  void pingTellsTheVersion() {
    for (String method : List.of("GET", "HEAD")) {
      EngineClient.Reply ping = engine.send(method, "/_ping", null);
      assertEquals(200, ping.status());
      assertEquals("1.51", ping.headers().get("api-version"));
      assertEquals("linux", ping.headers().get("ostype"));
      assertEquals("1", ping.headers().get("builder-version"));
      assertEquals("false", ping.headers().get("docker-experimental"));
      assertEquals(method.equals("GET") ? "OK" : "", ping.text());
    }
  }

  @Test
  @Covers({"GET /version", "GET /info"})
  void versionAndInfoAreComplete() {
    JsonNode version = engine.get("/version").json();
    assertEquals("1.51", version.get("ApiVersion").asText());
    assertEquals("1.24", version.get("MinAPIVersion").asText());
    assertFalse(version.get("Version").asText().isEmpty());
    JsonNode info = engine.get("/v1.24/info").json();
    for (String number : List.of("Containers", "ContainersRunning", "ContainersPaused", "ContainersStopped", "Images", "NCPU", "MemTotal", "NFd", "NGoroutines", "NEventsListener")) {
      assertTrue(info.get(number).isNumber(), number);
    }
    assertTrue(info.get("Images").asInt() >= 1);
    assertTrue(info.get("NFd").asInt() > 3 && info.get("NGoroutines").asInt() > 3, "open files and threads of the server");
    assertEquals("inactive", info.at("/Swarm/LocalNodeState").asText());
    assertEquals("target/test-state", info.get("DockerRootDir").asText());
    assertTrue(info.get("Warnings").isArray());
    assertEquals("[\"local\"]", info.at("/Plugins/Volume").toString());
    assertEquals(UUID.fromString(info.get("ID").asText()).toString(), engine.get("/info").json().get("ID").asText());
  }

  @Test
  void versionsOutOfRangeAreRefusedInDockersWords() {
    EngineClient.Reply old = engine.get("/v1.23/containers/json");
    assertEquals(400, old.status());
    assertEquals("client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version", old.text());
    assertTrue(String.valueOf(old.headers().get("content-type")).startsWith("text/plain"));
    assertEquals("client version 1.99 is too new. Maximum supported API version is 1.51", engine.get("/v1.99/version").message());
    assertEquals("application/json", engine.get("/v1.99/version").headers().get("content-type"));
  }

  @Test
  void everyVersionInRangeIsServed() {
    for (int minor = 24; minor <= 51; minor++) {
      assertEquals(200, engine.get("/v1." + minor + "/containers/json").status(), "1." + minor);
      assertEquals("1.51", engine.get("/v1." + minor + "/_ping").headers().get("api-version"));
    }
    for (String wrong : List.of("0.1", "1.23", "1.52", "2.0", "1.")) {
      assertEquals(400, engine.get("/v" + wrong + "/containers/json").status(), wrong);
    }
  }

  @Test
  void unknownPathsAreNotFound() {
    EngineClient.Reply reply = engine.get("/v1.41/nothing");
    assertEquals(404, reply.status());
    assertEquals("page not found", reply.message());
    assertEquals("page not found", engine.get("/containers/x/y/z").message());
    assertEquals("page not found", engine.get("/nothing").message());
    assertEquals(404, engine.send("PUT", "/containers/json", null).status());
    assertEquals(200, engine.send("OPTIONS", "/", null).status());
    assertEquals(200, engine.send("OPTIONS", "/v1.41/containers/json", null).status());
  }

  @Test
  void damagedBodiesAreRefused() {
    assertEquals("config cannot be empty in order to create a container", engine.post("/containers/create", "{}").message());
    EngineClient.Reply reply = engine.post("/containers/create", "{\"Image\":");
    assertEquals(400, reply.status());
    assertTrue(reply.message().startsWith("invalid JSON"), reply.message());
    assertTrue(engine.post("/containers/create").message().startsWith("invalid JSON"));
    assertEquals(400, engine.post("/containers/create", "[]").status());
    assertEquals(400, engine.post("/containers/create", "{\"Image\":\"a\",\"Image\":\"b\"}").status());
    assertEquals(400, engine.post("/containers/create", "{} {}").status());
    EngineClient.Reply type = engine.send("POST", "/containers/create", "text/plain", "{}".getBytes(StandardCharsets.UTF_8));
    assertEquals("unsupported Content-Type header (text/plain): must be 'application/json'", type.message());
    assertEquals("malformed Content-Type header (): mime: no media type", engine.send("POST", "/containers/create", " ", "{}".getBytes(StandardCharsets.UTF_8)).message());
    assertEquals(413, engine.send("POST", "/containers/create", "application/json", new byte[2 << 20]).status());
  }

  @Test
  void withoutCredentialsNobodyGetsInButPing() {
    RestAssured.given().get("/containers/json").then().statusCode(401).header("Content-Type", "application/json");
    RestAssured.given().get("/version").then().statusCode(401);
    RestAssured.given().get("/_ping").then().statusCode(200);
  }

  @Test
  @Covers("GET /volumes")
  void swarmAndPluginsAnswerAsAnEngineWithoutThem() {
    EngineClient.Reply swarm = engine.get("/nodes");
    assertEquals(503, swarm.status());
    assertTrue(swarm.message().startsWith("This node is not a swarm manager."));
    assertEquals(503, engine.post("/services/create", "{}").status());
    assertEquals("[]", engine.get("/plugins").text());
    assertEquals("plugin \"a/b\" not found", engine.get("/plugins/a/b/json").message());
    assertEquals("plugins are not supported by this server", engine.get("/plugins/privileges?remote=a/b").message());
    assertEquals(501, engine.post("/plugins/pull?remote=a/b", "[]").status());
    assertEquals("{\"Volumes\":[],\"Warnings\":null}", engine.get("/volumes").text());
  }

  @Test
  @Covers({"GET /networks", "GET /networks/{id}"})
  void networksAreTheThreeThatAlwaysExist() {
    JsonNode networks = engine.get("/networks").json();
    List<String> names = networks.findValuesAsText("Name");
    assertTrue(names.containsAll(List.of("bridge", "none", "host")), names.toString());
    JsonNode bridge = engine.get("/networks/bridge").json();
    assertEquals("bridge", bridge.get("Driver").asText());
    assertFalse(bridge.at("/IPAM/Config/0/Subnet").asText().isEmpty());
    assertEquals(404, engine.get("/networks/nosuch").status());
    assertEquals(403, engine.delete("/networks/bridge").status());
    String id = run("sleep 60");
    assertTrue(engine.get("/networks/bridge").json().get("Containers").has(id));
  }

  @Test
  @Covers("GET /events")
  void eventsOfTheTimeGivenAndFiltered() throws IOException {
    String id = run("exit 3");
    await(id);
    engine.delete("/containers/" + id);

    String text = engine.get("/events?since=1&until=" + (System.currentTimeMillis() / 1000 + 1) + "&filters=%7B%22container%22%3A%5B%22" + id + "%22%5D%7D").text();
    assertEquals(text, engine.get("/events?since=1&until=" + (System.currentTimeMillis() / 1000 + 1) + "&filters=%7B%22nosuch%22%3A%5B%22a%22%5D%2C%22container%22%3A%5B%22" + id + "%22%5D%7D").text(), "as with dockerd, a filter that is none filters nothing");
    assertEquals(text, engine.get("/events?until=" + (System.currentTimeMillis() / 1000 + 1) + "&filters=%7B%22container%22%3A%5B%22" + id + "%22%5D%7D").text());
    List<String> actions = text.lines().map(line -> line.replaceAll(".*\"Action\":\"([^\"]*)\".*", "$1")).toList();
    assertTrue(actions.containsAll(List.of("create", "start", "die", "destroy")), text);
    assertTrue(text.contains("\"exitCode\":\"3\""), text);
    assertTrue(text.lines().filter(line -> line.contains("\"Action\":\"start\"")).allMatch(line -> line.contains("\"tallyman.way\":\"docker\"")), text);
    assertTrue(text.lines().filter(line -> line.contains("\"Action\":\"die\"")).allMatch(line -> line.contains("\"tallyman.account\":\"system\"")), text);
    try (EngineClient.Stream live = engine.open("GET", "/events?filters=%7B%22event%22%3A%7B%22create%22%3Atrue%7D%7D", "", null)) {
      assertTrue(engine.get("/info").json().get("NEventsListener").asInt() >= 1, "we listen");
      String other = createShell("true");
      String line = live.readLine();
      assertTrue(line.contains(other) && line.contains("\"status\":\"create\"") && line.contains("\"timeNano\":"), line);
    }
    assertEquals(400, engine.get("/events?since=2000000000&until=1000000000").status());
  }

  @Test
  @Covers({
    "GET /images/json", "GET /images/{name}/json", "GET /images/{name}/history", "POST /images/{name}/tag",
    "GET /images/{name}/get", "DELETE /images/{name}", "POST /images/load"
  })
  void imagesInAndOut() {
    JsonNode image = engine.get("/images/busybox:latest/json").json();
    String id = image.get("Id").asText();
    assertEquals("layers", image.at("/RootFS/Type").asText());
    assertEquals("[\"sh\"]", image.at("/Config/Cmd").toString());
    JsonNode row = null;
    for (JsonNode each : engine.get("/images/json").json()) {
      row = each.get("Id").asText().equals(id) ? each : row;
    }
    assertTrue(row.get("RepoTags").toString().contains("busybox:latest"), String.valueOf(row));
    assertTrue(row.get("Labels").isObject());
    assertEquals(1, engine.get("/images/busybox/history").json().size());
    Instant before = Instant.now().minusMillis(1);
    assertEquals(201, engine.post("/images/busybox/tag?repo=example.org/a/box&tag=one").status());
    Instant tagged = Instant.parse(engine.get("/images/busybox/json").json().at("/Metadata/LastTagTime").asText());
    assertTrue(!tagged.isBefore(before) && !tagged.isAfter(Instant.now()), tagged + " is not when it was tagged");
    byte[] saved = engine.get("/images/example.org/a/box:one/get").body();
    assertTrue(saved.length > 1024);
    assertEquals("[{\"Untagged\":\"example.org/a/box:one\"}]", engine.delete("/images/example.org/a/box:one").text());
    EngineClient.Reply loaded = engine.send("POST", "/images/load?quiet=1", "application/x-tar", saved);
    assertEquals("application/json", loaded.headers().get("content-type"));
    assertEquals("Loaded image: example.org/a/box:one\n", loaded.json().get("stream").asText());
    engine.delete("/images/example.org/a/box:one");
    EngineClient.Reply cut = engine.send("POST", "/images/load", "application/x-tar", Arrays.copyOf(saved, 520));
    assertEquals(200, cut.status());
    assertEquals(cut.json().get("error"), cut.json().at("/errorDetail/message"), cut.text());
    assertEquals("cannot read the archive: it ends early", cut.json().get("error").asText());
  }

  @Test
  void pullingIsRefusedInWordsThatTheClientShows() {
    EngineClient.Reply absent = engine.post("/containers/create", "{\"Image\":\"nosuch:1\"}");
    assertEquals(404, absent.status());
    assertEquals("No such image: nosuch:1", absent.message());
    // Nothing listens at that port of this machine.
    EngineClient.Reply pull = engine.post("/images/create?fromImage=127.0.0.1:1/nosuch&tag=1");
    assertEquals(500, pull.status(), "as dockerd says of a registry that does not answer");
    assertTrue(pull.message().startsWith("Get \"https://127.0.0.1:1/v2/\": "), pull.message());
    assertEquals(404, engine.get("/images/nosuch/get").status());
    assertTrue(engine.post("/images/127.0.0.1:1/nosuch/push?tag=1").text().contains("An image does not exist locally with the tag: 127.0.0.1:1/nosuch"));
  }

  @Test
  @Covers("GET /system/df")
  void diskUsageHasNoNullLists() {
    JsonNode usage = engine.get("/system/df").json();
    for (String list : List.of("Images", "Containers", "Volumes", "BuildCache")) {
      assertTrue(usage.get(list).isArray(), list);
    }
    assertTrue(usage.get("LayersSize").isNumber());
  }
}
