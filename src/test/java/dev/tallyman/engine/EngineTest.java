package dev.tallyman.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.testing.TestAccounts;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;

/** A booted server over the kernel in memory, with the image {@code busybox}, spoken to on its unix socket. */
abstract class EngineTest {
  @Inject TestAccounts accounts;

  @ConfigProperty(name = "quarkus.http.domain-socket")
  String socket;

  private static final String OURS = "of-the-engine-tests";

  EngineClient engine;
  private final List<String> made = new ArrayList<>();

  @BeforeEach
  void bringImage() throws IOException {
    engine = new EngineClient(Path.of(socket).toAbsolutePath(), accounts.adminToken());
    // Other tests of the same server give the name to images of their own.
    EngineClient.Reply known = engine.get("/images/busybox/json");
    if (known.status() != 200 || !known.json().path("Comment").asText().equals(OURS)) {
      EngineClient.Reply reply =
          engine.send("POST", "/images/create?fromSrc=-&repo=busybox&tag=latest&message=" + OURS + "&changes=" + "CMD%20%5B%22sh%22%5D", "application/x-tar", tar());
      assertEquals(200, reply.status(), reply.text());
    }
  }

  /** What an annotation claims about a test is true, or the test fails. */
  @AfterEach
  void madeTheCallsThatItCovers(TestInfo test) throws IOException {
    Covers covers = test.getTestMethod().orElseThrow().getAnnotation(Covers.class);
    for (String name : covers == null ? new String[0] : covers.value()) {
      Operation operation = Operation.all().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow(() -> new AssertionError("operations.txt has no " + name));
      assertTrue(engine.calls().stream().anyMatch(operation::isShownBy), () -> name + " " + (operation.works() ? "did not work" : "was not refused") + " in any of " + engine.calls());
    }
  }

  @AfterEach
  void removeContainers() {
    made.forEach(each -> engine.delete("/containers/" + each + "?force=1&v=1"));
  }

  static byte[] tar() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      byte[] content = "#!/bin/true\n".getBytes(StandardCharsets.UTF_8);
      TarArchiveEntry entry = new TarArchiveEntry("bin/sh");
      entry.setSize(content.length);
      entry.setMode(0755);
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
    }
    return bytes.toByteArray();
  }

  String create(String json) {
    EngineClient.Reply reply = engine.post("/containers/create", json);
    assertEquals(201, reply.status(), reply.text());
    made.add(reply.json().get("Id").asText());
    return made.get(made.size() - 1);
  }

  String createShell(String script) {
    return create("{\"Image\":\"busybox\",\"Cmd\":[\"sh\",\"-c\",\"" + script + "\"]}");
  }

  String run(String script) {
    String id = createShell(script);
    start(id);
    return id;
  }

  void start(String id) {
    EngineClient.Reply reply = engine.post("/containers/" + id + "/start");
    assertEquals(204, reply.status(), reply.text());
  }

  int await(String id) {
    return engine.post("/containers/" + id + "/wait").json().get("StatusCode").asInt();
  }
}
