package dev.tallyman.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Hijacked connections: attach and exec. */
@QuarkusTest
@Timeout(60)
class StreamApiTest extends EngineTest {
  @Inject DataSource database;

  private String createInteractive(String script, boolean isTty) {
    return create(
        "{\"Image\":\"busybox\",\"Cmd\":[\"sh\",\"-c\",\"" + script + "\"],\"OpenStdin\":true,\"StdinOnce\":true,\"AttachStdin\":true,\"AttachStdout\":true,\"AttachStderr\":true,\"Tty\":" + isTty + "}");
  }

  private String exec(String container, String json) {
    EngineClient.Reply reply = engine.post("/containers/" + container + "/exec", json);
    assertEquals(201, reply.status(), reply.text());
    return reply.json().get("Id").asText();
  }

  @Test
  @Covers("POST /containers/{id}/attach")
  void outputAfterTheEndOfInputArrives() throws IOException {
    String id = createInteractive("cat; sleep 0.2; echo after; echo err >&2", false);

    try (EngineClient.Stream attached = engine.hijack("/v1.48/containers/" + id + "/attach?stream=1&stdin=1&stdout=1&stderr=1", null)) {
      assertEquals(101, attached.status);
      assertEquals("UPGRADED", attached.reason);
      assertEquals("tcp", attached.headers.get("upgrade"));
      assertEquals("application/vnd.docker.multiplexed-stream", attached.headers.get("content-type"));
      start(id);
      attached.write("hello\n");
      attached.endInput();
      assertEquals(List.of("hello\nafter\n", "err\n"), List.of(attached.readFrames()));
    }
    assertEquals(0, await(id));
  }

  @Test
  void muchDataGoesThroughBothWaysWithoutLoss() throws Exception {
    byte[] data = new byte[8 << 20];
    new Random(1).nextBytes(data);
    String id = createInteractive("cat", false);

    try (EngineClient.Stream attached = engine.hijack("/containers/" + id + "/attach?stream=1&stdin=1&stdout=1&stderr=1", null)) {
      start(id);
      CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
        try {
          attached.write(data);
          attached.endInput();
        } catch (IOException e) {
          throw new IllegalStateException(e);
        }
      });
      assertArrayEquals(data, payload(attached.readAll()));
      writer.get(10, TimeUnit.SECONDS);
    }
  }

  private static byte[] payload(byte[] frames) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.wrap(frames);
    while (buffer.hasRemaining()) {
      assertEquals(0x01000000, buffer.getInt());
      byte[] bytes = new byte[buffer.getInt()];
      buffer.get(bytes);
      all.writeBytes(bytes);
    }
    return all.toByteArray();
  }

  @Test
  @Covers("POST /containers/{id}/attach")
  void terminalIsRaw() throws IOException {
    String id = createInteractive("echo hi", true);

    try (EngineClient.Stream attached = engine.hijack("/containers/" + id + "/attach?stream=1&stdin=1&stdout=1", null)) {
      assertEquals("application/vnd.docker.raw-stream", attached.headers.get("content-type"));
      start(id);
      assertEquals("hi\r\n", new String(attached.readAll(), StandardCharsets.UTF_8));
    }
  }

  @Test
  void detachKeysLeaveTheContainerRunning() throws IOException {
    String id = createInteractive("while true; do sleep 0.05; done", true);

    try (EngineClient.Stream attached = engine.hijack("/containers/" + id + "/attach?stream=1&stdin=1&stdout=1&detachKeys=ctrl-a,d", null)) {
      start(id);
      attached.write("\u0001d");
      attached.readAll();
    }
    assertEquals("running", engine.get("/containers/" + id + "/json").json().at("/State/Status").asText());
  }

  @Test
  void attachWithLogsShowsWhatWasBefore() throws Exception {
    String id = run("echo before; sleep 60");
    for (int i = 0; i < 100 && engine.get("/containers/" + id + "/logs?stdout=1").body().length == 0; i++) {
      Thread.sleep(20);
    }

    try (EngineClient.Stream attached = engine.hijack("/containers/" + id + "/attach?logs=1&stream=1&stdout=1", null)) {
      assertEquals("before\n", EngineClient.split(attached.read(15))[0]);
      engine.post("/containers/" + id + "/kill");
      assertEquals(0, attached.readAll().length);
    }
  }

  @Test
  void attachEndsWhenTheContainerIsRemovedBeforeItsStart() throws IOException {
    String id = createShell("true");

    try (EngineClient.Stream attached = engine.hijack("/containers/" + id + "/attach?stream=1&stdout=1", null)) {
      engine.delete("/containers/" + id);
      assertEquals(0, attached.readAll().length);
    }
  }

  @Test
  @Covers({"POST /containers/{id}/exec", "POST /exec/{id}/start", "GET /exec/{id}/json"})
  void execRunsAndTellsItsExitCode() throws IOException {
    String id = run("sleep 60");
    String exec = exec(id, "{\"Cmd\":[\"sh\",\"-c\",\"echo out; echo err >&2; exit 4\"],\"AttachStdout\":true,\"AttachStderr\":true}");

    try (EngineClient.Stream stream = engine.hijack("/exec/" + exec + "/start", "{\"Detach\":false,\"Tty\":false}")) {
      assertEquals(101, stream.status);
      assertEquals(List.of("out\n", "err\n"), List.of(stream.readFrames()));
    }
    var inspected = engine.get("/exec/" + exec + "/json").json();
    assertEquals(4, inspected.get("ExitCode").asInt());
    assertEquals(id, inspected.get("ContainerID").asText());
    assertEquals("sh", inspected.at("/ProcessConfig/entrypoint").asText());
  }

  @Test
  void execWithoutUpgradeAnswers200AndTheRawStream() throws IOException {
    String id = run("sleep 60");
    String exec = exec(id, "{\"Cmd\":[\"echo\",\"plain\"],\"AttachStdout\":true}");

    byte[] body = "{\"Detach\":false}".getBytes(StandardCharsets.UTF_8);
    try (EngineClient.Stream stream = engine.open("POST", "/v1.30/exec/" + exec + "/start", "Content-Type: application/json\r\n", body)) {
      assertEquals(200, stream.status);
      assertEquals("application/vnd.docker.raw-stream", stream.headers.get("content-type"));
      assertEquals("plain\n", stream.readFrames()[0]);
    }
  }

  @Test
  void outputOfATerminalComesAsTheStartSays() throws IOException {
    String id = run("sleep 60");
    for (boolean isTty : new boolean[] {false, true}) {
      String exec = exec(id, "{\"Cmd\":[\"echo\",\"hi\"],\"AttachStdout\":true,\"Tty\":true}");
      try (EngineClient.Stream stream = engine.hijack("/exec/" + exec + "/start", "{\"Tty\":" + isTty + "}")) {
        assertEquals("hi", (isTty ? new String(stream.readAll(), StandardCharsets.UTF_8) : stream.readFrames()[0]).strip());
      }
    }
  }

  @Test
  void execTakesInput() throws IOException {
    String id = run("sleep 60");
    String exec = exec(id, "{\"Cmd\":[\"cat\"],\"AttachStdin\":true,\"AttachStdout\":true}");

    try (EngineClient.Stream stream = engine.hijack("/exec/" + exec + "/start", "{}")) {
      stream.write("abc");
      stream.endInput();
      assertEquals("abc", stream.readFrames()[0]);
    }
  }

  /** It was stopped again, and its streams say so. */
  @Test
  void execThatCannotBeRecordedTellsItInTheStream() throws Exception {
    String id = run("sleep 60");
    String exec = exec(id, "{\"Cmd\":[\"sleep\",\"50\"],\"AttachStdout\":true}");
    try (Connection connection = database.getConnection(); Statement statement = connection.createStatement()) {
      statement.execute("alter table execs add constraint nothing_runs check (phase <> 'RUNNING') nocheck");
      try (EngineClient.Stream stream = engine.hijack("/exec/" + exec + "/start", "{}")) {
        assertTrue(stream.readFrames()[0].startsWith("the inventory of commands is not available"));
      } finally {
        statement.execute("alter table execs drop constraint nothing_runs");
      }
    }
  }

  private void copyIn(String id, String path, String content) throws IOException {
    assertEquals(200, engine.send("PUT", "/containers/" + id + "/archive?path=/", "application/x-tar", ArchiveApiTest.archive(path.substring(1), content)).status());
  }

  @Test
  void execNeedsAUserThatIsThere() throws IOException {
    String id = run("sleep 60");
    copyIn(id, "/etc/passwd", "root:x:0:0::/:/bin/sh\npostgres:x:70:70::/:/bin/sh\n");
    copyIn(id, "/etc/group", "postgres:x:70:\n");

    for (String user : new String[] {"postgres", "root:postgres", "70", "70:postgres", "1234:5678", ":postgres"}) {
      exec(id, "{\"Cmd\":[\"true\"],\"User\":\"" + user + "\"}");
    }
    for (String user : new String[] {"nosuch", "nosuch:70", "post", "postgres:nosuch"}) {
      EngineClient.Reply refused = engine.post("/containers/" + id + "/exec", "{\"Cmd\":[\"true\"],\"User\":\"" + user + "\"}");
      assertEquals(400, refused.status(), user);
      String file = user.startsWith("postgres") ? "group nosuch: no matching entries in group file" : "user " + user.split(":")[0] + ": no matching entries in passwd file";
      assertEquals("unable to find " + file, refused.message());
    }
    copyIn(id, "/etc/passwd", "#".repeat(1 << 20) + "\nroot:x:0:0::/:/bin/sh\n");
    assertEquals(400, engine.post("/containers/" + id + "/exec", "{\"Cmd\":[\"true\"],\"User\":\"root\"}").status(), "too large to be read");
  }

  @Test
  void execOfAnAbsentCommandTellsItInTheStream() throws IOException {
    String id = run("sleep 60");
    String exec = exec(id, "{\"Cmd\":[\"nope\"],\"AttachStdout\":true,\"AttachStderr\":true}");

    try (EngineClient.Stream stream = engine.hijack("/exec/" + exec + "/start", "{}")) {
      assertTrue(stream.readFrames()[0].contains("executable file not found in $PATH"));
    }
    assertEquals(127, engine.get("/exec/" + exec + "/json").json().get("ExitCode").asInt());
  }

  @Test
  void detachedExecAnswersAtOnce() {
    String id = run("sleep 60");
    String exec = exec(id, "{\"Cmd\":[\"sleep\",\"60\"]}");

    EngineClient.Reply reply = engine.post("/exec/" + exec + "/start", "{\"Detach\":true}");
    assertEquals(200, reply.status());
    assertEquals(0, reply.body().length);
    assertTrue(engine.get("/exec/" + exec + "/json").json().get("Running").asBoolean());
    assertEquals(409, engine.post("/exec/" + exec + "/start", "{\"Detach\":true}").status());
    assertEquals(404, engine.get("/exec/" + "0".repeat(64) + "/json").status());
  }

  /** Compose's watch does so, and takes another status for a failure. */
  @Test
  void execThatWasStartedTellsItInTheStream() throws IOException {
    String id = run("sleep 60");
    String exec = exec(id, "{\"Cmd\":[\"true\"],\"AttachStderr\":true}");
    try (EngineClient.Stream stream = engine.hijack("/exec/" + exec + "/start", "{}")) {
      assertEquals("", stream.readFrames()[0]);
    }

    try (EngineClient.Stream stream = engine.open("POST", "/exec/" + exec + "/start", "Content-Type: application/json\r\n", "{}".getBytes(StandardCharsets.UTF_8))) {
      assertEquals(200, stream.status);
      assertEquals("exec command " + exec + " has already run\r\n", stream.readFrames()[0]);
    }
  }

  @Test
  void attachToWhatIsNotThereIsAnOrdinaryError() {
    assertEquals("No such container: nobody", engine.post("/containers/nobody/attach?stream=1&stdout=1").message());
    String id = run("sleep 60");
    engine.post("/containers/" + id + "/pause");
    assertEquals(409, engine.post("/containers/" + id + "/attach?stream=1&stdout=1").status());
  }

  @Test
  @Covers("GET /containers/{id}/attach/ws")
  void attachOverAWebSocket() throws Exception {
    String id = createInteractive("cat", false);
    StringBuilder text = new StringBuilder();
    CompletableFuture<String> closed = new CompletableFuture<>();
    WebSocket.Listener listener =
        new WebSocket.Listener() {
          @Override
          public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean isLast) {
            text.append(StandardCharsets.UTF_8.decode(data));
            socket.request(1);
            if (text.toString().endsWith("hello")) {
              closed.complete(text.toString());
            }
            return null;
          }
        };

    WebSocket socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .header("X-Tallyman-Token", accounts.adminToken())
            .buildAsync(URI.create("ws://localhost:" + RestAssured.port + "/v1.40/containers/" + id + "/attach/ws?stream=1&stdin=1&stdout=1"), listener)
            .get(10, TimeUnit.SECONDS);
    engine.note("GET", "/containers/" + id + "/attach/ws", 101);
    start(id);
    socket.sendBinary(ByteBuffer.wrap("hello".getBytes(StandardCharsets.UTF_8)), true).get(10, TimeUnit.SECONDS);

    assertEquals("hello", closed.get(10, TimeUnit.SECONDS));
    assertEquals(400, engine.get("/containers/" + id + "/attach/ws?stream=1&stdout=1").status());
    socket.abort();
  }
}
