package dev.tallyman.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is missing, wrong or too much in a request, beside dockerd 28.5's answers to the same. */
@QuarkusTest
@Timeout(60)
class BadInputApiTest extends EngineTest {
  private void refused(String message, EngineClient.Reply reply) {
    assertEquals(400, reply.status(), reply.text());
    assertEquals(message, reply.message());
  }

  @Test
  void noBodyIsAnEmptyObject() throws IOException {
    String id = run("sleep 60");

    EngineClient.Reply volume = engine.post("/volumes/create");

    assertEquals(201, volume.status(), volume.text());
    engine.delete("/volumes/" + volume.json().get("Name").asText());
    assertEquals(200, engine.post("/containers/" + id + "/update").status());
    refused("No exec command specified", engine.post("/containers/" + id + "/exec"));
    refused("network name is empty", engine.post("/networks/create"));
    refused("the field Container is missing: write a container's name or id", engine.post("/networks/bridge/connect"));
    refused("the field Container is missing: write a container's name or id", engine.post("/networks/bridge/disconnect"));
    refused("invalid JSON: got EOF while reading request body", engine.post("/containers/create"));
    refused("invalid JSON: got EOF while reading request body", engine.post("/volumes/create", " \n"));
  }

  @Test
  void whatIsNoJsonIsToldInGosWords() {
    refused("invalid JSON: invalid character 'i' looking for beginning of object key string", engine.post("/networks/create", "{invalid json"));
    refused("invalid JSON: unexpected EOF", engine.post("/containers/create", "{\"Image\":"));
    refused("failed to parse platform: invalid character 'l' looking for beginning of value", engine.get("/images/busybox/json?platform=linux"));
    refused("error reading labels: unexpected end of JSON input", engine.post("/build?labels=%7B"));
    refused("no upgrade proto in request: it needs the header Upgrade: h2c", engine.post("/session"));
    refused("no upgrade proto in request: it needs the header Upgrade: h2c", engine.post("/grpc"));
  }

  @Test
  void oneBodyIsEnough() {
    refused("unexpected content after JSON", engine.post("/volumes/create", "{} {}"));
    refused("unexpected content after JSON", engine.post("/volumes/create", "{} trailing content"));
    refused("unexpected content after JSON", engine.post("/networks/create", "{}}"));
  }

  @Test
  void aTerminalHasTwoSizes() throws IOException {
    String id = run("sleep 60");

    refused("invalid resize height \"\": invalid syntax", engine.post("/containers/" + id + "/resize?w=1"));
    refused("invalid resize width \"\": invalid syntax", engine.post("/containers/" + id + "/resize?h=1"));
    refused("invalid resize width \"1x\": invalid syntax", engine.post("/containers/" + id + "/resize?h=1&w=1x"));
    refused("invalid resize height \"-1\": value out of range", engine.post("/containers/" + id + "/resize?h=-1&w=1"));
    refused("invalid resize height \"65536\": value out of range", engine.post("/exec/nosuch/resize?h=65536&w=1"));
    refused("invalid resize height \"99999999999999999999\": value out of range", engine.post("/exec/nosuch/resize?h=99999999999999999999&w=1"));
    assertEquals(200, engine.post("/containers/" + id + "/resize?h=65535&w=0").status());
  }

  @Test
  void noNameLooksLikeADigest() {
    refused("refusing to create an ambiguous tag using digest algorithm as name", engine.post("/images/busybox/tag?repo=sha256&tag=a"));
    refused("refusing to create an ambiguous tag using digest algorithm as name", engine.post("/images/busybox/tag?repo=sha256:x&tag=a"));
    refused("refusing to create an ambiguous tag using digest algorithm as name", engine.post("/images/busybox/tag?repo=docker.io/library/sha256&tag=a"));
    assertEquals(201, engine.post("/images/busybox/tag?repo=sha256.test/sha256x&tag=a").status());
    engine.delete("/images/sha256.test/sha256x:a");
  }

  @Test
  void platformsAreThoseOfImages() {
    refused("\"foobar\": unknown operating system or architecture: invalid argument; write os/architecture[/variant], such as linux/amd64", engine.post("/images/create?fromImage=nosuch.test/x&tag=1&platform=foobar"));
    refused("\"foobar\": unknown operating system or architecture: invalid argument; write os/architecture[/variant], such as linux/amd64", engine.post("/images/create?fromSrc=-&platform=foobar", ""));
    refused("\"\" is an invalid OS component of \"/\": a platform is os/architecture[/variant], such as linux/amd64", engine.post("/images/create?fromSrc=-&platform=%2F", ""));
    refused("operating system is not supported: darwin; images of linux are", engine.post("/images/create?fromSrc=-&platform=macos/arm64", ""));
    EngineClient.Reply empty = engine.post("/images/create?fromSrc=-&repo=empty.test/of-arm&platform=linux/arm64/v8", "");
    assertEquals(200, empty.status(), empty.text());
    assertEquals("arm64", engine.get("/images/empty.test/of-arm/json").json().path("Architecture").asText());
    engine.delete("/images/empty.test/of-arm");
    EngineClient.Reply other = engine.post("/containers/create?platform=linux/s390x", "{\"Image\":\"busybox\"}");
    assertEquals(404, other.status(), other.text());
    assertEquals("image with reference busybox was found but its platform (linux/amd64) does not match the specified platform (linux/s390x)", other.message());
  }

  @Test
  void valuesThatNoContainerCanHave() {
    refused("invalid CPU shares (-1): value must be a positive integer", host("\"CpuShares\":-1"));
    refused("invalid Annotations: the empty string is not permitted as an annotation key", host("\"Annotations\":{\"\":\"a\"}"));
    refused("No such container: nosuch", host("\"VolumesFrom\":[\"nosuch\"]"));
    refused("invalid mount path: 'foo' mount path must be absolute", host("\"Tmpfs\":{\"foo\":\"\"}"));
    refused("invalid specification: destination can't be '/'", host("\"Tmpfs\":{\"//\":\"\"}"));
    refused("invalid --security-opt 2: \"writeable-cgroups=true\"", host("\"SecurityOpt\":[\"writeable-cgroups=true\"]"));
    refused("invalid --security-opt 2: \"writable-cgroups=potato\"", host("\"SecurityOpt\":[\"writable-cgroups=potato\"]"));
  }

  private EngineClient.Reply host(String hostConfig) {
    return engine.post("/containers/create", "{\"Image\":\"busybox\",\"HostConfig\":{" + hostConfig + "}}");
  }

  @Test
  void storageIsOfKnownTypes() {
    refused("unknown object type: bogus", engine.get("/system/df?type=image&type=bogus"));
    assertEquals(200, engine.get("/system/df?type=container&type=image&type=volume&type=build-cache").status());
  }

  @Test
  void whoAsksForNoUpgradeIsToldOfARawStream() throws IOException {
    String id = run("sleep 60");
    byte[] none = "".getBytes(StandardCharsets.UTF_8);

    try (EngineClient.Stream stream = engine.open("POST", "/v1.48/containers/" + id + "/attach?stream=1&stdout=1", "", none)) {
      assertEquals(200, stream.status);
      assertEquals("application/vnd.docker.raw-stream", stream.headers.get("content-type"));
    }
  }
}
