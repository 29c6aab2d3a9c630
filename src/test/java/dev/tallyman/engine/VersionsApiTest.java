package dev.tallyman.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What differs between versions of the API, as dockerd's routers have it (moby v28.5, api/server/router; api/docs/CHANGELOG.md). */
@QuarkusTest
@Timeout(60)
class VersionsApiTest extends EngineTest {
  private static final String HERE = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";

  private final List<String> made = new ArrayList<>();

  private JsonNode get(String version, String path) {
    EngineClient.Reply reply = engine.get("/v" + version + path);
    assertEquals(200, reply.status(), reply.text());
    return reply.json();
  }

  private static String platform(String architecture) {
    return URLEncoder.encode("{\"os\":\"linux\",\"architecture\":\"" + architecture + "\"}", StandardCharsets.UTF_8);
  }

  @Test
  void infoHasTheFieldsOfItsVersion() {
    assertTrue(get("1.49", "/info").has("BridgeNfIptables"));
    assertFalse(get("1.50", "/info").has("BridgeNfIptables"));
    assertFalse(get("1.48", "/info").has("FirewallBackend"));
    assertEquals("nftables", get("1.49", "/info").at("/FirewallBackend/Driver").asText());
    assertTrue(get("1.46", "/info").get("RegistryConfig").has("AllowNondistributableArtifactsCIDRs"));
    assertFalse(get("1.47", "/info").get("RegistryConfig").has("AllowNondistributableArtifactsCIDRs"));
    assertEquals("seccomp", get("1.24", "/info").at("/SecurityOptions/0").asText());
    assertEquals("name=seccomp,profile=builtin", get("1.25", "/info").at("/SecurityOptions/0").asText());
    assertFalse(get("1.49", "/info").has("DiscoveredDevices"));
  }

  @Test
  void anImageIsToldAsItsVersionTellsIt() {
    JsonNode newest = get("1.51", "/images/busybox/json");
    assertFalse(newest.has("ContainerConfig") || newest.has("VirtualSize"), newest.toString());
    for (String each : List.of("Hostname", "AttachStdin", "Tty", "Image")) {
      assertFalse(newest.get("Config").has(each), each);
      assertTrue(get("1.49", "/images/busybox/json").get("Config").has(each), each);
    }
    for (String each : List.of("User", "Env", "Cmd", "Volumes", "WorkingDir", "Entrypoint", "OnBuild", "Labels")) {
      assertTrue(newest.get("Config").has(each), each);
    }
    assertTrue(get("1.44", "/images/busybox/json").get("ContainerConfig").has("Hostname"));
    assertFalse(get("1.44", "/images/busybox/json").has("VirtualSize"));
    JsonNode old = get("1.43", "/images/busybox/json");
    assertEquals(old.get("Size"), old.get("VirtualSize"));
  }

  @Test
  void imagesAreListedAsTheVersionListsThem() {
    String id = run("sleep 60");
    String image = engine.get("/containers/" + id + "/json").json().get("Image").asText();

    assertTrue(row(get("1.51", "/images/json"), image).get("Containers").asInt() >= 1);
    assertEquals(-1, row(get("1.50", "/images/json"), image).get("Containers").asInt());
    assertEquals(-1, row(get("1.51", "/images/json"), image).get("SharedSize").asInt());
    assertTrue(row(get("1.42", "/images/json?shared-size=1"), image).get("SharedSize").asInt() >= 0);
    assertEquals(-1, row(get("1.41", "/images/json?shared-size=1"), image).get("SharedSize").asInt());
    assertTrue(row(get("1.43", "/images/json"), image).has("VirtualSize"));
    assertFalse(row(get("1.44", "/images/json"), image).has("VirtualSize"));
    assertTrue(row(get("1.43", "/system/df"), image, "Images").has("VirtualSize"));
    assertEquals(0, get("1.40", "/images/json?filter=nothing-of-this-name").size());
    assertTrue(get("1.41", "/images/json?filter=nothing-of-this-name").size() >= 1);
  }

  private static JsonNode row(JsonNode rows, String image) {
    for (JsonNode each : rows) {
      if (each.get("Id").asText().equals(image)) {
        return each;
      }
    }
    throw new AssertionError(image + " is not in " + rows);
  }

  private static JsonNode row(JsonNode view, String image, String field) {
    return row(view.get(field), image);
  }

  @Test
  void aPlatformIsHeldAgainstTheImage() {
    String other = HERE.equals("amd64") ? "s390x" : "riscv64";
    String told = "image with reference busybox was found but its platform (linux/" + HERE + ") does not match the specified platform (linux/" + other + ")";
    assertEquals(200, engine.get("/v1.49/images/busybox/json?platform=" + platform(HERE)).status());
    EngineClient.Reply refused = engine.get("/v1.49/images/busybox/json?platform=" + platform(other));
    assertEquals(404, refused.status());
    assertEquals(told, refused.message());
    assertEquals(200, engine.get("/v1.48/images/busybox/json?platform=" + platform(other)).status());
    assertEquals(told, engine.get("/v1.48/images/busybox/history?platform=" + platform(other)).message());
    assertEquals(200, engine.get("/v1.47/images/busybox/history?platform=" + platform(other)).status());
    assertEquals(told, engine.delete("/v1.50/images/busybox?platforms=" + platform(other)).message());
    assertEquals("multiple platforms are not supported", engine.delete("/v1.50/images/busybox?platforms=" + platform(HERE) + "&platforms=" + platform(other)).message());
    assertEquals("no suitable export target found for platform linux/" + other, engine.get("/v1.48/images/busybox/get?platform=" + platform(other)).message());
    assertEquals(200, engine.get("/v1.48/images/busybox/get?platform=" + platform(HERE)).status());
    assertEquals("conflicting options: manifests and platform options cannot both be set", engine.get("/v1.49/images/busybox/json?manifests=1&platform=" + platform(HERE)).message());
    assertTrue(engine.get("/v1.49/images/busybox/json?platform=linux").message().startsWith("failed to parse platform"));
    assertEquals("both OS and Architecture must be provided", engine.get("/v1.49/images/busybox/json?platform=%7B%7D").message());
    assertEquals(told, engine.post("/containers/create?platform=linux/" + other, "{\"Image\":\"busybox\"}").message());
    EngineClient.Reply made = engine.post("/containers/create?platform=" + HERE, "{\"Image\":\"busybox\"}");
    assertEquals(201, made.status(), made.text());
    assertEquals(204, engine.delete("/containers/" + made.json().get("Id").asText()).status());
    assertEquals("No such image: nosuch:latest", engine.post("/containers/create?platform=linux", "{\"Image\":\"nosuch\"}").message());
  }

  @Test
  void whatIsNoPlatformIsRefusedBeforeAnythingIsDone() {
    String told = "\"foo\": unknown operating system or architecture: invalid argument; write os/architecture[/variant], such as linux/amd64";
    for (String path : List.of("/containers/create?platform=foo", "/images/create?fromImage=127.0.0.1:1/nosuch&tag=1&platform=foo", "/build?platform=foo")) {
      EngineClient.Reply refused = engine.post(path, "{\"Image\":\"busybox\"}");
      assertEquals(400, refused.status(), path);
      assertEquals(told, refused.message(), path);
    }
  }

  @Test
  void severalPlatformsAreNoWrongOne() {
    EngineClient.Reply refused = engine.post("/build?platform=linux/amd64,linux/arm64", "");
    assertEquals(501, refused.status());
    assertEquals("this server builds for linux/" + HERE + " only, not for linux/amd64,linux/arm64", refused.message());
  }

  @Test
  void anArchiveIsLoadedForItsPlatformOnly() {
    byte[] saved = engine.get("/images/busybox/get").body();

    String other = engine.send("POST", "/v1.48/images/load?platform=" + platform("s390x"), "application/x-tar", saved).text();
    String own = engine.send("POST", "/v1.48/images/load?platform=" + platform(HERE), "application/x-tar", saved).text();

    assertTrue(other.contains("no image for linux/s390x"), other);
    assertTrue(own.contains("Loaded image: busybox:latest"), own);
    assertTrue(engine.send("POST", "/v1.47/images/load?platform=" + platform("s390x"), "application/x-tar", saved).text().contains("Loaded image"));
  }

  @Test
  void anOldClientsOptionsMeanWhatTheyDid() {
    String id = create("1.39", "{\"Image\":\"busybox\",\"HostConfig\":{\"Annotations\":{\"a\":\"b\"},\"ConsoleSize\":[30,90]}}");
    JsonNode host = engine.get("/containers/" + id + "/json").json().get("HostConfig");
    assertEquals("shareable", host.get("IpcMode").asText());
    assertFalse(host.has("Annotations"), host.toString());
    assertEquals(0, host.at("/ConsoleSize/0").asInt());

    id = create("1.46", "{\"Image\":\"busybox\",\"HostConfig\":{\"Annotations\":{\"a\":\"b\"},\"ConsoleSize\":[30,90]}}");
    JsonNode newer = engine.get("/containers/" + id + "/json").json().get("HostConfig");
    assertEquals("private", newer.get("IpcMode").asText());
    assertEquals("b", newer.at("/Annotations/a").asText());
    assertEquals(30, newer.at("/ConsoleSize/0").asInt());
    assertEquals("b", container(get("1.46", "/containers/json?all=1"), id).at("/HostConfig/Annotations/a").asText());
    assertFalse(container(get("1.45", "/containers/json?all=1"), id).get("HostConfig").has("Annotations"));
  }

  private static JsonNode container(JsonNode rows, String id) {
    return row(rows, id);
  }

  private String create(String version, String json) {
    EngineClient.Reply reply = engine.post("/v" + version + "/containers/create", json);
    assertEquals(201, reply.status(), reply.text());
    String id = reply.json().get("Id").asText();
    made.add(id);
    return id;
  }

  @AfterEach
  void removeWhatOldClientsMade() {
    made.forEach(each -> engine.delete("/containers/" + each + "?force=1&v=1"));
  }

  @Test
  void whatWouldMisleadAnOldClientIsRefused() {
    String two = "{\"Image\":\"busybox\",\"NetworkingConfig\":{\"EndpointsConfig\":{\"bridge\":{},\"other\":{}}}}";
    assertEquals("Container cannot be created with multiple network endpoints: bridge, other", engine.post("/v1.43/containers/create", two).message());
    String part = "{\"Image\":\"busybox\",\"HostConfig\":{\"Mounts\":[{\"Type\":\"volume\",\"Source\":\"v\",\"Target\":\"/v\",\"VolumeOptions\":{\"Subpath\":\"a\"}}]}}";
    assertEquals("VolumeOptions.Subpath needs API v1.45 or newer", engine.post("/v1.44/containers/create", part).message());
    String foreign = "{\"Image\":\"busybox\",\"HostConfig\":{\"Mounts\":[{\"Type\":\"tmpfs\",\"Target\":\"/v\",\"VolumeOptions\":{\"NoCopy\":true}}]}}";
    assertEquals("VolumeOptions must not be specified on mount type \"tmpfs\"", engine.post("/v1.42/containers/create", foreign).message());
    create("1.41", foreign);
  }

  @Test
  void oneAddressForAllPlacesIsMovedToTheFirst() {
    EngineClient.Reply reply = engine.post("/v1.44/containers/create", "{\"Image\":\"busybox\",\"MacAddress\":\"02:42:ac:11:00:77\"}");
    made.add(reply.json().get("Id").asText());
    assertTrue(reply.text().contains("The container-wide MacAddress field is now deprecated"), reply.text());
    JsonNode made = engine.get("/containers/" + reply.json().get("Id").asText() + "/json").json();
    assertFalse(made.get("Config").has("MacAddress"));
    String id = create("1.43", "{\"Image\":\"busybox\",\"MacAddress\":\"02:42:ac:11:00:78\"}");
    assertEquals("02:42:ac:11:00:78", engine.get("/containers/" + id + "/json").json().at("/Config/MacAddress").asText());
    String unlike = "{\"Image\":\"busybox\",\"MacAddress\":\"02:42:ac:11:00:79\",\"NetworkingConfig\":{\"EndpointsConfig\":{\"bridge\":{\"MacAddress\":\"02:42:ac:11:00:80\"}}}}";
    assertEquals(
        "the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty", engine.post("/v1.44/containers/create", unlike).message());
  }

  @Test
  void waitingHadNoConditionsAtFirst() {
    String id = run("exit 4");
    await(id);
    assertEquals(4, engine.post("/v1.29/containers/" + id + "/wait?condition=nonsense").json().get("StatusCode").asInt());
    assertEquals(400, engine.post("/v1.30/containers/" + id + "/wait?condition=nonsense").status());
  }

  @Test
  void networksAndDiskUsageFollowTheirVersions() {
    String id = run("sleep 60");
    assertTrue(get("1.27", "/networks?filters=%7B%22name%22%3A%5B%22bridge%22%5D%7D").at("/0/Containers").has(id));
    assertFalse(get("1.28", "/networks?filters=%7B%22name%22%3A%5B%22bridge%22%5D%7D").at("/0/Containers").has(id));
    assertEquals("unknown object type: tea", engine.get("/v1.42/system/df?type=tea").message());
    assertEquals(200, engine.get("/v1.41/system/df?type=tea").status());
  }
}
