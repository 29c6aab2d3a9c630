package dev.tallyman.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.audit.AuditTrail.AuditFilter;
import dev.tallyman.audit.AuditTrail.AuditRow;
import dev.tallyman.dashboard.Visitor;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.web.ContainerSockets;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The Engine API on sockets of containers: whom it takes their programs for, what it lets them do, what it writes down. */
@QuarkusTest
class EngineSocketApiTest extends EngineTest {
  private static final String MOUNT = "\"/var/run/docker.sock:/var/run/docker.sock\"";

  @Inject Sandboxes sandboxes;
  @Inject AuditTrail audit;
  @Inject ContainerSockets sockets;

  private String withSocket(EngineClient creator, String binds) {
    EngineClient.Reply made = creator.post("/containers/create", "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"100\"],\"HostConfig\":{\"Binds\":[" + binds + "]}}");
    assertEquals(201, made.status(), made.text());
    String id = made.json().path("Id").asText();
    assertEquals(204, creator.post("/containers/" + id + "/start").status());
    return id;
  }

  private EngineClient inside(String id) {
    return new EngineClient(sandboxes.socket(id), "");
  }

  private EngineClient of(Caller caller) {
    return new EngineClient(Path.of(socket).toAbsolutePath(), accounts.tokenOf(caller));
  }

  private void remove(String id) {
    assertEquals(204, engine.delete("/containers/" + id + "?force=1").status());
  }

  private AuditRow created(String id) {
    String name = engine.get("/containers/" + id + "/json").json().path("Name").asText().substring(1);
    return audit.list(accounts.admin(), new AuditFilter(null, "container.create", name, null, null, null, null, null, 1)).get(0);
  }

  @Test
  void servesTheContainersPrograms() {
    String id = withSocket(engine, MOUNT);
    EngineClient.Reply seen = inside(id).get("/containers/" + id + "/json");

    assertEquals(200, seen.status(), seen.text());
    assertEquals("bind", seen.json().path("Mounts").path(0).path("Type").asText());
    assertEquals("/var/run/docker.sock", seen.json().path("Mounts").path(0).path("Source").asText());
    assertEquals("/var/run/docker.sock:/var/run/docker.sock", seen.json().path("HostConfig").path("Binds").path(0).asText());
    remove(id);
  }

  @Test
  void takesThemForTheCreatorAndSaysWhichContainer() {
    Caller member = accounts.caller(Role.MEMBER);
    String id = withSocket(of(member), MOUNT);
    EngineClient.Reply made = inside(id).post("/containers/create", "{\"Image\":\"busybox\"}");

    assertEquals(201, made.status(), made.text());
    String child = made.json().path("Id").asText();
    AuditRow row = created(child);
    assertEquals(member.accountName(), row.account());
    assertEquals("container " + id.substring(0, 12), row.origin());
    assertEquals("docker", row.way().toLowerCase(java.util.Locale.ROOT));
    assertTrue(created(id).detail().contains("socket of the Engine API"));
    Visitor visitor = Visitor.with(accounts.sessionOf(member));
    String name = "its programs may use it, in the name of " + member.accountName();
    assertTrue(visitor.page("/ui/containers/" + id).select(".facts").text().contains(name));
    assertFalse(visitor.page("/ui/containers/" + child).select(".facts").text().contains(name));
    remove(child);
    remove(id);
  }

  @Test
  void anAdministratorsContainerIsNoAdministrator() throws IOException {
    String id = withSocket(engine, MOUNT);
    EngineClient theirs = of(accounts.stranger(Role.MEMBER));
    assertEquals(200, theirs.send("POST", "/images/create?fromSrc=-&repo=theirs", "application/x-tar", tar()).status());
    String other = theirs.post("/containers/create", "{\"Image\":\"theirs\",\"Cmd\":[\"sh\"]}").json().path("Id").asText();

    assertEquals(200, engine.get("/containers/" + other + "/json").status());
    assertEquals(404, inside(id).get("/containers/" + other + "/json").status());
    remove(other);
    remove(id);
  }

  @Test
  void whoTakesTheMountsOfAnotherContainerSpeaksForItself() {
    Caller first = accounts.caller(Role.MEMBER);
    Caller second = accounts.caller(Role.MEMBER);
    String model = withSocket(of(first), MOUNT);
    EngineClient.Reply made = of(second).post("/containers/create", "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"100\"],\"HostConfig\":{\"VolumesFrom\":[\"" + model + "\"]}}");
    String id = made.json().path("Id").asText();
    start(id);
    String child = inside(id).post("/containers/create", "{\"Image\":\"busybox\"}").json().path("Id").asText();

    assertEquals(second.accountName(), created(child).account());
    List.of(child, id, model).forEach(this::remove);
  }

  @Test
  void endsWithItsAccount() {
    Caller member = accounts.caller(Role.MEMBER);
    String id = withSocket(of(member), MOUNT);
    assertEquals(200, inside(id).get("/containers/json").status());
    accounts.accounts().update(accounts.admin(), member.accountName(), null, null, true, null);

    EngineClient.Reply refused = inside(id).get("/containers/json");
    assertEquals(401, refused.status(), refused.text());
    assertTrue(refused.message().contains("disabled, gone, or in another team"), refused.text());
    remove(id);
  }

  @Test
  void aViewerStaysAViewer() {
    Caller member = accounts.caller(Role.MEMBER);
    String id = withSocket(of(member), MOUNT);
    accounts.accounts().update(accounts.admin(), member.accountName(), Role.VIEWER, null, null, null);

    assertEquals(200, inside(id).get("/containers/json").status());
    assertEquals(403, inside(id).post("/containers/create", "{\"Image\":\"busybox\"}").status());
    remove(id);
  }

  @Test
  void servesNothingButTheEngineApi() {
    String id = withSocket(engine, MOUNT);

    for (String path : List.of("/api/v1/me", "/ui/login", "/", "/v2/", "/q/metrics", "/q/health", "/v1/search?q=a")) {
      assertEquals(403, inside(id).get(path).status(), path);
    }
    assertEquals(200, inside(id).get("/_ping").status());
    assertEquals(200, inside(id).get("/v1.47/info").status());
    remove(id);
  }

  @Test
  void comesAndGoesWithTheContainer() {
    String id = withSocket(engine, MOUNT + ",\"/run/docker.sock:/tmp/again.sock:ro\"");
    Path file = sandboxes.socket(id);
    assertTrue(Files.exists(file));
    assertEquals(204, engine.post("/containers/" + id + "/stop?t=0").status());
    assertFalse(sockets.isOpen(id));
    for (int i = 0; i < 3; i++) {
      assertEquals(204, engine.post("/containers/" + id + "/restart?t=0").status());
      assertEquals(200, inside(id).get("/_ping").status());
    }
    remove(id);
    assertFalse(sockets.isOpen(id));
  }

  @Test
  void knowsItsOwnSocketByItsPath() {
    String id = withSocket(engine, "\"" + Path.of(socket).toAbsolutePath() + ":/var/run/docker.sock\"");

    assertEquals(200, inside(id).get("/containers/json").status());
    remove(id);
  }

  @Test
  void oneContainerCannotTakeAllConnections() throws IOException {
    String id = withSocket(engine, MOUNT);
    List<SocketChannel> held = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      held.add(SocketChannel.open(UnixDomainSocketAddress.of(sandboxes.socket(id))));
    }

    assertThrows(IllegalStateException.class, () -> inside(id).get("/_ping"));
    for (SocketChannel each : held) {
      each.close();
    }
    assertEquals(200, engine.get("/_ping").status());
    remove(id);
  }
}
