package dev.tallyman.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.testing.FakeKernel;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a container was created with is what inspect shows of it, in dockerd's form. */
@QuarkusTest
class HostConfigEchoTest extends EngineTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @Inject FakeKernel kernel;

  @BeforeEach
  void keepLimits() {
    kernel.hasProjectQuotas = true;
  }

  @AfterEach
  void removeVolume() {
    kernel.hasProjectQuotas = false;
    engine.delete("/volumes/data?force=1");
  }

  private static JsonNode fields() throws IOException {
    try (InputStream in = HostConfigEchoTest.class.getResourceAsStream("/engine/host-config.json")) {
      return MAPPER.readTree(in);
    }
  }

  private JsonNode hostConfig(String id) {
    return engine.get("/containers/" + id + "/json").json().get("HostConfig");
  }

  /** Ansible makes a container anew that does not show what it was given. */
  @Test
  void noInitIsNotTheSameAsNothingSaid() {
    for (String said : List.of("", "\"Init\":false", "\"Init\":true", "\"Init\":null")) {
      String id = engine.post("/containers/create", "{\"Image\":\"busybox\",\"HostConfig\":{" + said + "}}").json().get("Id").asText();
      String shown = hostConfig(id).path("Init").asText();
      engine.delete("/containers/" + id);
      assertEquals(said.replaceAll(".*:|null", ""), shown, said);
    }
  }

  @Test
  void everyHonouredFieldIsShownAsItWasGiven() throws IOException {
    for (String each : List.of("db", "other")) {
      EngineClient.Reply reply = engine.post("/containers/create?name=" + each, "{\"Image\":\"busybox\"}");
      assertEquals(201, reply.status(), reply.text());
    }
    String other = engine.get("/containers/other/json").json().get("Id").asText();
    Map<String, String> expected = Map.of("PidMode", "\"container:" + other + "\"");
    List<String> wrong = new ArrayList<>();
    try {
      for (Map.Entry<String, JsonNode> each : fields().properties()) {
        if (each.getValue().get("fate").asText().equals("mapped")) {
          compare(each.getKey(), each.getValue(), expected, wrong);
        }
      }
    } finally {
      for (String each : List.of("echoing", "db", "other")) {
        engine.delete("/containers/" + each + "?force=1&v=1");
      }
    }

    assertEquals(List.of(), wrong);
  }

  private void compare(String field, JsonNode known, Map<String, String> expected, List<String> wrong) throws IOException {
    ObjectNode body = MAPPER.createObjectNode().put("Image", "busybox");
    body.putObject("HostConfig").set(field, known.get("value"));
    EngineClient.Reply reply = engine.post("/containers/create?name=echoing", body.toString());
    if (reply.status() != 201) {
      wrong.add(field + ": " + reply.text());
      return;
    }
    JsonNode shown = hostConfig("echoing").path(field);
    JsonNode wanted = expected.containsKey(field) ? MAPPER.readTree(expected.get(field)) : known.path("shown").isMissingNode() ? known.get("value") : known.get("shown");
    if (!shown.equals(wanted)) {
      wrong.add(field + ": " + shown + " instead of " + wanted);
    }
    engine.delete("/containers/echoing?force=1&v=1");
  }

  /** As dockerd 28 shows a container of which only the image was said. */
  @Test
  void whatNobodyAskedForHasDockersDefaults() throws IOException {
    JsonNode shown = hostConfig(create("{\"Image\":\"busybox\"}"));
    JsonNode usual =
        MAPPER.readTree(
            """
            {"Binds":null,"ContainerIDFile":"","LogConfig":{"Type":"json-file","Config":{}},"NetworkMode":"bridge","PortBindings":{},
             "RestartPolicy":{"Name":"no","MaximumRetryCount":0},"AutoRemove":false,"VolumeDriver":"","VolumesFrom":null,"ConsoleSize":[0,0],"CapAdd":null,"CapDrop":null,
             "CgroupnsMode":"private","Dns":[],"DnsOptions":[],"DnsSearch":[],"ExtraHosts":null,"GroupAdd":null,"IpcMode":"private","Cgroup":"","Links":null,
             "OomScoreAdj":0,"PidMode":"","Privileged":false,"PublishAllPorts":false,"ReadonlyRootfs":false,"SecurityOpt":null,"UTSMode":"","UsernsMode":"",
             "ShmSize":67108864,"Isolation":"","CpuShares":0,"Memory":0,"NanoCpus":0,"CgroupParent":"","BlkioWeight":0,"CpuPeriod":0,"CpuQuota":0,"CpuRealtimePeriod":0,
             "CpuRealtimeRuntime":0,"CpusetCpus":"","CpusetMems":"","DeviceCgroupRules":null,"DeviceRequests":null,"MemoryReservation":0,"MemorySwap":0,
             "MemorySwappiness":null,"OomKillDisable":false,"PidsLimit":null,"CpuCount":0,"CpuPercent":0,"IOMaximumIOps":0,"IOMaximumBandwidth":0}
            """);

    usual.properties().forEach(each -> assertEquals(each.getValue(), shown.get(each.getKey()), each.getKey()));
    assertTrue(shown.get("MaskedPaths").toString().contains("/proc/kcore"), shown.toString());
    assertTrue(shown.path("StorageOpt").isMissingNode() && shown.path("Tmpfs").isMissingNode(), shown.toString());
  }

  @Test
  void linksOfNetworksOfOnesOwnBelongToThePlaceThere() {
    String network = engine.post("/networks/create", "{\"Name\":\"echo-links\"}").json().get("Id").asText();
    try {
      String id = create("{\"Image\":\"busybox\",\"HostConfig\":{\"NetworkMode\":\"echo-links\",\"Links\":[\"absent-yet:db\"]}}");
      JsonNode shown = engine.get("/containers/" + id + "/json").json();

      assertTrue(shown.at("/HostConfig/Links").isNull(), shown.toString());
      assertEquals("[\"absent-yet:db\"]", shown.at("/NetworkSettings/Networks/echo-links/Links").toString());
      engine.delete("/containers/" + id + "?force=1");
    } finally {
      engine.delete("/networks/" + network);
    }
  }

  @Test
  void aTerminalBeginsWithTheSizeThatItWasGiven() {
    String id = create("{\"Image\":\"busybox\",\"Cmd\":[\"stty\",\"size\"],\"Tty\":true,\"HostConfig\":{\"ConsoleSize\":[31,99]}}");
    start(id);
    await(id);

    assertEquals("31 99", new String(engine.get("/containers/" + id + "/logs?stdout=1").body(), StandardCharsets.UTF_8).strip());
  }

  @Test
  void soDoesThatOfAnExecFromItsCreationUnlessItsStartSaysMore() throws IOException {
    String id = run("sleep 60");
    String body = "{\"Cmd\":[\"stty\",\"size\"],\"Tty\":true,\"AttachStdout\":true,\"ConsoleSize\":[32,98]}";

    assertEquals("32 98", output(id, body, "{\"Tty\":true}"));
    assertEquals("33 97", output(id, body, "{\"Tty\":true,\"ConsoleSize\":[33,97]}"));
    assertEquals(400, engine.post("/containers/" + id + "/exec", body.replace("32", "70000")).status());
    assertEquals(400, engine.post("/containers/" + id + "/exec", body.replace("32,98", "1")).status());
  }

  private String output(String container, String exec, String start) throws IOException {
    String id = engine.post("/containers/" + container + "/exec", exec).json().get("Id").asText();
    try (EngineClient.Stream stream = engine.hijack("/exec/" + id + "/start", start)) {
      return new String(stream.readAll(), StandardCharsets.UTF_8).strip();
    }
  }

  @Test
  void whatTheHostDoesNotHaveIsRefusedAtCreation() {
    assertEquals("Requested CPUs are not available - requested 0,9000, available: " + available("/sys/devices/system/cpu/online"), refused("{\"CpusetCpus\":\"0,9000\"}"));
    assertTrue(refused("{\"CpusetMems\":\"0-8000\"}").startsWith("Requested memory nodes are not available - requested 0-8000, available: 0"), "memory nodes");
    assertEquals("could not get container for nobody: No such container: nobody", refused("{\"Links\":[\"nobody:db\"]}"));
    assertEquals("No such container: nobody", refused("{\"NetworkMode\":\"container:nobody\"}"));
    assertTrue(refused("{\"ConsoleSize\":[70000,1]}").startsWith("invalid ConsoleSize"), "size");
  }

  /** Of a test machine, on which nothing takes processors from the root control group. */
  private static String available(String file) {
    try {
      return java.nio.file.Files.readString(java.nio.file.Path.of(file)).strip();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private String refused(String hostConfig) {
    EngineClient.Reply reply = engine.post("/containers/create", "{\"Image\":\"busybox\",\"HostConfig\":" + hostConfig + "}");
    assertEquals(400, reply.status(), reply.text());
    return reply.message();
  }

  @Test
  void updateToProcessorsThatAreNotThereIsRefusedToo() {
    String id = create("{\"Image\":\"busybox\"}");

    EngineClient.Reply reply = engine.post("/containers/" + id + "/update", "{\"CpusetCpus\":\"9000\"}");
    assertEquals(400, reply.status());
    assertTrue(reply.message().startsWith("Requested CPUs are not available - requested 9000"), reply.message());
  }
}
