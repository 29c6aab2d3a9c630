package dev.tallyman.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code POST /build} over the kernel in memory: what comes of a Dockerfile, and what becomes of hostile contexts. */
@QuarkusTest
@Timeout(120)
class BuildApiTest extends EngineTest {
  private final String name = "built" + UUID.randomUUID().toString().substring(0, 8);

  /** A context: names and contents by turns; a content {@code ->x} is a link to x, {@code =>x} a hard link, {@code |} a fifo. */
  private static byte[] context(String... files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      for (int i = 0; i < files.length; i += 2) {
        String content = files[i + 1];
        byte type = content.startsWith("->") ? TarConstants.LF_SYMLINK : content.startsWith("=>") ? TarConstants.LF_LINK : content.equals("|") ? TarConstants.LF_FIFO : content.equals("#") ? TarConstants.LF_CHR : TarConstants.LF_NORMAL;
        TarArchiveEntry entry = new TarArchiveEntry(files[i], type, true);
        byte[] data = type == TarConstants.LF_NORMAL ? content.getBytes(StandardCharsets.UTF_8) : new byte[0];
        if (type == TarConstants.LF_SYMLINK || type == TarConstants.LF_LINK) {
          entry.setLinkName(content.substring(2));
        }
        entry.setSize(data.length);
        tar.putArchiveEntry(entry);
        tar.write(data);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  private EngineClient.Reply build(String query, String... files) throws IOException {
    return engine.send("POST", "/build?" + query, "application/x-tar", context(files));
  }

  private static void failed(EngineClient.Reply reply, String message) {
    assertTrue(reply.text().contains(message), () -> "not " + message + ": " + reply.text());
    assertFalse(reply.text().contains("Successfully built"), reply.text());
  }

  private JsonNode built(EngineClient.Reply reply) {
    assertEquals(200, reply.status(), reply.text());
    assertTrue(reply.text().contains("Successfully built"), reply.text());
    assertTrue(reply.text().contains("Successfully tagged " + name + ":latest"), reply.text());
    return engine.get("/images/" + name + "/json").json();
  }

  private void remove() {
    engine.delete("/images/" + name + "?force=1");
  }

  @Test
  @Covers("POST /build")
  void tellsOfStderrInRed() throws IOException {
    EngineClient.Reply reply = build("t=" + name, "Dockerfile", "FROM busybox\nRUN echo out; echo wrong >&2\n");

    built(reply);
    List<String> texts = new ArrayList<>();
    for (String line : reply.text().lines().toList()) {
      texts.add(new ObjectMapper().readTree(line).path("stream").asText());
    }
    assertTrue(texts.contains("out\n") && texts.contains("\u001b[91mwrong\n\u001b[0m"), texts.toString());
    remove();
  }

  @Test
  @Covers("POST /build")
  void makesAnImageStepByStepAndFindsItInTheCache() throws IOException {
    String file = "FROM busybox\nARG GREETING=hi\nENV A=1 B=\"two words\"\nWORKDIR /app\nCOPY data.txt .\nRUN touch made-$GREETING\nLABEL by=test\nEXPOSE 80\nUSER 7\nCMD [\"run\"]\n";
    EngineClient.Reply first = build("t=" + name + "&labels=" + URLEncoder.encode("{\"x\":\"y\"}", StandardCharsets.UTF_8), "Dockerfile", file, "data.txt", "one");

    JsonNode image = built(first);
    assertTrue(first.text().contains("Step 1/11 : FROM busybox"), first.text());
    assertEquals("[\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\",\"A=1\",\"B=two words\"]", image.path("Config").path("Env").toString());
    assertEquals("/app", image.path("Config").path("WorkingDir").asText());
    assertEquals("{\"by\":\"test\",\"x\":\"y\"}", image.path("Config").path("Labels").toString());
    assertEquals("7", image.path("Config").path("User").asText());
    assertEquals(4, image.path("RootFS").path("Layers").size(), "base, WORKDIR, COPY and RUN");
    assertTrue(engine.get("/images/" + name + "/history").text().contains("RUN |1 GREETING=hi /bin/sh -c touch made-$GREETING"));

    EngineClient.Reply second = build("t=" + name + "&labels=" + URLEncoder.encode("{\"x\":\"y\"}", StandardCharsets.UTF_8), "Dockerfile", file, "data.txt", "one");
    assertEquals(image.path("Id").asText(), built(second).path("Id").asText());
    assertFalse(second.text().contains("Running in"), second.text());

    EngineClient.Reply changed = build("t=" + name, "Dockerfile", file, "data.txt", "two");
    assertTrue(changed.text().contains("Running in"), "a changed file changes what follows: " + changed.text());
    assertTrue(engine.get("/system/df").text().contains("\"Description\":\"RUN |1 GREETING=hi"));
    remove();
  }

  private EngineClient.Reply pruneOf(String filters) {
    return engine.post("/build/prune?all=1&filters=" + URLEncoder.encode(filters, StandardCharsets.UTF_8));
  }

  @Test
  @Covers("POST /build/prune")
  void prunesWhatNobodyNeeds() throws IOException {
    built(build("t=" + name, "Dockerfile", "FROM busybox\nLABEL only=" + name + "\nLABEL more=1\n"));
    assertFalse(engine.get("/images/json").text().contains("<none>"), "steps of builds are not listed");
    assertEquals(1, pruneOf("{\"description\":[\"LABEL only=" + name + "\"]}").json().path("CachesDeleted").size());
    remove();

    for (String none : new String[] {"id\":[\"nosuch", "parent\":[\"x", "description\":[\"LABEL", "inuse\":[\"true\"],\"private\":[\"1", "inuse\":[\"false\"],\"shared\":[\"true"}) {
      assertEquals("{\"CachesDeleted\":null,\"SpaceReclaimed\":0}", pruneOf("{\"" + none + "\"]}").text().strip(), none);
    }
    assertEquals("{\"CachesDeleted\":null,\"SpaceReclaimed\":0}", engine.post("/build/prune?all=1&max-used-space=1000000000000").text().strip());
    assertEquals("failed to prune build cache: filters expect only one value", pruneOf("{\"id\":[\"a\",\"b\"]}").message());
    assertEquals(400, pruneOf("{\"inuse\":[\"maybe\"]}").status());
    assertEquals(501, engine.post("/build/prune?min-free-space=1").status());

    JsonNode pruned = engine.post("/build/prune?all=1").json();

    assertTrue(pruned.path("CachesDeleted").size() >= 1, pruned.toString());
    assertTrue(engine.post("/build/prune").json().path("CachesDeleted").isNull());
    assertEquals(0, engine.get("/system/df").json().path("BuildCache").size());
    assertEquals(204, engine.post("/build/cancel?id=nosuch").status());
    assertEquals(400, engine.post("/build/cancel").status());
  }

  @Test
  @Covers("POST /build")
  void copiesFromStagesAndRunsOnlyWhatIsNeeded() throws IOException {
    String file =
        "FROM busybox AS one\nCOPY a.txt /out/a.txt\nFROM busybox AS unused\nRUN false\nFROM scratch\nCOPY --from=one /out/ /result/\nCOPY <<EOF /note\nhello\nEOF\n";
    JsonNode image = built(build("t=" + name, "Dockerfile", file, "a.txt", "A"));

    assertEquals(2, image.path("RootFS").path("Layers").size());
    String id = create("{\"Image\":\"" + name + "\",\"Cmd\":[\"x\"]}");
    assertEquals(200, engine.get("/containers/" + id + "/archive?path=/result/a.txt").status());
    assertEquals(200, engine.get("/containers/" + id + "/archive?path=/note").status());
    engine.delete("/containers/" + id + "?force=1");
    remove();
  }

  @Test
  void tellsWhichCommandFailed() throws IOException {
    EngineClient.Reply reply = build("t=" + name, "Dockerfile", "FROM busybox\nRUN exit 3\n");

    failed(reply, "\"error\":\"The command '/bin/sh -c exit 3' returned a non-zero code: 3\"");
    assertTrue(reply.text().contains("\"code\":3"), reply.text());
    assertEquals("[]", engine.get("/containers/json?all=1&filters=" + URLEncoder.encode("{\"label\":[\"tallyman.build\"]}", StandardCharsets.UTF_8)).text(), "the container is kept only with rm=0");
    assertEquals(404, engine.get("/images/" + name + "/json").status());
  }

  @Test
  void namesThePlaceOfAnError() throws IOException {
    failed(build("t=" + name, "Dockerfile", "FROM busybox\nFOO bar\n"), "unknown instruction: FOO");
    failed(build("t=" + name, "Dockerfile", "FROM busybox\nRUN --mount=type=ssh,required true\n"), "requires the SSH agent");
    failed(build("t=" + name, "Dockerfile", "FROM busybox\nADD http://169.254.169.254/x /\n"), "the address of 169.254.169.254 is not a public one");
    failed(build("t=" + name, "Dockerfile", "FROM busybox\nCOPY nosuch /\n"), "file not found in build context or excluded by .dockerignore");
    failed(build("t=" + name, "Dockerfile", "FROM 127.0.0.1:1/nosuch\n"), "127.0.0.1:1");
    failed(build("t=" + name, "other", "FROM busybox\n"), "Cannot locate specified Dockerfile: Dockerfile");
    failed(build("t=UPPER", "Dockerfile", "FROM busybox\n"), "must be lowercase");
  }

  @Test
  void refusesParametersThatItDoesNotHonour() throws IOException {
    for (String each : new String[] {"version=3", "remote=ssh%3A%2F%2Fexample.com%2Fx.git", "squash=1", "outputs=x", "cgroupparent=x", "isolation=hyperv", "platform=linux%2Fs390x", "memory=x"}) {
      EngineClient.Reply reply = build("t=" + name + "&" + each, "Dockerfile", "FROM busybox\n");
      assertTrue(reply.status() == 501 || reply.status() == 400, each + ": " + reply.status() + " " + reply.text());
    }
  }

  @Test
  void hostileContextsStayWithinThemselves() throws IOException {
    failed(build("t=" + name, "Dockerfile", "FROM busybox\n", "../evil", "x"), "leads out of it");
    failed(build("t=" + name, "Dockerfile", "FROM busybox\n", "disk", "#"), "no file, directory or link");
    failed(build("t=" + name, "Dockerfile", "|"), "Cannot locate specified Dockerfile");
    failed(build("t=" + name, "Dockerfile", "FROM busybox\n", "l", "->/etc", "l/passwd", "x"), "lies in what is no directory");
    failed(build("t=" + name, "Dockerfile", "FROM busybox\n", "h", "=>/etc/passwd"), "has no file before it");
    failed(build("t=" + name, "Dockerfile", "->/etc/passwd"), "Cannot locate specified Dockerfile");
    failed(build("t=" + name, "Dockerfile", "FROM busybox\nCOPY out /x\n", "out", "->../../../../etc/passwd"), "file not found in build context");
    failed(build("t=" + name, "Dockerfile", "FROM busybox\nCOPY loop /x\n", "loop", "->loop"), "file not found in build context");
    failed(build("t=" + name, "Dockerfile", "FROM busybox\nCOPY secret /x\n", "secret", "s", ".dockerignore", "->ignored", "ignored", "secret\n"), "excluded by .dockerignore");
    assertEquals(400, engine.send("POST", "/build?t=" + name, "application/x-tar", "this is no archive".repeat(100).getBytes(StandardCharsets.UTF_8)).status());
    byte[] whole = context("Dockerfile", "FROM busybox\n", "big", "x".repeat(5000));
    assertEquals(400, engine.send("POST", "/build?t=" + name, "application/x-tar", java.util.Arrays.copyOf(whole, 3000)).status());
    assertEquals(404, engine.get("/images/" + name + "/json").status());

    // The benign control: links within the context. A list of what is ignored that lies outside is none.
    built(build("t=" + name, "Dockerfile", "FROM busybox\nCOPY secret /x\n", "secret", "s", ".dockerignore", "->../../../../etc/passwd"));
    built(build("t=" + name, "Dockerfile", "->real", "real", "FROM busybox\nCOPY link /x\n", "file", "f", "link", "->./file", "hard", "=>file", "pipe", "|"));
    remove();
  }

  @Test
  void bombsEndAtTheLimit() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed); TarArchiveOutputStream tar = new TarArchiveOutputStream(gzip)) {
      TarArchiveEntry entry = new TarArchiveEntry("zeros");
      entry.setSize(300L << 20);
      tar.putArchiveEntry(entry);
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 300; i++) {
        tar.write(zeros);
      }
      tar.closeArchiveEntry();
    }

    EngineClient.Reply reply = engine.send("POST", "/build?t=" + name, "application/x-tar", packed.toByteArray());

    assertEquals(507, reply.status(), reply.text());
    assertTrue(reply.message().contains("grows more than"), reply.text());
  }
}
