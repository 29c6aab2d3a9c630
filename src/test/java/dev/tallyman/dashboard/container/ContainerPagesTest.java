package dev.tallyman.dashboard.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.container.ContainerSpec;
import dev.tallyman.container.ContainerState;
import dev.tallyman.container.Containers;
import dev.tallyman.dashboard.TinyImage;
import dev.tallyman.dashboard.Visitor;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.Images;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.List;
import java.util.UUID;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ContainerPagesTest {
  private static final String HOSTILE = "<img src=x onerror=alert(1)>\"'";

  @Inject TestAccounts accounts;
  @Inject Containers containers;
  @Inject Images images;

  private final String name = "c" + UUID.randomUUID().toString().substring(0, 8);
  private Caller member;
  private Visitor visitor;

  @BeforeEach
  void comeIn() {
    member = accounts.caller(Role.MEMBER);
    visitor = Visitor.with(accounts.sessionOf(member));
    TinyImage.make(images, accounts.admin(), "busybox:latest");
  }

  private String create() {
    return containers.create(member, ContainerSpec.of(name, "busybox:latest", List.of("sleep", "1000"))).id();
  }

  private Element row(String show) {
    return visitor.page("/ui/containers?show=" + show).selectFirst("tr[data-name=" + name + "]");
  }

  @Test
  void listsAContainerWithWhatCanBeDoneNow() {
    String id = create();

    Element row = row("all");

    assertEquals("created", row.selectFirst(".badge").text());
    assertEquals("/ui/containers/" + id, row.selectFirst("a[data-row]").attr("href"));
    assertNotNull(row.selectFirst("button[formaction$=/start]"));
    assertNull(row.selectFirst("button[formaction$=/stop]"));
    assertNull(row("running"));
  }

  @Test
  void startsStopsAndRemovesByItsButtons() {
    String id = create();
    String next = "/ui/containers?show=all";

    Document started = visitor.postAndFollow("/ui/containers/" + id + "/start", "next", next);
    assertEquals(name + " was started.", started.selectFirst(".notice.good p").text());
    assertNotNull(row("running"));

    visitor.postAndFollow("/ui/containers/" + id + "/kill", "next", next);
    assertEquals(ContainerState.EXITED, containers.inspect(member, id).state());

    visitor.postAndFollow("/ui/containers/" + id + "/remove", "next", next);
    assertNull(row("all"));
    assertEquals("removed", row("removed").selectFirst(".badge").text());
  }

  @Test
  void saysItsMessageOnce() {
    String id = create();

    visitor.postAndFollow("/ui/containers/" + id + "/start", "next", "/ui/containers");

    assertNull(visitor.page("/ui/containers").selectFirst(".notice"));
  }

  @Test
  void keepsThePageOfARemovedContainer() {
    String id = create();
    visitor.post("/ui/containers/" + id + "/remove");

    Document page = visitor.page("/ui/containers/" + id);

    assertEquals(name, page.selectFirst("h1").text());
    assertNull(page.selectFirst("button[formaction]"));
    assertFalse(visitor.page("/ui/containers/" + id + "/history").select(".timeline li").isEmpty());
  }

  @Test
  void showsViewersNoButtonsThatAreRefused() {
    String id = create();
    Visitor viewer = Visitor.with(accounts.session(Role.VIEWER));

    for (String path : List.of("/ui/containers", "/ui/containers/" + id, "/ui/containers/" + id + "/config", "/ui/images")) {
      Document page = viewer.page(path);
      assertTrue(page.select("main form[method=post], main a[href=/ui/containers/new], main a[href$=/command], form[data-upload]").isEmpty(), path);
    }
    assertEquals(403, viewer.get("/ui/containers/new").statusCode());
    Document refused = viewer.postAndFollow("/ui/containers/" + id + "/start", "next", "/ui/containers");
    assertTrue(refused.selectFirst(".notice.bad p").text().contains("lacks the right"));
    assertEquals(ContainerState.CREATED, containers.inspect(member, id).state());
  }

  @Test
  void searches() {
    create();

    assertNotNull(visitor.page("/ui/containers/rows?q=" + name.substring(2)).selectFirst("tr[data-name=" + name + "]"));
    Document nothing = visitor.page("/ui/containers?q=no-such-container");
    assertEquals("Nothing found", nothing.selectFirst(".empty h2").text());
    assertEquals("no-such-container", nothing.selectFirst("input[name=q]").val());
  }

  @Test
  void createsFromTheForm() {
    Response answer =
        visitor.post(
            "/ui/containers/new", "image", "busybox:latest", "name", name, "command", "sh -c 'echo hello; sleep 1000'", "env", "A=1", "memory", "64m", "labels", "team=web", "start", "on");

    assertEquals(303, answer.statusCode(), answer.asString());
    var made = containers.inspect(member, name);
    assertEquals(List.of("-c", "echo hello; sleep 1000"), made.args());
    assertEquals(ContainerState.RUNNING, made.state());
    assertEquals("web", made.labels().get("team"));
    assertEquals(64L << 20, made.spec().limits().memoryBytes());
    assertTrue(answer.header("Location").endsWith("/ui/containers/" + made.id()));
  }

  @Test
  void showsErrorsBesideTheirFieldsAndKeepsWhatWasTyped() {
    Response answer = visitor.post("/ui/containers/new", "image", "busybox:latest", "name", name, "command", "echo 'open", "memory", "lots", "env", HOSTILE);

    assertEquals(400, answer.statusCode());
    Document page = Jsoup.parse(answer.asString());
    assertTrue(page.selectFirst("#command-error").text().contains("not closed"));
    assertTrue(page.selectFirst("#memory-error").text().contains("invalid size"));
    assertEquals("true", page.selectFirst("#memory").attr("aria-invalid"));
    assertEquals("lots", page.selectFirst("#memory").val());
    assertEquals(HOSTILE, page.selectFirst("#env").text());
    assertEquals("busybox:latest", page.selectFirst("#image option[selected]").text());
    assertNull(page.selectFirst("img[onerror]"));
    assertTrue(containers.list(member, Containers.ContainerFilter.all()).stream().noneMatch(each -> each.name().equals(name)));
  }

  @Test
  void saysBesideTheNameThatItIsTaken() {
    create();

    Response answer = visitor.post("/ui/containers/new", "image", "busybox:latest", "name", name);

    assertEquals(409, answer.statusCode());
    assertTrue(Jsoup.parse(answer.asString()).selectFirst("#name-error").text().contains("in use"));
  }

  @Test
  void showsHostileTextAsText() {
    ContainerSpec plain = ContainerSpec.of(name, "busybox:latest", List.of("echo", HOSTILE));
    String id = containers.create(member, CreateFormSpecs.withLabel(plain, "hostile", HOSTILE)).id();

    for (String path : List.of("/ui/containers", "/ui/containers/" + id, "/ui/containers/" + id + "/config", "/ui/containers/" + id + "/history", "/ui/audit")) {
      Document page = visitor.page(path);
      assertNull(page.selectFirst("img[onerror]"), path);
    }
    assertTrue(visitor.page("/ui/containers/" + id + "/config").text().contains("hostile=" + HOSTILE));
  }

  @Test
  void showsProcessesOfARunningContainer() {
    String id = create();
    assertNotNull(visitor.page("/ui/containers/" + id + "/processes").selectFirst(".empty"));
    containers.start(member, id);

    Document page = visitor.page("/ui/containers/" + id + "/processes");

    assertTrue(page.selectFirst("#processes table").text().contains("sleep"), page.selectFirst("#processes").text());
  }

  @Test
  void runsACommandAndShowsWhatItSays() {
    String id = create();
    containers.start(member, id);

    Response answer = visitor.post("/ui/containers/" + id + "/command", "command", "sh -c 'echo \"a  b\"; exit 3'");

    assertEquals(200, answer.statusCode());
    Document page = Jsoup.parse(answer.asString());
    assertEquals("a  b\n", page.selectFirst("pre.output").wholeText());
    assertEquals("exit code 3", page.selectFirst("#result .badge").text());
  }

  @Test
  void saysWhyACommandDidNotRun() {
    String id = create();
    containers.start(member, id);

    Document unknown = Jsoup.parse(visitor.post("/ui/containers/" + id + "/command", "command", "nosuchprogram").asString());
    Document empty = Jsoup.parse(visitor.post("/ui/containers/" + id + "/command", "command", " ").asString());

    assertNotNull(unknown.selectFirst("#result .notice.bad, #result .badge.bad"), unknown.selectFirst("#result").html());
    assertTrue(empty.selectFirst("#result .notice.bad").text().contains("no command"));
  }

  @Test
  void renames() {
    String id = create();

    visitor.postAndFollow("/ui/containers/" + id + "/rename", "name", name + "-2", "next", "/ui/containers/" + id + "/config");

    assertEquals(name + "-2", visitor.page("/ui/containers/" + id).selectFirst("h1").text());
  }

  @Test
  void givesTheLogAsAFile() {
    String id = containers.create(member, ContainerSpec.of(name, "busybox:latest", List.of("echo", "tally <b>"))).id();
    containers.start(member, id);

    Response answer = visitor.get("/ui/containers/" + id + "/log.txt");

    assertEquals("attachment; filename=\"" + name + ".log\"", answer.header("Content-Disposition"));
    assertTrue(answer.contentType().startsWith("text/plain"));
  }

  @Test
  void leadsFromANameToThePage() {
    String named = "web." + name;
    String id = containers.create(member, ContainerSpec.of(named, "busybox:latest", List.of("true"))).id();

    Response answer = visitor.get("/ui/containers/" + named);

    assertEquals(303, answer.statusCode());
    assertTrue(answer.header("Location").endsWith("/ui/containers/" + id), answer.header("Location"));
    assertEquals(404, visitor.get("/ui/containers/no-such-" + name).statusCode());
    assertEquals(200, visitor.get("/ui/containers/rows").statusCode());
    assertEquals(200, visitor.get("/ui/containers/new").statusCode());
    assertTrue(Visitor.stranger().get("/ui/containers/" + named).header("Location").contains("/ui/login"));
  }

  @Test
  void saysThatThereIsNoOutputYet() {
    String id = create();

    assertEquals("No output yet.", visitor.page("/ui/containers/" + id).selectFirst("#log .note").text());
  }

  @Test
  void namesWhatTheLampSaysOfAContainerThatDoesNotRun() {
    String id = create();

    assertEquals("Not running", visitor.page("/ui/containers/" + id).selectFirst("#live").attr("data-rest"));
  }

  @Test
  void tellsReadersOfChineseWhyInTheirLanguage() {
    String id = create();
    Visitor reader = Visitor.with(accounts.sessionOf(member)).reading("zh-CN");
    containers.start(member, id);
    containers.pause(member, id);

    assertEquals("容器已暂停，不能启动；请改用恢复运行。", reader.postAndFollow("/ui/containers/" + id + "/start", "next", "/ui/containers").selectFirst(".notice.bad p").text());
    assertEquals("没有容器 no-such。", Jsoup.parse(reader.get("/ui/containers/no-such").asString()).selectFirst(".error-page p:not(.code)").text());
    assertEquals("未找到", Jsoup.parse(reader.get("/ui/containers/no-such").asString()).selectFirst("h1").text());
    Document form = Jsoup.parse(reader.post("/ui/containers/new", "image", "busybox:latest", "name", name, "restart", "no").asString());
    assertTrue(form.selectFirst("#name-error").text().startsWith("名称“" + name + "”已被容器"), form.selectFirst("#name-error").text());
    assertTrue(visitor.postAndFollow("/ui/containers/" + id + "/start", "next", "/ui/containers").selectFirst(".notice.bad p").text().startsWith("cannot start a paused"));
  }
}
