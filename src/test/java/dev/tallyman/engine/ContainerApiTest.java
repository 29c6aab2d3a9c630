package dev.tallyman.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ContainerApiTest extends EngineTest {
  @Test
  @Covers({
    "POST /containers/create", "GET /containers/{id}/json", "POST /containers/{id}/start", "POST /containers/{id}/wait",
    "GET /containers/{id}/logs", "DELETE /containers/{name}"
  })
  void runsAContainerFromCreateToRemove() {
    String id = createShell("echo out; echo err >&2; exit 3");
    start(id);
    assertEquals(3, await(id));

    JsonNode inspected = engine.get("/containers/" + id + "/json").json();
    assertEquals(id, inspected.get("Id").asText());
    assertEquals("exited", inspected.at("/State/Status").asText());
    assertEquals(3, inspected.at("/State/ExitCode").asInt());
    assertEquals("sh", inspected.get("Path").asText());
    assertEquals("[\"sh\",\"-c\",\"echo out; echo err >&2; exit 3\"]", inspected.at("/Config/Cmd").toString());
    assertTrue(inspected.at("/Config/Entrypoint").isNull());
    assertEquals("bridge", inspected.at("/HostConfig/NetworkMode").asText());
    assertTrue(inspected.at("/NetworkSettings/Ports").isObject());
    assertTrue(inspected.get("Mounts").isArray());
    String[] output = EngineClient.split(engine.get("/containers/" + id + "/logs?stdout=1&stderr=1").body());
    assertEquals(List.of("out\n", "err\n"), List.of(output));
    assertEquals(204, engine.delete("/containers/" + id).status());
    assertEquals("No such container: " + id, engine.get("/containers/" + id + "/json").message());
  }

  @Test
  @Covers({"POST /containers/{id}/start", "POST /containers/{id}/stop"})
  void startAndStopTellWhenThereWasNothingToDo() {
    String id = run("trap 'exit 0' TERM; while true; do sleep 0.05; done");

    assertEquals(304, engine.post("/containers/" + id + "/start").status());
    assertEquals(204, engine.post("/containers/" + id + "/stop?t=5").status());
    EngineClient.Reply again = engine.post("/containers/" + id + "/stop");
    assertEquals(304, again.status());
    assertEquals(0, again.body().length);
  }

  @Test
  @Covers({"GET /containers/json", "GET /containers/{id}/json"})
  void listShowsRowsAsDockerDoes() {
    String id = create("{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"60\"],\"Labels\":{\"role\":\"list\"},\"ExposedPorts\":{\"90/tcp\":{}},\"HostConfig\":{\"PortBindings\":{\"80/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"18099\"}]}}}");
    start(id);

    JsonNode rows = engine.get("/containers/json?filters=%7B%22label%22%3A%5B%22role%3Dlist%22%5D%7D").json();
    assertEquals(1, rows.size());
    JsonNode row = rows.get(0);
    assertEquals(id, row.get("Id").asText());
    assertEquals("running", row.get("State").asText());
    assertTrue(row.get("Status").asText().startsWith("Up "));
    assertEquals("sleep 60", row.get("Command").asText());
    assertEquals("{\"role\":\"list\"}", row.get("Labels").toString());
    assertTrue(row.get("Ports").toString().contains("{\"IP\":\"127.0.0.1\",\"PrivatePort\":80,\"PublicPort\":18099,\"Type\":\"tcp\"}"), row.toString());
    assertTrue(row.get("Ports").toString().contains("{\"PrivatePort\":90,\"Type\":\"tcp\"}"), row.toString());
    assertTrue(row.get("Names").get(0).asText().startsWith("/"));
    JsonNode inspected = engine.get("/containers/" + id + "/json").json();
    assertEquals("[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"18099\"}]", inspected.at("/NetworkSettings/Ports").get("80/tcp").toString());
    assertTrue(inspected.at("/NetworkSettings/Ports").get("90/tcp").isNull());
    assertFalse(inspected.at("/NetworkSettings/IPAddress").asText().isEmpty());
    assertEquals(inspected.at("/NetworkSettings/IPAddress"), inspected.at("/NetworkSettings/Networks/bridge/IPAddress"));
  }

  @Test
  @Covers({"POST /containers/{id}/wait", "POST /containers/{id}/kill"})
  void waitSendsItsHeadBeforeTheEnd() throws IOException {
    String id = run("sleep 60");

    try (EngineClient.Stream wait = engine.open("POST", "/containers/" + id + "/wait?condition=not-running", "", null)) {
      assertEquals(200, wait.status);
      assertEquals(204, engine.post("/containers/" + id + "/kill").status());
      assertEquals("{\"StatusCode\":137}", wait.readLine());
    }
  }

  @Test
  void waitForRemovalSeesTheExitCodeOfAnAutoRemovedContainer() throws IOException {
    String id = create("{\"Image\":\"busybox\",\"Cmd\":[\"sh\",\"-c\",\"exit 5\"],\"HostConfig\":{\"AutoRemove\":true}}");

    try (EngineClient.Stream wait = engine.open("POST", "/containers/" + id + "/wait?condition=removed", "", null)) {
      start(id);
      assertEquals("{\"StatusCode\":5}", wait.readLine());
    }
    assertEquals(404, engine.get("/containers/" + id + "/json").status());
  }

  @Test
  void failedStartsSayWhatTheClientMapsToItsExitCodes() {
    String absent = create("{\"Image\":\"busybox\",\"Cmd\":[\"nope\"]}");
    EngineClient.Reply reply = engine.post("/containers/" + absent + "/start");
    assertEquals(400, reply.status(), reply.text());
    assertTrue(reply.message().contains("executable file not found in $PATH"), reply.message());

    String plain = create("{\"Image\":\"busybox\",\"Cmd\":[\"/noexec\"]}");
    reply = engine.post("/containers/" + plain + "/start");
    assertEquals(400, reply.status(), reply.text());
    assertTrue(reply.message().contains("permission denied"), reply.message());
  }

  @Test
  @Covers("GET /containers/{id}/logs")
  void followedLogsEndWithTheContainer() throws IOException {
    String id = run("echo first; sleep 60");

    try (EngineClient.Stream logs = engine.open("GET", "/containers/" + id + "/logs?stdout=1&follow=1", "", null)) {
      assertEquals("application/vnd.docker.multiplexed-stream", logs.headers.get("content-type"));
      assertEquals("first\n", EngineClient.split(logs.read(14))[0]);
      engine.post("/containers/" + id + "/kill");
      assertEquals(0, logs.readAll().length);
    }
  }

  /** Client libraries give their users frame by frame. */
  @Test
  @Covers("GET /containers/{id}/logs")
  void eachLineOfALogIsAFrame() {
    String id = run("echo one; echo two; echo err >&2; printf rest");
    await(id);

    byte[] log = engine.get("/containers/" + id + "/logs?stdout=1&stderr=0").body();

    List<String> frames = new ArrayList<>();
    for (ByteBuffer left = ByteBuffer.wrap(log); left.hasRemaining(); ) {
      assertEquals(0x01000000, left.getInt());
      byte[] frame = new byte[left.getInt()];
      left.get(frame);
      frames.add(new String(frame, StandardCharsets.UTF_8));
    }
    assertEquals(List.of("one\n", "two\n", "rest"), frames);
    assertEquals("one\ntwo\nrest", EngineClient.split(engine.get("/containers/" + id + "/logs?stdout=1&stderr=1&follow=1").body())[0]);
  }

  /** Reverse proxies look for the ports, and updaters for what of the command is the image's. */
  @Test
  void showsWhatTheImageSays() throws IOException {
    String changes = "&changes=EXPOSE%208080&changes=ENTRYPOINT%20%5B%22sh%22%5D&changes=CMD%20%5B%22-c%22%2C%22sleep%2060%22%5D";
    assertEquals(200, engine.send("POST", "/images/create?fromSrc=-&repo=speaking&tag=latest" + changes, "application/x-tar", tar()).status());
    String id = create("{\"Image\":\"speaking\",\"ExposedPorts\":{\"53/udp\":{}}}");

    JsonNode config = engine.get("/containers/" + id + "/json").json().get("Config");
    assertEquals("{\"53/udp\":{},\"8080/tcp\":{}}", config.get("ExposedPorts").toString());
    assertEquals("[\"sh\"][\"-c\",\"sleep 60\"]", config.get("Entrypoint").toString() + config.get("Cmd"));
    start(id);
    assertEquals("{\"8080/tcp\":null,\"53/udp\":null}", engine.get("/containers/" + id + "/json").json().at("/NetworkSettings/Ports").toString());
    JsonNode row = engine.get("/containers/json?filters=%7B%22id%22%3A%5B%22" + id + "%22%5D%2C%22expose%22%3A%5B%228080%22%5D%7D").json();
    assertEquals("[{\"PrivatePort\":8080,\"Type\":\"tcp\"},{\"PrivatePort\":53,\"Type\":\"udp\"}]", row.at("/0/Ports").toString());
    engine.delete("/containers/" + id + "?force=1");
    engine.delete("/images/speaking?force=1");
  }

  @Test
  @Covers("GET /containers/{id}/stats")
  void statsOnceAndAsAStream() throws IOException {
    String id = run("sleep 60");

    JsonNode once = engine.get("/containers/" + id + "/stats?stream=0&one-shot=1").json();
    assertEquals(id, once.get("id").asText());
    assertEquals("0001-01-01T00:00:00Z", once.get("preread").asText());
    assertTrue(once.at("/memory_stats/limit").asLong() > 0);
    assertTrue(once.at("/cpu_stats/online_cpus").asInt() > 0);
    assertEquals(2, once.at("/cpu_stats/cpu_usage/percpu_usage").size());
    assertEquals(3, once.at("/cpu_stats/throttling_data/periods").asInt());
    assertEquals("{\"total_cache\":2097152,\"total_inactive_file\":1048576}", once.at("/memory_stats/stats").toString());
    assertEquals(4, once.at("/memory_stats/failcnt").asInt());
    assertEquals("[{\"major\":254,\"minor\":0,\"op\":\"Read\",\"value\":4096},{\"major\":254,\"minor\":0,\"op\":\"Write\",\"value\":8192}]", once.at("/blkio_stats/io_service_bytes_recursive").toString());
    assertEquals("[{\"major\":254,\"minor\":0,\"op\":\"Read\",\"value\":1}]", once.at("/blkio_stats/io_serviced_recursive").toString());
    assertEquals("[]", once.at("/blkio_stats/io_time_recursive").toString());
    try (EngineClient.Stream stats = engine.open("GET", "/containers/" + id + "/stats", "", null)) {
      assertTrue(stats.readLine().contains("\"read\":\"20"));
      assertTrue(stats.readLine().contains("\"preread\":\"20"));
      engine.delete("/containers/" + id + "?force=1");
      for (String line = stats.readLine(); !line.isEmpty(); line = stats.readLine()) {
        assertTrue(line.startsWith("{"));
      }
    }
  }

  @Test
  @Covers({
    "GET /containers/{id}/top", "POST /containers/{id}/pause", "POST /containers/{id}/unpause", "POST /containers/{id}/rename",
    "POST /containers/{id}/update", "POST /containers/{id}/resize"
  })
  void topPauseRenameUpdateResize() {
    String id = run("sleep 60");

    assertEquals("[\"UID\",\"PID\",\"PPID\",\"C\",\"STIME\",\"TTY\",\"TIME\",\"CMD\"]", engine.get("/containers/" + id + "/top").json().get("Titles").toString());
    assertEquals(204, engine.post("/containers/" + id + "/pause").status());
    assertTrue(engine.get("/containers/" + id + "/json").json().at("/State/Paused").asBoolean());
    assertEquals(204, engine.post("/containers/" + id + "/unpause").status());
    assertEquals(204, engine.post("/containers/" + id + "/rename?name=renamed").status());
    assertEquals("/renamed", engine.get("/containers/renamed/json").json().get("Name").asText());
    assertEquals("{\"Warnings\":[]}", engine.post("/containers/" + id + "/update", "{\"Memory\":33554432,\"RestartPolicy\":{\"Name\":\"\"}}").text());
    assertEquals(33554432, engine.get("/containers/" + id + "/json").json().at("/HostConfig/Memory").asLong());
    assertEquals(200, engine.post("/containers/" + id + "/resize?h=10&w=20").status());
    assertEquals(400, engine.post("/containers/" + id + "/resize?h=x").status());
    assertEquals(400, engine.post("/containers/" + id + "/update", "{\"Binds\":[\"/:/x\"]}").status());
  }

  /** Docker's description of these operations has no 409, and clients tell the two apart; what it has for others stays. */
  @Test
  void unpauseAndATakenPortAreFaultsAsWithDockerd() {
    String id = run("sleep 60");
    EngineClient.Reply reply = engine.post("/containers/" + id + "/unpause");
    assertEquals("500 Container " + id + " is not paused", reply.status() + " " + reply.message());

    String body = "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"60\"],\"HostConfig\":{\"PortBindings\":{\"80/tcp\":[{\"HostPort\":\"8077\"}]}}}";
    start(create(body));
    String second = create(body);
    reply = engine.post("/containers/" + second + "/start");
    assertEquals(500, reply.status());
    assertTrue(reply.message().contains("Bind for 0.0.0.0:8077 failed: port is already allocated"), reply.message());

    assertEquals(204, engine.post("/containers/" + id + "/pause").status());
    assertEquals(409, engine.post("/containers/" + id + "/pause").status());
    assertEquals(409, engine.post("/containers/" + id + "/start").status());
    assertEquals(204, engine.post("/containers/" + id + "/unpause").status());
  }

  /** As moby's TestUpdateCPUQuota and TestUpdatePidsLimit want it; a quota of a tenth of a second's period is no number of processors. */
  @Test
  void anUpdateLiftsLimits() {
    String id = run("sleep 60");

    for (int quota : List.of(15_000, 10_000, -1)) {
      assertEquals(200, engine.post("/containers/" + id + "/update", "{\"CpuQuota\":" + quota + ",\"CpuPeriod\":100000}").status());
      assertEquals(quota + " 100000 0", shown(id, "CpuQuota", "CpuPeriod", "NanoCpus"));
    }
    assertEquals(200, engine.post("/containers/" + id + "/update", "{\"NanoCpus\":500000000}").status());
    assertEquals("0 0 500000000", shown(id, "CpuQuota", "CpuPeriod", "NanoCpus"));
    assertEquals("null", shown(id, "PidsLimit"));
    for (int pids : List.of(32, 0, 32, -1, 32, -2)) {
      assertEquals(200, engine.post("/containers/" + id + "/update", "{\"PidsLimit\":" + pids + "}").status());
      assertEquals(String.valueOf(Math.max(pids, 0)), shown(id, "PidsLimit"));
    }
    assertEquals(200, engine.post("/containers/" + id + "/update", "{\"Memory\":33554432,\"MemorySwap\":67108864}").status());
    assertEquals(200, engine.post("/containers/" + id + "/update", "{\"MemorySwap\":-1}").status());
    assertEquals("33554432 -1 0 500000000", shown(id, "Memory", "MemorySwap", "PidsLimit", "NanoCpus"));
  }

  private String shown(String id, String... fields) {
    JsonNode host = engine.get("/containers/" + id + "/json").json().get("HostConfig");
    return Stream.of(fields).map(each -> host.get(each).asText()).collect(Collectors.joining(" "));
  }

  @Test
  void everyFieldOfConfigIsShownByInspect() throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode body = mapper.createObjectNode();
    try (InputStream in = ContainerApiTest.class.getResourceAsStream("/engine/container-config.json")) {
      mapper.readTree(in).properties().forEach(each -> body.set(each.getKey(), each.getValue().get("value")));
    }

    String id = create(body.toString());
    JsonNode shown = engine.get("/containers/" + id + "/json").json();
    assertEquals(204, engine.delete("/containers/" + id + "?v=1").status());
    assertEquals(404, engine.get("/volumes/" + shown.at("/Mounts/0/Name").asText()).status());

    // What has no network has the mode none.
    assertEquals("none", shown.at("/HostConfig/NetworkMode").asText());
    body.remove("NetworkDisabled");
    for (Map.Entry<String, JsonNode> each : body.properties()) {
      JsonNode value = shown.get("Config").get(each.getKey());
      boolean isShown = each.getKey().equals("Env") ? value.toString().contains("\"A=b\"") : each.getValue().equals(value);
      assertTrue(isShown, each + " is shown as " + value);
    }
  }

  @Test
  void namesInUseAreAConflict() {
    String name = "taken" + System.nanoTime();
    EngineClient.Reply first = engine.post("/containers/create?name=" + name, "{\"Image\":\"busybox\"}");

    EngineClient.Reply second = engine.post("/containers/create?name=" + name, "{\"Image\":\"busybox\"}");
    assertEquals(409, second.status());
    assertTrue(second.message().contains("is already in use by container"), second.message());
    assertEquals(204, engine.delete("/containers/" + first.json().get("Id").asText()).status());
  }

  @Test
  @Covers("POST /containers/prune")
  void pruneTellsWhatItRemoved() {
    String id = run("exit 0");
    await(id);

    JsonNode pruned = engine.post("/containers/prune").json();
    assertTrue(pruned.get("ContainersDeleted").toString().contains(id), pruned.toString());
    assertTrue(engine.post("/containers/prune").json().get("ContainersDeleted").isNull());
  }

  @Test
  void commitKeepsWhatTheContainerSays() {
    String id = create("{\"Image\":\"busybox\",\"Cmd\":[\"true\"],\"StopSignal\":\"SIGINT\",\"Healthcheck\":{\"Test\":[\"CMD\",\"check\"],\"Retries\":2}}");
    engine.post("/commit?container=" + id + "&repo=committed&tag=own");
    JsonNode config = engine.get("/images/committed:own/json").json().get("Config");

    assertEquals("SIGINT", config.path("StopSignal").asText());
    assertEquals("{\"Test\":[\"CMD\",\"check\"],\"Retries\":2}", config.path("Healthcheck").toString());
    engine.delete("/containers/" + id);
    engine.delete("/images/committed:own");
  }

  @Test
  @Covers({"GET /containers/{id}/changes", "GET /containers/{id}/export", "POST /commit"})
  void filesOfAContainerAsAWhole() {
    String id = run("touch /new");
    await(id);

    assertEquals("[{\"Path\":\"/new\",\"Kind\":1}]", engine.get("/containers/" + id + "/changes").text());
    assertTrue(engine.get("/containers/" + id + "/export").text().contains("new"));
    EngineClient.Reply committed = engine.post("/commit?container=" + id + "&repo=committed&tag=one&comment=why&author=me&changes=" + "ENV%20A%3Db%0ACMD%20%5B%22x%22%5D");
    assertEquals(201, committed.status(), committed.text());
    JsonNode image = engine.get("/images/committed:one/json").json();
    assertEquals(committed.json().get("Id"), image.get("Id"));
    assertEquals("[\"x\"]", image.at("/Config/Cmd").toString());
    assertTrue(image.at("/Config/Env").toString().contains("A=b"));
    assertEquals("me " + id, image.get("Author").asText() + " " + image.get("Container").asText());
    assertEquals(2, image.at("/RootFS/Layers").size());
    engine.delete("/images/committed:one");
    EngineClient.Reply again = engine.post("/commit?container=" + id + "&repo=committed&tag=two", "{\"containerId\":\"" + id + "\",\"repo\":\"committed\"}");
    assertEquals(201, again.status(), again.text());
    engine.delete("/images/committed:two");
    EngineClient.Reply configured =
        engine.post("/commit?container=" + id + "&repo=committed&tag=three&changes=LABEL%20b%3D3", "{\"Hostname\":\"\",\"Tty\":false,\"Labels\":{\"a\":\"1\",\"b\":\"2\"},\"Env\":[\"X=y\"],\"Entrypoint\":[\"/e\"],\"Healthcheck\":{\"Test\":[\"CMD\",\"true\"]}}");
    assertEquals(201, configured.status(), configured.text());
    JsonNode config = engine.get("/images/committed:three/json").json().get("Config");
    assertEquals("{\"a\":\"1\",\"b\":\"3\"}", config.get("Labels").toString());
    assertTrue(config.get("Env").toString().contains("X=y"), config.toString());
    assertEquals("[\"/e\"]", config.get("Entrypoint").toString());
    assertTrue(config.path("Cmd").isEmpty(), config.toString());
    assertEquals("[\"CMD\",\"true\"]", config.at("/Healthcheck/Test").toString());
    engine.delete("/images/committed:three");
    assertEquals(400, engine.post("/commit?container=" + id, "{\"Labels\":[]}").status());
    assertEquals(400, engine.post("/commit").status());
    assertEquals(404, engine.post("/commit?container=nobody").status());
  }

  @Test
  void aRunningContainerIsCommittedAndRunsOn() {
    String id = run("touch /new; sleep 60");

    EngineClient.Reply committed = engine.post("/commit?container=" + id);
    assertEquals(201, committed.status(), committed.text());
    assertEquals("running", engine.get("/containers/" + id + "/json").json().at("/State/Status").asText());
    assertEquals(204, engine.post("/containers/" + id + "/kill").status());
    engine.delete("/images/" + committed.json().get("Id").asText());
  }
}
