package dev.tallyman.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.engine.KitClient.Call;
import dev.tallyman.engine.KitClient.Files;
import dev.tallyman.engine.grpc.ProtoWriter;
import dev.tallyman.identity.Role;
import io.netty.handler.codec.http2.Http2Headers;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Only changed files of a context travel, as far as the client says that it is the same one. */
@QuarkusTest
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class KeptContextTest extends EngineTest {
  private static final String METHOD = "X-Docker-Expose-Session-Grpc-Method: /moby.filesync.v1.FileSync/DiffCopy\r\n";
  private static final String COPY = "FROM busybox\nCOPY . /\n";

  private final String name = "kept" + UUID.randomUUID().toString().substring(0, 8);
  private final String key = UUID.randomUUID().toString();

  @AfterEach
  void removeImage() {
    engine.delete("/images/" + name + "?force=1");
    engine.post("/build/prune?all=1");
  }

  /** A client with files of the text {@code bytes} each. */
  private static class Folder extends Files {
    final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    private final String bytes;

    final List<String> paths = Collections.synchronizedList(new ArrayList<>());
    volatile boolean isCalled;
    private final String recipe;

    Folder(String bytes, ProtoWriter... files) {
      this(COPY, bytes, files);
    }

    Folder(String recipe, String bytes, ProtoWriter... files) {
      super(recipe, List.of(files));
      this.recipe = recipe;
      this.bytes = bytes;
    }

    @Override
    public void begun(Call call, String path, Http2Headers headers) {
      List<String> named = headers.getAll("followpaths").stream().map(CharSequence::toString).toList();
      if (String.valueOf(headers.get("dir-name")).equals("context") && !named.equals(List.of(".dockerignore"))) {
        isCalled = true;
        paths.addAll(named);
      }
      super.begun(call, path, headers);
    }

    @Override
    byte[] bytes(int id) {
      return bytes.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    void wanted(Call call, int id, byte[] sent) {
      if (!Arrays.equals(sent, recipe.getBytes(StandardCharsets.UTF_8))) {
        asked.add(Integer.toString(id));
      }
      super.wanted(call, id, sent);
    }
  }

  private static ProtoWriter file(String path, long nanos) {
    return Files.file(path, 5).number(6, nanos);
  }

  /** @return id of the image */
  private String build(String token, String shared, Folder folder) throws Exception {
    String session = UUID.randomUUID().toString();
    String head = "X-Tallyman-Token: " + token + "\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nX-Docker-Expose-Session-Uuid: " + session + "\r\n" + METHOD + shared;
    EngineClient client = new EngineClient(java.nio.file.Path.of(socket).toAbsolutePath(), token);
    try (KitClient files = new KitClient(RestAssured.port, head, folder)) {
      assertEquals(101, files.status());
      EngineClient.Reply reply = client.post("/build?version=2&remote=client-session&t=" + name + "&session=" + session + "&buildid=" + session);
      assertTrue(reply.text().contains("moby.image.id"), reply.text());
      return client.get("/images/" + name + "/json").json().path("Id").asText();
    }
  }

  private String shared() {
    return "X-Docker-Expose-Session-Sharedkey: " + key + "\r\n";
  }

  @Test
  void onlyWhatChangedIsAskedFor() throws Exception {
    String token = accounts.adminToken();
    Folder first = new Folder("bytes", file("a", 1), file("b", 1));
    String image = build(token, shared(), first);
    assertEquals(List.of("0", "1"), first.asked);

    Folder same = new Folder("bytes", file("a", 1), file("b", 1));
    assertEquals(image, build(token, shared(), same));
    assertEquals(List.of(), same.asked);

    Folder changed = new Folder("other", file("a", 1), file("b", 2));
    assertNotEquals(image, build(token, shared(), changed));
    assertEquals(List.of("1"), changed.asked);
  }

  @Test
  void onlyWhatStepsNameIsAskedFor() throws Exception {
    String token = accounts.adminToken();
    Folder named = new Folder("FROM busybox\nCOPY ./b a* /\n", "bytes", file("a", 1), file("b", 1));
    build(token, shared(), named);
    assertEquals(List.of("a*", "b"), named.paths);

    Folder all = new Folder("bytes", file("a", 1), file("b", 1), file("c", 1));
    build(token, shared(), all);
    assertEquals(List.of(), all.paths);
    assertEquals(List.of("2"), all.asked);

    // What a client sends beyond that does no harm.
    Folder one = new Folder("FROM busybox\nCOPY a /\n", "bytes", file("a", 1), file("d", 1));
    build(token, shared(), one);
    assertEquals(List.of("a"), one.paths);

    Folder none = new Folder("FROM busybox\nLABEL a=b\n", "bytes", file("a", 1));
    build(token, shared(), none);
    assertFalse(none.isCalled);
  }

  /** The client sends nothing of what leads nowhere. */
  @Test
  void whatIsNamedByAnotherIsFound() throws Exception {
    Folder sent = new Folder("FROM busybox\nCOPY sub/../b /\nRUN --mount=source=sub/../b,target=/mnt true\n", "bytes", file("b", 1));
    build(accounts.adminToken(), shared(), sent);
    assertEquals(List.of("b"), sent.paths);
  }

  @Test
  void ofOtherClientsNothingIsKnown() throws Exception {
    Folder mine = new Folder("bytes", file("a", 1));
    build(accounts.adminToken(), shared(), mine);

    for (String other : List.of("", "X-Docker-Expose-Session-Sharedkey: other\r\n", "X-Docker-Expose-Session-Sharedkey: " + "x".repeat(1100) + "\r\n")) {
      Folder same = new Folder("bytes", file("a", 1));
      build(accounts.adminToken(), other, same);
      assertEquals(List.of("0"), same.asked, other);
    }
    // Who knows the key of another account has its files no more than anybody.
    Folder foreign = new Folder("other", file("a", 1));
    build(accounts.token(Role.MEMBER), shared(), foreign);
    assertEquals(List.of("0"), foreign.asked);
    Folder again = new Folder("bytes", file("a", 1));
    build(accounts.adminToken(), shared(), again);
    assertEquals(List.of(), again.asked);
  }

  @Test
  void whatIsKeptIsListedAndPruned() throws Exception {
    build(accounts.adminToken(), shared(), new Folder("bytes", file("a", 1)));
    assertTrue(engine.get("/system/df?type=build-cache").text().contains("\"source.local\""));

    engine.post("/build/prune?all=1&filters=%7B%22type%22%3A%5B%22source.local%22%5D%7D");

    Folder again = new Folder("bytes", file("a", 1));
    build(accounts.adminToken(), shared(), again);
    assertEquals(List.of("0"), again.asked);
  }
}
