package dev.tallyman.container;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tallyman.container.Containers.ContainerFilter;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.FakeKernel;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestImages;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The REST API of a container's files. */
@QuarkusTest
class FileResourceTest {
  @Inject Containers containers;
  @Inject TestAccounts accounts;
  @Inject TestImages images;
  @Inject ContainerFiles made;
  @Inject FileCopies copies;
  @Inject Inventory inventory;
  @Inject FakeKernel kernel;
  private String token;
  private String files;

  @BeforeEach
  void prepare() {
    images.busybox();
    token = accounts.token(Role.MEMBER);
    String id = containers.create(accounts.caller(Role.MEMBER), ContainerSpec.of("files", "busybox", List.of("sleep", "60"))).id();
    files = "/api/v1/containers/" + id + "/files";
  }

  @AfterEach
  void removeAll() {
    containers.list(accounts.admin(), ContainerFilter.all()).forEach(each -> containers.remove(accounts.admin(), each.id(), true, true));
  }

  /** Somebody looks at the files of a container, and it is removed before its turn comes. */
  @Test
  void makesNothingForAContainerThatWasRemovedMeanwhile() throws Exception {
    for (Consumer<String> looks : List.<Consumer<String>>of(
        id -> made.changes(accounts.admin(), id),
        id -> copies.look(accounts.admin(), id, "/bin"),
        id -> copies.copyIn(accounts.admin(), id, new FileCopies.CopyIn("/bin", false, false), new ByteArrayInputStream(new byte[1024])))) {
      Specs specs = Specs.of("sleep", "60");
      specs.workingDir = "/made/for/work";
      Cell cell = inventory.get(containers.create(accounts.admin(), specs.build()).id());
      CompletableFuture<ErrorKind> end = new CompletableFuture<>();
      Thread looker = new Thread(() -> end.complete(assertThrows(TallymanException.class, () -> looks.accept(cell.id)).kind()));

      cell.locked(() -> {
        looker.start();
        while (looker.getState() != Thread.State.WAITING) {
          Thread.onSpinWait();
        }
        containers.remove(accounts.admin(), cell.id, true, true);
      });

      assertEquals(ErrorKind.NOT_FOUND, end.get(10, TimeUnit.SECONDS));
      assertFalse(kernel.holds(cell.id), "no writable layer for one that is gone");
    }
  }

  private RequestSpecification api() {
    return given().header("X-Tallyman-Token", token);
  }

  private ValidatableResponse put(String query, byte[] body) {
    return api().contentType("application/octet-stream").body(body).put(files + query).then();
  }

  private static byte[] tar(String name, String content) throws IOException {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    return OneFileTar.of(name, 0640, bytes.length, Instant.ofEpochSecond(1_600_000_000), new ByteArrayInputStream(bytes)).readAllBytes();
  }

  @Test
  void writesLooksListsAndReads() {
    put("/content?path=/bin/new.txt&mode=0600", "hello".getBytes(StandardCharsets.UTF_8)).statusCode(204);

    api().get(files + "?path=/bin/new.txt").then().statusCode(200).body("file.name", is("new.txt")).body("file.kind", is("file")).body("file.size", is(5)).body("file.mode", is("0600"))
        .body("file.uid", is(0)).body("file.link", nullValue()).body("entries", nullValue());
    api().get(files + "?path=/bin").then().statusCode(200).body("file.kind", is("directory")).body("entries.name", hasItem("new.txt")).body("isCut", is(false));
    api().get(files).then().statusCode(200).body("path", is("/")).body("file.name", is("/")).body("entries.name", hasItem("bin"));
    api().get(files + "/content?path=/bin/new.txt").then().statusCode(200).contentType("application/octet-stream").header("Content-Disposition", "attachment").body(equalTo("hello"));
    api().get(files + "/archive?path=/bin/new.txt").then().statusCode(200).contentType("application/x-tar").body(containsString("hello"));
    api().head(files + "?path=/bin/new.txt").then().statusCode(200);
    api().head(files + "?path=/nope").then().statusCode(404);
  }

  @Test
  void extractsArchives() throws IOException {
    String longName = "n".repeat(150) + ".txt";
    put("/archive?path=/", tar("plain", "plain")).statusCode(204);
    put("/archive?path=/bin&toUser=true", tar(longName, "long")).statusCode(204);

    api().get(files + "?path=/plain").then().body("file.mode", is("0640")).body("file.modifiedAt", is("2020-09-13T12:26:40Z"));
    assertEquals("long", api().get(files + "/content?path=/bin/" + longName).asString());
  }

  @Test
  void refusesWithAReason() throws IOException {
    put("/archive?path=/bin/sh", tar("x", "x")).statusCode(400).body("detail", is("extraction point is not a directory"));
    put("/archive?path=/nope", tar("x", "x")).statusCode(404).body("detail", containsString("Could not find the file /nope in container"));
    put("/archive?path=/&keepKinds=true", tar("bin", "x")).statusCode(400).body("detail", is("cannot overwrite directory \"/bin\" with non-directory \"/\""));
    put("/archive", tar("x", "x")).statusCode(400);
    put("/content?path=/bin", "x".getBytes(StandardCharsets.UTF_8)).statusCode(400).body("detail", is("cannot overwrite directory \"/bin\" with non-directory \"/\""));
    for (String each : List.of("/", "bin", "/bin/", "/bin/..", "/" + "x".repeat(256))) {
      put("/content?path=" + each, "x".getBytes(StandardCharsets.UTF_8)).statusCode(400);
    }
    put("/content?path=/x&mode=rw", "x".getBytes(StandardCharsets.UTF_8)).statusCode(400).body("detail", containsString("octal"));
    api().get(files + "/content?path=/bin").then().statusCode(400).body("detail", is("/bin: not a regular file"));
    api().get(files + "/archive?path=/nope").then().statusCode(404);
    api().get(files + "/archive").then().statusCode(400);
    api().get("/api/v1/containers/nobody/files").then().statusCode(404).body("detail", is("No such container: nobody"));
    api().get(files + "?path=/x").then().statusCode(404);
  }

  @Test
  void isForMembersOfTheTeam() {
    given().header("X-Tallyman-Token", accounts.token(Role.VIEWER)).get(files).then().statusCode(403);
    given().get(files).then().statusCode(401);
    api().get(files + "?path=/bin/sh").then().statusCode(200).body("file.kind", is("file"));
  }

  @Test
  void leavesItsRowsInTheAuditTrail() throws IOException {
    put("/archive?path=/", tar("f", "x")).statusCode(204);
    api().get(files + "/content?path=/f").then().statusCode(200);

    api().get(files.replace("/files", "/timeline")).then().body("what", contains("create", "copy-in", "copy-out")).body("detail[1]", is("/")).body("detail[2]", is("/f"));
  }
}
