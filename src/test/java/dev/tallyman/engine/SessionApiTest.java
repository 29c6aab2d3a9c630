package dev.tallyman.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tallyman.engine.KitClient.Files;
import dev.tallyman.engine.grpc.ProtoWriter;
import dev.tallyman.identity.Role;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Headers;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** BuildKit's way of building, with clients that keep to the protocol and clients that do not (T28). */
@QuarkusTest
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SessionApiTest extends EngineTest {
  private static final String METHOD = "X-Docker-Expose-Session-Grpc-Method: /moby.filesync.v1.FileSync/DiffCopy\r\n";
  private static final String COPY = "FROM busybox\nCOPY . /\n";
  /** File modes of Go. */
  private static final long DIRECTORY = 1L << 31;
  private static final long DEVICE = 1L << 26;
  private static final long SYMBOLIC = 1L << 27;
  private static final long PIPE = 1L << 25;
  private static final long SOCKET = 1L << 24;

  private final String name = "kit" + UUID.randomUUID().toString().substring(0, 8);
  private String session = UUID.randomUUID().toString();

  @AfterEach
  void removeImage() {
    engine.delete("/images/" + name + "?force=1");
  }

  private static String head(String token, String id) {
    return "X-Tallyman-Token: " + token + "\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nX-Docker-Expose-Session-Uuid: " + id + "\r\n" + METHOD;
  }

  private KitClient open(KitClient.Script script) throws Exception {
    return new KitClient(RestAssured.port, head(accounts.adminToken(), session), script);
  }

  private EngineClient.Reply build() {
    return engine.post("/build?version=2&remote=client-session&t=" + name + "&session=" + session + "&buildid=" + session);
  }

  /** A build by such a client is refused with these words, and leaves nothing. */
  private void refused(KitClient.Script script, String words) throws Exception {
    session = UUID.randomUUID().toString(); // that the client before is gone is perhaps not known yet
    try (KitClient client = open(script)) {
      assertEquals(101, client.status());
      EngineClient.Reply reply = build();
      assertTrue(reply.text().contains(words), () -> "not " + words + ": " + reply.text());
      assertFalse(reply.text().contains("moby.image.id"), reply.text());
    }
    assertEquals(404, engine.get("/images/" + name + "/json").status());
  }

  @Test
  @Covers("POST /session")
  void buildsWithTheFilesOfASession() throws Exception {
    List<ProtoWriter> files = List.of(Files.stat("dir", DIRECTORY | 0755, 0), Files.file("dir/inside", 5), Files.stat("link", SYMBOLIC | 0777, 0).text(7, "dir/inside"));
    try (KitClient client = open(new Files(COPY, files))) {
      engine.note("POST", "/session", client.status());
      EngineClient.Reply reply = build();
      assertEquals(200, reply.status(), reply.text());
      assertTrue(reply.text().contains("\"moby.buildkit.trace\"") && reply.text().contains("\"moby.image.id\""), reply.text());
      assertTrue(client.isOpen());
    }
    JsonNode image = engine.get("/images/" + name + "/json").json();
    assertEquals(2, image.at("/RootFS/Layers").size(), image.toString());
  }

  @Test
  void pipesAndSocketsAreAskedForNothing() throws Exception {
    List<ProtoWriter> files = List.of(Files.stat("pipe", PIPE | 0640, 0), Files.stat("socket", SOCKET | 0755, 7), Files.file("usual", 5));
    List<Integer> asked = new ArrayList<>();
    Files client =
        new Files(COPY, files) {
          @Override
          void wanted(KitClient.Call call, int id, byte[] bytes) {
            asked.add(id);
            super.wanted(call, id, bytes);
          }
        };
    try (KitClient kit = open(client)) {
      EngineClient.Reply reply = build();
      assertTrue(kit.isOpen() && reply.text().contains("\"moby.image.id\""), reply.text());
    }
    assertTrue(asked.contains(2) && !asked.contains(1), asked.toString());
  }

  @Test
  void takesAnArchiveAsEverToo() throws IOException {
    byte[] text = "FROM busybox\nLABEL a=b\n".getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      TarArchiveEntry entry = new TarArchiveEntry("Dockerfile");
      entry.setSize(text.length);
      tar.putArchiveEntry(entry);
      tar.write(text);
      tar.closeArchiveEntry();
    }
    EngineClient.Reply reply = engine.send("POST", "/build?version=2&t=" + name, "application/x-tar", bytes.toByteArray());

    assertTrue(reply.text().contains("\"moby.image.id\""), reply.text());
    assertEquals("b", engine.get("/images/" + name + "/json").json().at("/Config/Labels/a").asText());
  }

  @Test
  void aSessionIsItsAccountsOwn() throws Exception {
    String member = accounts.token(Role.MEMBER);
    try (KitClient client = new KitClient(RestAssured.port, head(member, session), new Files(COPY, List.of()))) {
      assertEquals(101, client.status());
      EngineClient.Reply reply = build();
      assertEquals(404, reply.status(), reply.text());
      assertTrue(reply.message().contains("no active session"), reply.message());
    }
  }

  @Test
  void isNotOpenedForEverybody() throws Exception {
    for (String head :
        List.of(
            head("tlm_wrong", session) + "|401", head(accounts.token(Role.VIEWER), session) + "|403", head(accounts.adminToken(), "") + "|400", head(accounts.adminToken(), "x".repeat(129)) + "|400",
            head(accounts.adminToken(), session).replace("h2c", "tcp") + "|400")) {
      String[] parts = head.split("\\|");
      try (KitClient client = new KitClient(RestAssured.port, parts[0], new Files(COPY, List.of()))) {
        assertEquals(Integer.parseInt(parts[1]), client.status(), head);
      }
    }
    try (KitClient first = open(new Files(COPY, List.of()))) {
      assertEquals(101, first.status());
      try (KitClient second = open(new Files(COPY, List.of()))) {
        assertEquals(409, second.status());
      }
      assertTrue(first.isOpen());
    }
  }

  @Test
  void pathsThatLeadOutAreRefused() throws Exception {
    for (String path : List.of("../up", "dir/../../up", "/etc/passwd", "a\0b", "")) {
      refused(new Files(COPY, List.of(Files.file(path, 5))), "\"error\"");
    }
    refused(new Files(COPY, List.of(Files.stat("disk", DEVICE | 0600, 0))), "is a device");
    refused(new Files(COPY, List.of(Files.file("file", 5), Files.file("file/below", 5))), "lies in what is no directory");
    // Short ones when all is said, but not on the way.
    refused(new Files(COPY, List.of(Files.file("./".repeat(100_000) + "file", 5))), "more than 4096 characters");
    refused(new Files(COPY, List.of(Files.stat("link", SYMBOLIC | 0777, 0).text(7, "x".repeat(5000)))), "more than 4096 characters");
  }

  @Test
  void sizesMustBeTrue() throws Exception {
    refused(new Files(COPY, List.of(Files.file("short", 4))), "more bytes than the client told");
    refused(new Files(COPY, List.of(Files.file("long", 6))), "fewer bytes than the client told");
    refused(new Files(COPY, List.of(Files.file("negative", -1))), "larger than");
    refused(new Files(COPY, List.of(Files.file("endless", Long.MAX_VALUE))), "larger than");
  }

  @Test
  void whatHasNoPlaceInTheProtocolEndsTheBuild() throws Exception {
    refused(
        new Files(COPY, List.of(Files.file("a", 5))) {
          @Override
          void wanted(KitClient.Call call, int id, byte[] bytes) {
            super.wanted(call, id + 1, bytes);
          }
        },
        "not asked for");
    refused(
        new Files(COPY, List.of(Files.file("a", 5))) {
          @Override
          void wanted(KitClient.Call call, int id, byte[] bytes) {
            call.send(new ProtoWriter().number(1, STAT).message(2, file("late", 5)));
          }
        },
        "after their end");
    refused(starting(call -> call.raw(Unpooled.buffer().writeByte(1).writeInt(3).writeZero(3))), "compressed");
    refused(starting(call -> call.raw(Unpooled.buffer().writeByte(0).writeInt(Integer.MAX_VALUE))), "a message of more than");
    refused(starting(call -> call.raw(Unpooled.buffer().writeByte(0).writeInt(2).writeByte(0x0a).writeByte(0x7f))), "damaged message");
    refused(starting(call -> call.send(new ProtoWriter().number(1, 9))), "no place in a transfer");
    refused(starting(call -> call.send(new ProtoWriter().number(1, 4).bytes(4, "disk on fire".getBytes(StandardCharsets.UTF_8)))), "disk on fire");
    refused(starting(call -> call.end(0)), "before its end");
    refused(starting(call -> call.end(13)), "as scripted");
    refused(starting(KitClient.Call::hangUp), "\"error\"");
  }

  private interface Beginning {
    void of(KitClient.Call call);
  }

  private static KitClient.Script starting(Beginning beginning) {
    return new Files(COPY, List.of()) {
      @Override
      public void begun(KitClient.Call call, String path, Http2Headers headers) {
        beginning.of(call);
      }
    };
  }

  @Test
  void aBuildWithoutItsSessionIsRefused() {
    EngineClient.Reply reply = build();
    assertEquals(404, reply.status(), reply.text());
    assertEquals(400, engine.post("/build?version=2&remote=client-session&t=" + name).status());
    assertTrue(engine.post("/build?version=2&remote=http%3A%2F%2F169.254.169.254%2Fx.git").text().contains("is not a public one"));
  }
}
