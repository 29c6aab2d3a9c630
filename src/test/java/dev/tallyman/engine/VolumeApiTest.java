package dev.tallyman.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tallyman.testing.FakeKernel;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Volumes and mounts: statuses, texts and fields as dockerd gives them. */
@QuarkusTest
class VolumeApiTest extends EngineTest {
  @Inject FakeKernel kernel;

  @AfterEach
  void removeVolumes() {
    kernel.hasProjectQuotas = false;
    removeContainers();
    names("").forEach(each -> engine.delete("/volumes/" + each + "?force=1"));
  }

  private JsonNode make(String json) {
    EngineClient.Reply reply = engine.post("/volumes/create", json);
    assertEquals(201, reply.status(), reply.text());
    return reply.json();
  }

  private List<String> names(String filters) {
    List<String> names = new ArrayList<>();
    engine.get("/volumes" + (filters.isEmpty() ? "" : "?filters=" + encoded(filters))).json().get("Volumes").forEach(each -> names.add(each.get("Name").asText()));
    return names;
  }

  private static String encoded(String text) {
    return java.net.URLEncoder.encode(text, java.nio.charset.StandardCharsets.UTF_8);
  }

  private static void refused(EngineClient.Reply reply, int status, String message) {
    assertEquals(status, reply.status(), reply.text());
    assertTrue(reply.message().contains(message), reply.message());
  }

  private String withHost(String hostConfig, String... more) {
    return "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"100\"]," + (more.length > 0 ? more[0] + "," : "") + "\"HostConfig\":{" + hostConfig + "}}";
  }

  private JsonNode mounts(String id) {
    return engine.get("/containers/" + id + "/json").json().get("Mounts");
  }

  @Test
  @Covers({"POST /volumes/create", "GET /volumes", "GET /volumes/{name}", "DELETE /volumes/{name}"})
  void isMadeShownListedAndRemoved() {
    JsonNode made = make("{\"Name\":\"data\",\"Labels\":{\"a\":\"b\"}}");

    assertEquals("data", made.get("Name").asText());
    assertEquals("local", made.get("Driver").asText());
    assertEquals("local", made.get("Scope").asText());
    assertTrue(made.get("Mountpoint").asText().endsWith("/data"));
    assertEquals("b", made.get("Labels").get("a").asText());
    assertTrue(made.get("Options").isNull());
    assertEquals(made, engine.get("/volumes/data").json());
    assertEquals(made.get("CreatedAt"), make("{\"Name\":\"data\"}").get("CreatedAt"), "the one that is there is the answer");
    assertEquals(List.of("data"), names(""));
    assertEquals(204, engine.delete("/volumes/data").status());
    refused(engine.get("/volumes/data"), 404, "get data: no such volume");
    refused(engine.delete("/volumes/data"), 404, "get data: no such volume");
    assertEquals(204, engine.delete("/volumes/data?force=1").status());
  }

  @Test
  @Covers("PUT /volumes/{name}")
  void refusesWhatNoVolumeCanBe() {
    refused(engine.post("/volumes/create", "{\"Name\":\"a/b\"}"), 400, "create a/b: \"a/b\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed.");
    refused(engine.post("/volumes/create", "{\"Name\":\"a\"}"), 400, "volume name is too short, names should be at least two alphanumeric characters");
    refused(engine.post("/volumes/create", "{\"Name\":\"ok\",\"Driver\":\"nope\"}"), 404, "error looking up volume plugin nope: plugin \"nope\" not found");
    refused(engine.post("/volumes/create", "{\"Name\":\"ok\",\"DriverOpts\":{\"foo\":\"1\"}}"), 400, "create ok: invalid option: \"foo\"");
    refused(engine.post("/volumes/create", "{\"Name\":\"ok\",\"DriverOpts\":{\"type\":\"nfs\",\"device\":\":/x\",\"o\":\"addr=1.2.3.4\"}}"), 400, "type=nfs is not supported");
    refused(engine.post("/volumes/create", "{\"Name\":\"ok\",\"DriverOpts\":{\"size\":\"1g\"}}"), 400, "create ok: quota size requested but no quota support: the file system of the state folder has no projects");
    refused(engine.post("/volumes/create", "{\"Name\":\"ok\",\"DriverOpts\":{\"size\":\"much\"}}"), 400, "create ok: invalid size: 'much'");
    refused(engine.post("/volumes/create", "{\"Name\":\"ok\",\"DriverOpts\":{\"size\":\"-1\"}}"), 400, "create ok: invalid size: '-1'");
    refused(engine.post("/volumes/create", "{\"Name\":\"ok\",\"DriverOpts\":{\"size\":\"9999999999999t\"}}"), 400, "is too large");
    refused(engine.post("/volumes/create", "{\"Name\":\"ok\",\"DriverOpts\":{\"size\":\"1g\",\"type\":\"tmpfs\",\"device\":\"tmpfs\"}}"), 400, "no quota support: a volume with a type has no files in the store");
    refused(engine.post("/volumes/create", "{\"Name\":7}"), 400, "Name must be a string");
    refused(engine.send("PUT", "/volumes/ok", "application/json", "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8)), 503, "not a swarm manager");
    assertEquals(List.of(), names(""));
  }

  @Test
  void hasTheSizeLimitThatItWasGiven() {
    kernel.hasProjectQuotas = true;

    JsonNode made = make("{\"Name\":\"limited\",\"DriverOpts\":{\"size\":\"10G\"}}");
    create(withHost("\"Mounts\":[{\"Type\":\"volume\",\"Source\":\"two\",\"Target\":\"/bin\",\"VolumeOptions\":{\"DriverConfig\":{\"Name\":\"local\",\"Options\":{\"size\":\"64m\"}}}}]"));

    assertEquals("{\"size\":\"10G\"}", made.get("Options").toString());
    assertTrue(made.get("Mountpoint").asText().endsWith("/data"), "its files are in the store");
    assertEquals("{\"size\":\"64m\"}", engine.get("/volumes/two").json().get("Options").toString());
    assertEquals(201, engine.post("/volumes/create", "{\"Name\":\"free\",\"DriverOpts\":{\"size\":\"0\"}}").status(), "0 is no limit");
    refused(
        engine.post("/containers/create", withHost("\"Mounts\":[{\"Type\":\"volume\",\"Source\":\"small\",\"Target\":\"/bin\",\"VolumeOptions\":{\"DriverConfig\":{\"Options\":{\"size\":\"1\"}}}}]")),
        507, "small");
  }

  @Test
  void limitsAWritableLayerToo() {
    kernel.hasProjectQuotas = true;
    String id = create(withHost("\"StorageOpt\":{\"size\":\"10G\"}"));
    assertEquals("{\"size\":\"10G\"}", engine.get("/containers/" + id + "/json").json().get("HostConfig").get("StorageOpt").toString());
    refused(engine.post("/containers/create", withHost("\"StorageOpt\":{\"size\":\"much\"}")), 400, "invalid size: 'much'");
    refused(engine.post("/containers/create", withHost("\"StorageOpt\":{\"inodes\":\"5\"}")), 400, "Unknown option inodes");
    kernel.hasProjectQuotas = false;

    refused(engine.post("/containers/create?name=big", withHost("\"StorageOpt\":{\"size\":\"10G\"}", "\"Volumes\":{\"/anonymous\":{}}")), 400, "--storage-opt is supported only for overlay over xfs with 'pquota' mount option: the file system");

    assertEquals(404, engine.get("/containers/big/json").status());
    assertEquals(List.of(), names(""), "nothing is left of it");
    assertEquals(201, engine.post("/containers/create?name=big", withHost("\"StorageOpt\":{\"size\":\"0\"}")).status(), "0 is no limit, and the name is free");
    engine.delete("/containers/big?force=1");
  }

  @Test
  void aMountThatFailsTakesTheVolumesBeforeItAlong() {
    refused(engine.post("/containers/create", withHost("\"Mounts\":[{\"Type\":\"volume\",\"Target\":\"/x\"},{\"Type\":\"image\",\"Source\":\"nosuch\",\"Target\":\"/y\"}]")), 404, "No such image: nosuch:latest");

    assertEquals(List.of(), names(""));
    refused(engine.post("/containers/create", withHost("\"Mounts\":[{\"Type\":\"volume\",\"Target\":\"/x\",\"VolumeOptions\":{\"DriverConfig\":{\"Options\":{\"type\":\"none\",\"o\":\"bind\",\"device\":\"/\"}}}}]")), 403, "");
    assertEquals(List.of(), names(""), "one that is itself refused is not kept");
  }

  @Test
  void anonymousVolumesOfOthersStay() {
    String model = create(withHost("", "\"Volumes\":{\"/a\":{}}"));
    String volume = mounts(model).get(0).get("Name").asText();
    String absent = "{\"Type\":\"image\",\"Source\":\"nosuch\",\"Target\":\"/y\"}";
    refused(engine.post("/containers/create", withHost("\"VolumesFrom\":[\"" + model + "\"],\"Mounts\":[" + absent + "]")), 404, "No such image");
    assertEquals(204, engine.delete("/containers/" + model).status());

    refused(engine.post("/containers/create", withHost("\"Binds\":[\"" + volume + ":/b\"],\"Mounts\":[" + absent + "]")), 404, "No such image");
    assertEquals(List.of(volume), names(""), "mounted by its name in a container that will never be");
    String user = create(withHost("\"Mounts\":[{\"Type\":\"volume\",\"Source\":\"" + volume + "\",\"Target\":\"/c\"}]"));
    assertEquals(204, engine.delete("/containers/" + user + "?v=1").status());
    assertEquals(List.of(volume), names(""), "and in one that was removed with its volumes");
  }

  @Test
  void isInUseUntilItsContainerIsRemoved() {
    String id = create(withHost("\"Binds\":[\"used:/data\"]"));

    refused(engine.delete("/volumes/used"), 409, "remove used: volume is in use - [" + id + "]");
    refused(engine.delete("/volumes/used?force=1"), 409, "volume is in use");
    assertEquals(204, engine.delete("/containers/" + id + "?v=1&force=1").status());
    assertEquals(List.of("used"), names(""), "a named one stays");
    assertEquals(204, engine.delete("/volumes/used").status());
  }

  @Test
  void showsMountsAsDockerDoes() {
    String id =
        create(
            withHost(
                "\"Binds\":[\"one:/data/../data/:ro,nocopy\"],\"Mounts\":[{\"Type\":\"volume\",\"Source\":\"two\",\"Target\":\"/two\",\"VolumeOptions\":{\"NoCopy\":true,\"Labels\":{\"l\":\"m\"}}},"
                    + "{\"Type\":\"tmpfs\",\"Target\":\"/scratch\",\"TmpfsOptions\":{\"SizeBytes\":65536,\"Mode\":448}}]",
                "\"Volumes\":{\"/anonymous\":{}}"));

    JsonNode mounts = mounts(id);
    assertEquals("{\"Type\":\"volume\",\"Name\":\"one\",\"Source\":\"" + engine.get("/volumes/one").json().get("Mountpoint").asText()
        + "\",\"Destination\":\"/data\",\"Driver\":\"local\",\"Mode\":\"ro,nocopy\",\"RW\":false,\"Propagation\":\"\"}", mounts.get(0).toString());
    assertEquals("z", mounts.get(1).get("Mode").asText());
    assertTrue(mounts.get(1).get("RW").asBoolean());
    assertEquals("{\"Type\":\"tmpfs\",\"Source\":\"\",\"Destination\":\"/scratch\",\"Mode\":\"\",\"RW\":true,\"Propagation\":\"\"}", mounts.get(2).toString());
    assertEquals("", mounts.get(3).get("Mode").asText());
    assertTrue(mounts.get(3).get("Name").asText().matches("[0-9a-f]{64}"));
    JsonNode host = engine.get("/containers/" + id + "/json").json().get("HostConfig");
    assertEquals("[\"one:/data/../data/:ro,nocopy\"]", host.get("Binds").toString());
    assertEquals("{\"NoCopy\":true,\"Labels\":{\"l\":\"m\"}}", host.get("Mounts").get(0).get("VolumeOptions").toString());
    assertEquals("{\"SizeBytes\":65536,\"Mode\":448}", host.get("Mounts").get(1).get("TmpfsOptions").toString());
    assertEquals("m", engine.get("/volumes/two").json().get("Labels").get("l").asText());
    assertEquals("{\"/anonymous\":{}}", engine.get("/containers/" + id + "/json").json().get("Config").get("Volumes").toString());
    assertEquals(4, engine.get("/containers/json?all=1&filters=" + encoded("{\"volume\":[\"two\"]}")).json().get(0).get("Mounts").size());
    assertEquals(0, engine.get("/containers/json?all=1&filters=" + encoded("{\"volume\":[\"other\"]}")).json().size());
  }

  @Test
  void removesAnonymousVolumesWithTheirContainer() throws InterruptedException {
    String kept = create(withHost("", "\"Volumes\":{\"/a\":{}}"));
    String gone = create(withHost("", "\"Volumes\":{\"/a\":{}}"));
    String keptVolume = mounts(kept).get(0).get("Name").asText();

    engine.delete("/containers/" + kept);
    engine.delete("/containers/" + gone + "?v=1");

    assertEquals(List.of(keptVolume), names(""));
    assertTrue(engine.get("/volumes/" + keptVolume).json().get("Labels").has("com.docker.volume.anonymous"));
    String quick = create("{\"Image\":\"busybox\",\"Cmd\":[\"true\"],\"Volumes\":{\"/a\":{}},\"HostConfig\":{\"AutoRemove\":true}}");
    start(quick);
    engine.post("/containers/" + quick + "/wait?condition=removed");
    for (int i = 0; i < 100 && names("").size() > 1; i++) {
      Thread.sleep(50); // a container that is gone already is not waited for, and its volumes go right after it
    }
    assertEquals(List.of(keptVolume), names(""));
  }

  @Test
  void takesVolumesFromOtherContainers() {
    String from = create(withHost("\"Binds\":[\"shared:/s\"]", "\"Volumes\":{\"/a\":{}}"));

    String to = create(withHost("\"VolumesFrom\":[\"" + from + ":ro\"]"));

    JsonNode mounts = mounts(to);
    assertEquals("shared", mounts.get(0).get("Name").asText());
    assertFalse(mounts.get(0).get("RW").asBoolean());
    assertEquals(mounts(from).get(1).get("Name"), mounts.get(1).get("Name"));
    assertEquals("[\"" + from + ":ro\"]", engine.get("/containers/" + to + "/json").json().get("HostConfig").get("VolumesFrom").toString());
    engine.delete("/containers/" + from + "?v=1&force=1");
    assertEquals(2, names("").size(), "the other one still has them");
    refused(engine.post("/containers/create", withHost("\"VolumesFrom\":[\"nobody\"]")), 400, "No such container: nobody");
    refused(engine.post("/containers/create", withHost("\"VolumesFrom\":[\"" + to + ":rx\"]")), 400, "invalid mode: rx");
  }

  @Test
  void refusesMountsThatCannotBe() {
    for (String[] each :
        new String[][] {
          {"\"Binds\":[\"\"]", "invalid volume specification: ''"},
          {"\"Binds\":[\"a:/x:ro:rw\"]", "invalid volume specification: 'a:/x:ro:rw'"},
          {"\"Binds\":[\"aa:x\"]", "invalid mount path: 'x' mount path must be absolute"},
          {"\"Binds\":[\"aa:/\"]", "invalid specification: destination can't be '/'"},
          {"\"Binds\":[\"aa:/x:quick\"]", "invalid mode: quick"},
          {"\"Binds\":[\"aa:/x:ro,rw\"]", "invalid mode: ro,rw"},
          {"\"Binds\":[\"../aa:/x\"]", "includes invalid characters for a local volume name"},
          {"\"Binds\":[\"/a/../b:/x\"]", "leads up"},
          {"\"Binds\":[\"/a:/x:rshared\"]", "propagation rshared is not supported"},
          {"\"Binds\":[\"aa:/x\",\"bb:/x/\"]", "Duplicate mount point: /x"},
          {"\"Binds\":[\"aa:/x\"],\"Tmpfs\":{\"/x\":\"\"}", "Duplicate mount point: /x"},
          {"\"Mounts\":[{\"Type\":\"npipe\",\"Target\":\"/x\"}]", "invalid mount config for type \"npipe\": mount type unknown"},
          {"\"Mounts\":[{\"Type\":\"bind\",\"Target\":\"/x\"}]", "invalid mount config for type \"bind\": field Source must not be empty"},
          {"\"Mounts\":[{\"Type\":\"volume\",\"Source\":\"aa\"}]", "invalid mount config for type \"volume\": field Target must not be empty"},
          {"\"Mounts\":[{\"Type\":\"tmpfs\",\"Source\":\"aa\",\"Target\":\"/x\"}]", "field Source must not be specified"},
          {"\"Mounts\":[{\"Type\":\"volume\",\"Target\":\"/x\",\"BindOptions\":{}}]", "BindOptions must not be specified on mount type \"volume\""},
          {"\"Mounts\":[{\"Type\":\"volume\",\"Source\":\"aa\",\"Target\":\"/x\",\"VolumeOptions\":{\"Subpath\":\"../y\"}}]", "subpath must be a relative path within the volume"},
          {"\"Mounts\":[{\"Type\":\"volume\",\"Source\":\"aa\",\"Target\":\"/x\",\"VolumeOptions\":{\"Subpath\":\"a/../../y\"}}]", "invalid mount config for type \"volume\": subpath must be a relative path within the volume"},
          {"\"Mounts\":[{\"Type\":\"volume\",\"Target\":\"/x\",\"VolumeOptions\":{\"Subpath\":\"y\"}}]", "must not set Subpath when using anonymous volumes"},
        }) {
      refused(engine.post("/containers/create", withHost(each[0])), 400, each[1]);
    }
    for (String each : List.of("\"Binds\":[\"/:/host\"]", "\"Binds\":[\"/.//:/host:ro\"]", "\"Mounts\":[{\"Type\":\"bind\",\"Source\":\"/\",\"Target\":\"/host\",\"ReadOnly\":true}]")) {
      refused(engine.post("/containers/create", withHost(each)), 403, "is never shown to a container: /; name a folder, which must lie below the policy's bind_roots");
    }
    assertEquals(List.of(), names(""), "a refused container makes no volume");
  }

  @Test
  @Covers("POST /volumes/prune")
  void filtersAndPrunes() {
    make("{\"Name\":\"plain\"}");
    make("{\"Name\":\"marked\",\"Labels\":{\"k\":\"v\"}}");
    make("{}");
    create(withHost("\"Binds\":[\"busy:/x\"]"));

    assertEquals(List.of("marked"), names("{\"label\":[\"k=v\"]}"));
    assertEquals(List.of("plain"), names("{\"name\":[\"lai\"]}"));
    assertEquals(List.of("busy"), names("{\"dangling\":[\"false\"]}"));
    assertEquals(3, names("{\"dangling\":[\"true\"]}").size());
    assertEquals(List.of(), names("{\"driver\":[\"nfs\"]}"));
    refused(engine.get("/volumes?filters=" + encoded("{\"nope\":[\"1\"]}")), 400, "invalid filter 'nope'");
    refused(engine.get("/volumes?filters=" + encoded("{\"dangling\":[\"maybe\"]}")), 400, "invalid filter 'dangling");
    assertEquals(1, engine.post("/volumes/prune").json().get("VolumesDeleted").size());
    assertEquals(List.of("busy", "marked", "plain"), names(""));
    String keep = encoded("{\"all\":[\"true\"],\"label!\":[\"k\"]}");
    assertEquals("[\"plain\"]", engine.post("/volumes/prune?filters=" + keep).json().get("VolumesDeleted").toString());
    assertEquals("[\"marked\"]", engine.post("/volumes/prune?filters=" + encoded("{\"all\":[\"1\"]}")).json().get("VolumesDeleted").toString());
    assertEquals(List.of("busy"), names(""));
  }

  @Test
  @Covers("GET /system/df")
  void countsInDiskUsage() {
    make("{\"Name\":\"lonely\"}");
    create(withHost("\"Binds\":[\"busy:/bin\"]"));

    JsonNode rows = engine.get("/system/df?type=volume").json().get("Volumes");

    assertEquals(1, rows.get(0).get("UsageData").get("RefCount").asInt());
    assertTrue(rows.get(0).get("UsageData").get("Size").asLong() > 0, "the image's file was copied");
    assertEquals("{\"RefCount\":0,\"Size\":0}", rows.get(1).get("UsageData").toString());
  }

  @Test
  void isFilledAgainIfItCouldNotBeFilled() {
    kernel.hasProjectQuotas = true;
    make("{\"Name\":\"small\",\"DriverOpts\":{\"size\":\"1\"}}");
    for (int i = 0; i < 2; i++) {
      refused(engine.post("/containers/create", withHost("\"Binds\":[\"small:/bin\"]")), 507, "create small: its files take more than its size limit of 1 B");
    }
    kernel.loseLimits();
    create(withHost("\"Binds\":[\"small:/bin\"]"));

    assertTrue(engine.get("/system/df?type=volume").json().get("Volumes").get(0).get("UsageData").get("Size").asLong() > 1, "all of it is there");
  }

  @Test
  void copiesImageContentIntoEmptyVolumesOnly() {
    create(withHost("\"Binds\":[\"first:/bin\",\"none:/bin2:nocopy\"]"));
    create(withHost("\"Mounts\":[{\"Type\":\"volume\",\"Source\":\"second\",\"Target\":\"/bin\",\"VolumeOptions\":{\"NoCopy\":true}}]"));

    JsonNode rows = engine.get("/system/df?type=volume").json().get("Volumes");

    List<String> sizes = new ArrayList<>();
    rows.forEach(each -> sizes.add(each.get("Name").asText() + " " + (each.get("UsageData").get("Size").asLong() > 0)));
    assertEquals(List.of("first true", "none false", "second false"), sizes);
  }
}
