package dev.tallyman.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Models of networks (--config-only, --config-from), as dockerd has them. */
@QuarkusTest
class NetworkModelApiTest extends EngineTest {
  @AfterEach
  void removeNetworks() {
    removeContainers();
    for (String each : List.of("nm-made", "nm-second", "nm-model")) {
      engine.delete("/networks/" + each);
    }
  }

  private JsonNode make(String json) {
    EngineClient.Reply reply = engine.post("/networks/create", json);
    assertEquals(201, reply.status(), reply.text());
    return engine.get("/networks/" + reply.json().get("Id").asText()).json();
  }

  private void refused(int status, String message, EngineClient.Reply reply) {
    assertEquals(status, reply.status(), reply.text());
    assertTrue(reply.message().contains(message), reply.message());
  }

  private static String model(String more) {
    return "{\"Name\":\"nm-model\",\"ConfigOnly\":true,\"Driver\":\"bridge\",\"Labels\":{\"l\":\"v\"},\"Options\":{\"com.docker.network.driver.mtu\":\"1400\"},"
        + "\"IPAM\":{\"Options\":{\"o\":\"p\"},\"Config\":[{\"Subnet\":\"10.109.9.0/24\"}]}" + more + "}";
  }

  @Test
  @Covers({"POST /networks/create", "GET /networks/{id}", "DELETE /networks/{id}"})
  void givesWhatItSaysToNetworksThatNameIt() {
    JsonNode model = make(model(""));
    assertEquals("null true \"\"", model.get("Driver").asText() + " " + model.get("ConfigOnly").asText() + " " + model.at("/ConfigFrom/Network"));
    assertEquals("{\"Driver\":\"default\",\"Options\":{\"o\":\"p\"},\"Config\":[{\"Subnet\":\"10.109.9.0/24\"}]}", model.get("IPAM").toString());

    JsonNode made = make("{\"Name\":\"nm-made\",\"Driver\":\"bridge\",\"Internal\":true,\"ConfigFrom\":{\"Network\":\"nm-model\"}}");
    assertEquals("bridge false nm-model true", made.get("Driver").asText() + " " + made.get("ConfigOnly") + " " + made.at("/ConfigFrom/Network").asText() + " " + made.get("Internal"));
    assertEquals("{\"Driver\":\"default\",\"Options\":{\"o\":\"p\"},\"Config\":[{\"Subnet\":\"10.109.9.0/24\",\"Gateway\":\"10.109.9.1\"}]}", made.get("IPAM").toString());
    assertEquals("{\"l\":\"v\"} {\"com.docker.network.driver.mtu\":\"1400\"}", made.get("Labels") + " " + made.get("Options"));

    refused(403, "configuration network \"nm-model\" is in use", engine.delete("/networks/nm-model"));
    refused(403, "Pool overlaps", engine.post("/networks/create", "{\"Name\":\"nm-second\",\"ConfigFrom\":{\"Network\":\"nm-model\"}}"));
    assertTrue(engine.post("/networks/prune").json().get("NetworksDeleted").toString().contains("nm-made"), "a network nobody is on");
    assertEquals(200, engine.get("/networks/nm-model").status(), "prune leaves models");
    assertEquals(204, engine.delete("/networks/nm-model").status());
  }

  @Test
  void isNoNetwork() {
    make(model(""));

    refused(403, "cannot create endpoint on configuration-only network", engine.post("/containers/create", "{\"Image\":\"busybox\",\"HostConfig\":{\"NetworkMode\":\"nm-model\"}}"));
    String container = createShell("true");
    refused(403, "cannot create endpoint on configuration-only network", engine.post("/networks/nm-model/connect", "{\"Container\":\"" + container + "\"}"));
  }

  @Test
  void refusesWhatContradicts() {
    refused(403, "configuration network can only contain network specific fields", engine.post("/networks/create", model(",\"Internal\":true")));
    refused(403, "cannot depend on another configuration network", engine.post("/networks/create", model(",\"ConfigFrom\":{\"Network\":\"x\"}")));
    refused(400, "it should be 10.109.9.0/24", engine.post("/networks/create", model("").replace("10.109.9.0/24", "10.109.9.7/24")));
    refused(400, "it should be fd00:1:2::/64", engine.post("/networks/create", "{\"Name\":\"nm-made\",\"EnableIPv6\":true,\"IPAM\":{\"Config\":[{\"Subnet\":\"fd00:1:2::9/64\"}]}}"));
    refused(404, "configuration network \"bridge\" does not exist", engine.post("/networks/create", "{\"Name\":\"nm-made\",\"ConfigFrom\":{\"Network\":\"bridge\"}}"));
    make(model(""));
    String from = "{\"Name\":\"nm-made\",\"ConfigFrom\":{\"Network\":\"nm-model\"},";
    refused(403, "user specified configurations are not supported", engine.post("/networks/create", from + "\"Labels\":{\"a\":\"b\"}}"));
    refused(403, "user specified configurations are not supported", engine.post("/networks/create", from + "\"IPAM\":{\"Options\":{\"a\":\"b\"}}}"));
    refused(403, "network driver options are not supported", engine.post("/networks/create", from + "\"Options\":{\"com.docker.network.driver.mtu\":\"1300\"}}"));
    refused(409, "already exists", engine.post("/networks/create", model("")));
  }

  @Test
  void hasAsMuchTextAsIsRead() {
    refused(400, "have 70001 characters together, 65536 at most", engine.post("/networks/create", "{\"Name\":\"nm-model\",\"ConfigOnly\":true,\"Labels\":{\"l\":\"" + "x".repeat(70_000) + "\"}}"));
    String names = IntStream.range(0, 3000).mapToObj(each -> "\"name-of-an-address-" + each + "\":\"10.109.9.9\"").collect(Collectors.joining(","));
    for (String only : List.of("true", "false")) {
      refused(
          400, "characters together, 65536 at most",
          engine.post("/networks/create", "{\"Name\":\"nm-made\",\"ConfigOnly\":" + only + ",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.109.9.0/24\",\"AuxiliaryAddresses\":{" + names + "}}]}}"));
    }
    refused(400, "a gateway, range or auxiliary address needs a subnet", engine.post("/networks/create", "{\"Name\":\"nm-model\",\"ConfigOnly\":true,\"IPAM\":{\"Config\":[{\"Gateway\":\"10.109.9.1\"}]}}"));
  }

  @Test
  void areAHundredForATeam() {
    List<String> made = new ArrayList<>();
    EngineClient.Reply last = null;
    for (int i = 0; i <= 100 && (last == null || last.status() == 201); i++) {
      last = engine.post("/networks/create", "{\"Name\":\"nm-many-" + i + "\",\"ConfigOnly\":true}");
      made.add("nm-many-" + i);
    }

    refused(507, "has 100 configuration networks, as many as a team may have: remove one", last);
    assertEquals(101, made.size());
    EngineClient.Reply network = engine.post("/networks/create", "{\"Name\":\"nm-made\",\"ConfigFrom\":{\"Network\":\"nm-many-0\"}}");
    assertEquals(201, network.status(), network.text());
    engine.delete("/networks/nm-made");
    made.forEach(each -> engine.delete("/networks/" + each));
  }

  @Test
  void isToldOfAsDockerdDoes() {
    String since = Instant.now().toString();
    make(model(""));
    assertEquals(204, engine.delete("/networks/nm-model").status());
    refused(404, "not found", engine.delete("/networks/nm-model"));

    String told = engine.get("/events?type=network&since=" + since + "&until=" + Instant.now()).text();
    assertTrue(told.contains("\"create\"") && !told.contains("\"destroy\""), told);
  }
}
