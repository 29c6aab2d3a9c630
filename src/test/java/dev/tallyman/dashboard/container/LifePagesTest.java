package dev.tallyman.dashboard.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.container.Container;
import dev.tallyman.container.Containers;
import dev.tallyman.container.Health;
import dev.tallyman.container.HealthAction;
import dev.tallyman.container.HealthBook;
import dev.tallyman.dashboard.Visitor;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestContainers;
import dev.tallyman.volume.Volumes;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Health, maximum run time and mounts, from the form to the pages of the container. */
@QuarkusTest
class LifePagesTest {
  @Inject TestAccounts accounts;
  @Inject TestContainers images;
  @Inject Containers containers;
  @Inject HealthBook health;
  @Inject Volumes volumes;

  private final String name = "l" + UUID.randomUUID().toString().substring(0, 8);
  private Caller member;
  private Visitor visitor;

  @BeforeEach
  void comeIn() {
    member = accounts.caller(Role.MEMBER);
    visitor = Visitor.with(accounts.sessionOf(member));
    images.seed(member);
  }

  @AfterEach
  void removeAll() {
    containers.list(member, Containers.ContainerFilter.all()).stream().filter(each -> each.name().equals(name)).forEach(each -> containers.remove(member, each.id(), true, true));
    volumes.remove(member, name, true);
  }

  private Container made(String... more) {
    String[] fields = Stream.concat(Stream.of("image", TestContainers.IMAGE, "name", name, "command", "sleep 1000"), List.of(more).stream()).toArray(String[]::new);
    Response answer = visitor.post("/ui/containers/new", fields);
    assertEquals(303, answer.statusCode(), () -> Jsoup.parse(answer.asString()).select(".error, .notice").text());
    return containers.inspect(member, name);
  }

  private Document refused(String field, String value) {
    Response answer = visitor.post("/ui/containers/new", "image", TestContainers.IMAGE, "name", name, field, value);
    assertTrue(answer.statusCode() >= 400, () -> field + " " + answer.statusCode());
    return Jsoup.parse(answer.asString());
  }

  @Test
  void mountsWhatTheFormSays() {
    Container made = made("mounts", name + ":/data:ro\n/anonymous", "tmpfs", "/fast:size=1m");

    Document config = visitor.page("/ui/containers/" + made.id() + "/config");

    assertEquals(name, config.selectFirst("a[href=/ui/volumes/" + name + "]").text());
    assertTrue(config.text().contains("/data") && config.text().contains("volume · only readable") && config.text().contains("/anonymous"), config.text());
    assertEquals("size=1m", made.spec().tmpfs().get("/fast"));
  }

  @Test
  void mountsImagesAsTheFormSays() {
    Container made = made("imageMounts", TestContainers.IMAGE + ":/opt/tools\n");

    Document config = visitor.page("/ui/containers/" + made.id() + "/config");

    assertEquals(TestContainers.IMAGE, config.selectFirst("td a[href=/ui/images/" + made.imageId() + "]").text());
    assertTrue(config.text().contains("/opt/tools") && config.text().contains("image · only readable"), config.text());
    assertEquals("Write IMAGE:/place, not tools", refused("imageMounts", "tools").selectFirst("#imageMounts-error").text());
    containers.remove(member, made.id(), true, true);
    Document absent = refused("imageMounts", "no-such-tools:1:/opt");
    assertEquals("No such image: no-such-tools:1", absent.selectFirst("#imageMounts-error").text());
    assertEquals("no-such-tools:1:/opt", absent.selectFirst("#imageMounts").text());
  }

  @Test
  void checksHealthAsTheFormSays() {
    Container made = made("healthCommand", "test -e /x", "healthInterval", "1h", "healthRetries", "1", "onUnhealthy", "stop", "maxRuntime", "1h30m");

    assertEquals(List.of("CMD-SHELL", "test -e /x"), made.life().healthcheck().test());
    assertEquals(HealthAction.STOP, made.life().onUnhealthy());
    assertEquals(5400, made.life().maxRuntimeSeconds());
    assertTrue(visitor.page("/ui/containers/" + made.id() + "/config").text().contains("1h30m"));
  }

  @Test
  void showsHealthInListAndPage() {
    Container made = made("healthCommand", "test -e /x", "healthInterval", "1h", "healthRetries", "1", "start", "on");
    String at = "/ui/containers/" + made.id();
    Instant now = Instant.now();
    health.report(made.id(), containers.inspect(member, name).startedAt(), new Health.Check(now, now, 1, "no <b>disk</b>\u001b[31m"));

    assertEquals("unhealthy", visitor.page("/ui/containers").selectFirst("tr[data-name=" + name + "] .badge.bad").text());
    Document page = visitor.page(at);
    assertEquals("unhealthy", page.selectFirst("#head .badge.bad").text());
    assertEquals("no <b>disk</b>", page.selectFirst("#health .check-output").text());
    assertTrue(page.selectFirst("#health").text().contains("1h"));
    assertEquals("不健康", Visitor.with(accounts.sessionOf(member)).reading("zh").page(at).selectFirst("#head .badge.bad").text());
    assertEquals(at + "/health", page.selectFirst("#health").attr("hx-get"));
    assertTrue(visitor.get(at + "/health").asString().contains("test -e /x"));
  }

  @Test
  void hasNoHealthWithoutACheck() {
    Container made = made("start", "on");

    Document page = visitor.page("/ui/containers/" + made.id());

    assertNull(page.selectFirst("#health"));
    assertEquals(1, page.select("#head .badge").size());
  }

  @Test
  void saysBesideTheFieldWhatIsWrong() {
    assertEquals("Write VOLUME:/place or /place, not nonsense", refused("mounts", "nonsense").selectFirst("#mounts-error").text());
    assertEquals("Write VOLUME:/place or /place, not :/x", refused("mounts", ":/x").selectFirst("#mounts-error").text());
    assertTrue(refused("mounts", "a:b:c:d").selectFirst("#mounts-error").text().contains("invalid"));
    assertEquals("Write VOLUME:/place or /place, not run", refused("tmpfs", "run").selectFirst("#tmpfs-error").text());
    Document time = refused("healthInterval", "soon");
    assertEquals("Write a time such as 30s, 1m30s or 500ms.", time.selectFirst("#healthInterval-error").text());
    assertTrue(time.selectFirst("#healthInterval").closest("details").hasAttr("open"));
    assertTrue(refused("maxRuntime", "for ever").selectFirst("#maxRuntime-error").text().contains("invalid maximum run time"));
    assertTrue(refused("onUnhealthy", "explode").selectFirst(".notice.bad").text().contains("invalid action on unhealthy"));
    assertTrue(refused("healthRetries", "-1").selectFirst("#healthRetries-error") != null);
  }
}
