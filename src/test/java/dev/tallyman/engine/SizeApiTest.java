package dev.tallyman.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;

/** What containers and images take up on disk. */
@QuarkusTest
class SizeApiTest extends EngineTest {
  private static JsonNode find(JsonNode rows, String id) {
    for (JsonNode each : rows) {
      if (each.get("Id").asText().equals(id)) {
        return each;
      }
    }
    throw new AssertionError(id + " is not in " + rows);
  }

  private long imageBytes() {
    return engine.get("/images/busybox/json").json().get("Size").asLong();
  }

  @Test
  @Covers("GET /containers/json")
  void ofAContainerAreToldWhenAskedFor() {
    String wrote = run("echo 12345 > /new");
    String empty = createShell("true");
    await(wrote);

    JsonNode rows = engine.get("/containers/json?all=1&size=1").json();

    assertEquals(6, find(rows, wrote).get("SizeRw").asLong());
    assertEquals(imageBytes() + 6, find(rows, wrote).get("SizeRootFs").asLong());
    assertFalse(find(rows, empty).has("SizeRw"), "as dockerd, which leaves out zeros");
    assertEquals(imageBytes(), find(rows, empty).get("SizeRootFs").asLong());
    assertFalse(find(engine.get("/containers/json?all=1").json(), wrote).has("SizeRw"));
    assertEquals(6, engine.get("/containers/" + wrote + "/json?size=1").json().get("SizeRw").asLong());
    assertEquals(0, engine.get("/containers/" + empty + "/json?size=true").json().get("SizeRw").asLong());
    assertFalse(engine.get("/containers/" + wrote + "/json").json().has("SizeRw"));
  }

  @Test
  void ofAllTogetherCountSharedLayersOnce() {
    String id = run("echo 12345 > /new");
    await(id);
    String image = engine.post("/commit?container=" + id).json().get("Id").asText();

    JsonNode usage = engine.get("/system/df").json();

    String busybox = engine.get("/images/busybox/json").json().get("Id").asText();
    assertEquals(imageBytes(), find(usage.get("Images"), busybox).get("SharedSize").asLong());
    assertEquals(imageBytes(), find(usage.get("Images"), image).get("SharedSize").asLong());
    assertEquals(imageBytes() + 6, find(usage.get("Images"), image).get("Size").asLong());
    assertEquals(1, find(usage.get("Images"), busybox).get("Containers").asLong());
    assertEquals(6, find(usage.get("Containers"), id).get("SizeRw").asLong());
    assertTrue(usage.get("LayersSize").asLong() >= imageBytes() + 6);
    engine.delete("/images/" + image + "?force=1");
  }

  @Test
  void areWhatAPruneGivesBack() {
    engine.post("/containers/prune"); // what other tests left
    String id = run("echo 12345 > /new");
    String other = run("echo 1234567890 > /new");
    await(id);
    await(other);

    JsonNode pruned = engine.post("/containers/prune").json();

    assertTrue(pruned.get("ContainersDeleted").toString().contains(id), pruned.toString());
    assertEquals(6 + 11, pruned.get("SpaceReclaimed").asLong());
    assertEquals(0, engine.post("/containers/prune").json().get("SpaceReclaimed").asLong());
  }
}
