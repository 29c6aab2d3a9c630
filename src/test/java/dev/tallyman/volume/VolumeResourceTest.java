package dev.tallyman.volume;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tallyman.identity.Role;
import dev.tallyman.testing.FakeKernel;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class VolumeResourceTest {
  private static final String PATH = "/api/v1/volumes";
  private static final String TAR = "application/x-tar";

  @Inject TestAccounts accounts;
  @Inject FakeKernel kernel;

  private String token;
  private String name;

  @BeforeEach
  void start() {
    token = accounts.token(Role.MEMBER);
    name = "v" + UUID.randomUUID().toString().substring(0, 8);
  }

  @AfterEach
  void withoutQuotas() {
    kernel.hasProjectQuotas = false;
  }

  private RequestSpecification with() {
    return given().header("X-Tallyman-Token", token);
  }

  private RequestSpecification json(String body) {
    return with().contentType("application/json").body(body);
  }

  private static byte[] archive(String entry, String content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      byte[] data = content.getBytes(StandardCharsets.UTF_8);
      TarArchiveEntry header = new TarArchiveEntry(entry);
      header.setSize(data.length);
      header.setIds(33, 44);
      tar.putArchiveEntry(header);
      tar.write(data);
      tar.closeArchiveEntry();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private void imported(String as) {
    with().contentType(TAR).body(archive("f", "hello")).queryParam("name", as).post(PATH + "/import").then().statusCode(201).body("name", equalTo(as));
  }

  @Test
  void makesListsInspectsRenamesAndRemoves() {
    json("{\"name\":\"" + name + "\",\"labels\":{\"a\":\"" + name + "\"}}").post(PATH).then().statusCode(201).header("Location", containsString(name)).body("labels.a", equalTo(name));
    with().get(PATH).then().statusCode(200).body("name", hasItem(name));
    with().queryParam("label", "a=" + name).get(PATH).then().statusCode(200).body("$", hasSize(1));
    with().get(PATH + "/" + name).then().statusCode(200).body("volume.name", equalTo(name)).body("size.bytes", equalTo(0)).body("users", hasSize(0));
    json("{\"name\":\"" + name + "b\"}").patch(PATH + "/" + name).then().statusCode(200).body("name", equalTo(name + "b"));
    with().get(PATH + "/" + name).then().statusCode(404).contentType("application/problem+json").body("detail", equalTo("get " + name + ": no such volume"));
    with().delete(PATH + "/" + name + "b").then().statusCode(204);
    with().delete(PATH + "/" + name + "b").then().statusCode(404);
  }

  @Test
  void exportsWhatWasImportedAndClones() throws IOException {
    imported(name);
    json("{\"name\":\"" + name + "c\"}").post(PATH + "/" + name + "/clone").then().statusCode(201).body("name", equalTo(name + "c"));

    for (String each : new String[] {name, name + "c"}) {
      byte[] out = with().get(PATH + "/" + each + "/export").then().statusCode(200).contentType(TAR).extract().asByteArray();
      try (TarArchiveInputStream tar = new TarArchiveInputStream(new ByteArrayInputStream(out))) {
        TarArchiveEntry entry = tar.getNextEntry();
        assertEquals("f", entry.getName());
        assertEquals(33, entry.getLongUserId());
        assertArrayEquals("hello".getBytes(StandardCharsets.UTF_8), tar.readAllBytes());
      }
    }
    with().get(PATH + "/" + name).then().body("size.bytes", equalTo(5));
    json("{\"name\":\"" + name + "\"}").post(PATH + "/" + name + "c/clone").then().statusCode(409);
    with().contentType(TAR).body(archive("f", "again")).queryParam("name", name).post(PATH + "/import").then().statusCode(409);
  }

  @Test
  void keepsItsSizeLimitWhereverItGoes() {
    kernel.hasProjectQuotas = true;
    json("{\"name\":\"" + name + "\",\"options\":{\"size\":\"1k\"}}").post(PATH).then().statusCode(201).body("options.size", equalTo("1k"));
    with().get(PATH + "/" + name).then().body("limitBytes", equalTo(1024));
    json("{\"name\":\"" + name + "c\"}").post(PATH + "/" + name + "/clone").then().statusCode(201);
    with().get(PATH + "/" + name + "c").then().body("limitBytes", equalTo(1024));
    json("{\"name\":\"" + name + "r\"}").patch(PATH + "/" + name).then().statusCode(200).body("options.size", equalTo("1k"));

    byte[] large = archive("f", "x".repeat(2000));
    with().contentType(TAR).body(large).queryParam("name", name).queryParam("size", "1k").post(PATH + "/import")
        .then().statusCode(507).body("detail", equalTo("create " + name + ": its files take more than its size limit of 1 KiB, or the disk is full"));
    with().get(PATH + "/" + name).then().statusCode(404);
    with().contentType(TAR).body(large).queryParam("name", name).queryParam("size", "2k").post(PATH + "/import").then().statusCode(201);
    with().get(PATH + "/" + name).then().body("limitBytes", equalTo(2048)).body("size.bytes", equalTo(2000));
    with().contentType(TAR).body(large).queryParam("name", name + "m").queryParam("size", "much").post(PATH + "/import").then().statusCode(400).body("detail", containsString("invalid size: 'much'"));

    kernel.hasProjectQuotas = false;
    json("{\"name\":\"" + name + "n\",\"options\":{\"size\":\"1k\"}}").post(PATH).then().statusCode(400).body("detail", containsString("create " + name + "n: quota size requested but no quota support"));
    with().contentType(TAR).body(large).queryParam("name", name + "n").queryParam("size", "4k").post(PATH + "/import").then().statusCode(400).body("detail", containsString("no quota support"));
    with().get(PATH).then().body("name", not(hasItem(name + "n")));
  }

  @Test
  void refusesHostileArchives() {
    with().contentType(TAR).body(archive("../f", "out")).queryParam("name", name).post(PATH + "/import").then().statusCode(400);
    with().contentType(TAR).body("noise".repeat(1000).getBytes(StandardCharsets.UTF_8)).queryParam("name", name).post(PATH + "/import").then().statusCode(400);
    with().contentType(TAR).body(archive("f", "x")).post(PATH + "/import").then().statusCode(400).body("detail", containsString("name"));
    with().contentType(TAR).body(archive("f", "x")).queryParam("name", "a/b").post(PATH + "/import").then().statusCode(400);
    with().get(PATH + "/" + name).then().statusCode(404);
    imported(name);
  }

  @Test
  void prunesAndSaysWhatItFreed() {
    imported(name);
    json("{\"labels\":[\"never=used\"],\"all\":true}").post(PATH + "/prune").then().statusCode(200).body("removed", hasSize(0)).body("reclaimedBytes", equalTo(0));
    with().get(PATH).then().body("name", hasItem(name));
    json("{\"all\":true}").post(PATH + "/prune").then().statusCode(200).body("removed", hasItem(name));
    with().get(PATH).then().body("name", not(hasItem(name)));
  }

  @Test
  void keepsOthersOut() {
    imported(name);
    String viewer = accounts.token(Role.VIEWER);

    given().header("X-Tallyman-Token", viewer).get(PATH + "/" + name + "/export").then().statusCode(403);
    given().header("X-Tallyman-Token", viewer).delete(PATH + "/" + name).then().statusCode(403);
    with().get(PATH + "/orphans").then().statusCode(403);
    with().delete(PATH + "/orphans/" + "0".repeat(64)).then().statusCode(403);
    given().header("X-Tallyman-Token", accounts.adminToken()).get(PATH + "/orphans").then().statusCode(200);
    given().header("X-Tallyman-Token", accounts.adminToken()).delete(PATH + "/orphans/" + "0".repeat(64)).then().statusCode(404);
  }
}
