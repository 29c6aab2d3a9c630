package dev.tallyman.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.Images;
import dev.tallyman.testing.FakeKernel;
import io.quarkus.arc.ClientProxy;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Images that containers mount, as dockerd 28 has them. */
@QuarkusTest
class ImageMountApiTest extends EngineTest {
  @Inject FakeKernel kernel;
  @Inject Images images;

  private String id;

  @AfterEach
  void hasNoProjects() {
    kernel.hasProjectQuotas = false;
  }

  @BeforeEach
  void bringMounted() throws IOException {
    engine.delete("/images/mounted?force=1");
    EngineClient.Reply made = engine.send("POST", "/images/create?fromSrc=-&repo=mounted&tag=latest&message=files", "application/x-tar", tar());
    assertEquals(200, made.status(), made.text());
    id = engine.get("/images/mounted/json").json().get("Id").asText();
  }

  private static String with(String... mounts) {
    return "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"100\"],\"HostConfig\":{\"Mounts\":[" + String.join(",", mounts) + "]}}";
  }

  private static String image(String more) {
    return "{\"Type\":\"image\",\"Source\":\"mounted\",\"Target\":\"/x\"" + more + "}";
  }

  private void refused(String path, String json, int status, String message) {
    EngineClient.Reply reply = engine.post(path, json);
    assertEquals(status, reply.status(), reply.text());
    assertTrue(reply.message().contains(message), reply.message());
  }

  @Test
  @Covers({"POST /containers/create", "GET /containers/{id}/json"})
  void isMountedReadOnlyAndShown() {
    String container = create(with(image(",\"ImageOptions\":{\"Subpath\":\"./bin//\"}"), "{\"Type\":\"image\",\"Source\":\"" + id + "\",\"Target\":\"/y\",\"ReadOnly\":true}"));

    JsonNode shown = engine.get("/containers/" + container + "/json").json();
    assertEquals(
        "{\"Type\":\"image\",\"Name\":\"mounted\",\"Source\":\"" + id + "\",\"Destination\":\"/x\",\"Mode\":\"\",\"RW\":false,\"Propagation\":\"rprivate\"}",
        shown.get("Mounts").get(0).toString());
    assertEquals(id, shown.get("Mounts").get(1).get("Name").asText());
    assertEquals("{\"Type\":\"image\",\"Source\":\"mounted\",\"Target\":\"/x\",\"ImageOptions\":{\"Subpath\":\"./bin//\"}}", shown.get("HostConfig").get("Mounts").get(0).toString());
    start(container);
    var mounts = kernel.specOf(container).mounts();
    assertEquals("bin", mounts.get(0).subpath());
    assertEquals(1, mounts.get(0).layers().size());
    assertTrue(mounts.get(0).isReadOnly());
  }

  @Test
  void isInUseWhileTheContainerExists() {
    String container = create(with(image("")));
    start(container);

    EngineClient.Reply refused = engine.delete("/images/mounted");
    assertEquals(409, refused.status());
    assertEquals(
        "conflict: unable to remove repository reference \"mounted\" (must force) - container " + container.substring(0, 12) + " is using its referenced image " + id.substring(7, 19),
        refused.message());
    engine.post("/images/prune?filters=%7B%22dangling%22%3A%5B%22false%22%5D%7D");
    assertEquals(200, engine.get("/images/mounted/json").status(), "prune keeps it");
    assertEquals(200, engine.delete("/images/mounted?force=1").status());
    engine.post("/containers/" + container + "/stop?t=0");
    start(container); // its layers have stayed
    String second = create("{\"Image\":\"busybox\",\"Cmd\":[\"true\"],\"HostConfig\":{\"VolumesFrom\":[\"" + container + "\"]}}");
    assertEquals("mounted", engine.get("/containers/" + second + "/json").json().get("Mounts").get(0).get("Name").asText());
  }

  /** The one that is mounted and the one that is its root, from the moment they were looked up. */
  @Test
  void staysWhileAContainerIsBeingMade() throws Exception {
    String root = "{\"Image\":\"mounted\",\"Cmd\":[\"sleep\",\"100\"],\"HostConfig\":{\"StorageOpt\":{\"size\":\"10m\"}}}";
    String mounted = with(image("")).replace("\"HostConfig\":{", "\"HostConfig\":{\"StorageOpt\":{\"size\":\"10m\"},");
    kernel.hasProjectQuotas = true;
    for (String json : List.of(root, mounted)) {
      bringImage(); // the prune takes it
      bringMounted();
      CompletableFuture<EngineClient.Reply> made = new CompletableFuture<>();
      synchronized (ClientProxy.unwrap(kernel)) { // nothing is prepared in it meanwhile
        int before = kernel.prepared();
        new Thread(() -> made.complete(engine.post("/containers/create", json))).start();
        while (kernel.prepared() == before && !made.isDone()) {
          Thread.onSpinWait();
        }
        assertFalse(made.isDone(), () -> made.join().text());
        assertEquals(ErrorKind.CONFLICT, assertThrows(TallymanException.class, () -> images.remove(accounts.admin(), "mounted", false, true)).kind());
        images.prune(accounts.admin(), false, List.of(), null);
        assertEquals(id, images.inspect(accounts.admin(), "mounted").id(), "prune keeps it");
        images.remove(accounts.admin(), "mounted", true, true);
      }
      EngineClient.Reply reply = made.get(10, TimeUnit.SECONDS);
      assertEquals(201, reply.status(), reply.text());
      String container = reply.json().get("Id").asText();
      start(container);
      engine.delete("/containers/" + container + "?force=1");
    }
  }

  @Test
  void isNotHeldForAContainerThatWasNotMade() {
    refused("/containers/create", with(image("")).replace("{\"Image\"", "{\"Labels\":{\"tallyman.secret.absent-one\":\"\"},\"Image\""), 400, "secret not found");
    refused("/containers/create?name=-", "{\"Image\":\"mounted\",\"Cmd\":[\"true\"]}", 400, "Invalid container name");
    refused("/containers/create", "{\"Image\":\"mounted\"}", 400, "no command specified");

    assertEquals(200, engine.delete("/images/mounted").status());
  }

  @Test
  void refusesWhatCannotBe() {
    refused("/containers/create", with("{\"Type\":\"image\",\"Target\":\"/x\"}"), 400, "invalid mount config for type \"image\": field Source must not be empty");
    refused("/containers/create", with("{\"Type\":\"image\",\"Source\":\"none\",\"Target\":\"/x\"}"), 404, "No such image: none:latest");
    for (String options : new String[] {"BindOptions", "VolumeOptions", "TmpfsOptions"}) {
      refused("/containers/create", with(image(",\"" + options + "\":{}")), 400, options + " must not be specified");
    }
    for (String path : new String[] {"../x", "/x", "a/../../x", "..", "a\\u0000"}) {
      refused("/containers/create", with(image(",\"ImageOptions\":{\"Subpath\":\"" + path + "\"}")), 400, "subpath must be a relative path within the volume");
    }
    refused("/containers/create", with("{\"Type\":\"volume\",\"Source\":\"v\",\"Target\":\"/x\",\"ImageOptions\":{}}"), 400, "field ImageOptions must not be specified");
    refused("/v1.47/containers/create", with(image("")), 400, "Mount type \"Image\" needs API v1.48 or newer");
  }
}
