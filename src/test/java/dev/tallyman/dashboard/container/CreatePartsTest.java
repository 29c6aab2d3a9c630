package dev.tallyman.dashboard.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.container.Container;
import dev.tallyman.container.Containers;
import dev.tallyman.dashboard.Visitor;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.network.Networks;
import dev.tallyman.secret.Secrets;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestContainers;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The parts of the create form that are folded away: networks, secrets, log and further limits. */
@QuarkusTest
class CreatePartsTest {
  private static final String HOSTILE = "\"><img src=x onerror=alert(1)>";

  @Inject TestAccounts accounts;
  @Inject TestContainers images;
  @Inject Containers containers;
  @Inject Networks networks;
  @Inject Secrets secrets;

  private final String name = "p" + UUID.randomUUID().toString().substring(0, 8);
  private final String front = name + "-front";
  private final String back = name + "-back";
  private Caller administrator;
  private Visitor visitor;

  @BeforeEach
  void comeIn() {
    administrator = accounts.caller(Role.ADMINISTRATOR);
    visitor = Visitor.with(accounts.sessionOf(administrator));
    images.seed(administrator);
  }

  @AfterEach
  void removeAll() {
    containers.list(administrator, Containers.ContainerFilter.all()).stream().filter(each -> each.name().equals(name)).forEach(each -> containers.remove(administrator, each.id(), true, true));
    networks.list(administrator).stream().filter(each -> each.name().startsWith(name)).forEach(each -> networks.remove(administrator, each.id()));
    secrets.list(administrator).stream().filter(each -> each.name().startsWith(name)).forEach(each -> secrets.remove(administrator, each.name()));
  }

  private void haveNetworks() {
    assertEquals(303, visitor.post("/ui/networks/new", "name", front, "subnet", "10.98.61.0/24").statusCode());
    assertEquals(303, visitor.post("/ui/networks/new", "name", back, "subnet", "10.98.62.0/24").statusCode());
  }

  private Response send(Visitor sender, String... more) {
    return sender.post("/ui/containers/new", Stream.concat(Stream.of("image", TestContainers.IMAGE, "name", name, "command", "sleep 1000"), Stream.of(more)).toArray(String[]::new));
  }

  private Container made(String... more) {
    Response answer = send(visitor, more);
    assertEquals(303, answer.statusCode(), () -> Jsoup.parse(answer.asString()).select(".error, .notice").text());
    return containers.inspect(administrator, name);
  }

  private Document refused(String... more) {
    Response answer = send(visitor, more);
    assertTrue(answer.statusCode() >= 400, () -> List.of(more) + " " + answer.statusCode());
    return Jsoup.parse(answer.asString());
  }

  private static String error(Document page, String field) {
    Element error = page.selectFirst("#" + field + "-error");
    assertNotNull(error, () -> field + ": " + page.select(".error, .notice").text());
    return error.text();
  }

  private static boolean isOpen(Document page, String field) {
    return page.selectFirst("#" + field).closest("details").hasAttr("open");
  }

  @Test
  void isFoldedAwayUntilFilled() {
    secrets.create(administrator, name, new byte[] {1}, Map.of());

    assertTrue(visitor.page("/ui/containers/new").select("details.more[open]").isEmpty());
    Document page = refused("memory", "lots", "onUnhealthy", "none", "shares", "512", "secrets", name);

    assertTrue(isOpen(page, "shares") && isOpen(page, "secrets"));
    assertEquals(2, page.select("details.more[open]").size());
  }

  @Test
  void joinsSeveralNetworks() {
    haveNetworks();

    Container made = made("network", front, "aliases", "db, store", "address", "10.98.61.77", "networks", back + ",alias=deep,ip=10.98.62.78\nbridge");

    assertEquals(front, made.spec().networkMode());
    assertEquals(List.of(front, back, "bridge"), made.spec().networking().places().stream().map(each -> each.network()).toList());
    assertEquals(List.of("db", "store"), made.spec().networking().places().get(0).aliases());
    Map<String, String> addresses = new HashMap<>();
    made.endpoints().forEach(each -> addresses.put(each.networkName(), each.address()));
    assertEquals(Set.of(front, back, "bridge"), addresses.keySet());
    assertEquals("10.98.61.77", addresses.get(front));
    assertEquals("10.98.62.78", addresses.get(back));
  }

  @Test
  void saysBesideTheFieldWhatIsWrongWithANetwork() {
    haveNetworks();

    assertTrue(error(refused("network", "no-" + name), "network").contains("not found"));
    assertTrue(error(refused("networks", "no-" + name), "networks").contains("not found"));
    assertTrue(error(refused("network", front, "networks", front), "networks").contains("named twice"));
    assertTrue(error(refused("networks", back + ",mac=x"), "networks").startsWith("Write NETWORK or"));
    assertTrue(error(refused("network", front, "address", "10.1.2.3"), "address").contains("does not belong"));
    assertTrue(error(refused("network", front, "networks", back + ",ip=10.1.2.3"), "networks").contains("does not belong"));
    assertTrue(error(refused("network", front, "aliases", "-bad-"), "aliases").contains("invalid network alias"));
    assertTrue(error(refused("network", front, "aliases", "good", "networks", back + ",alias=-bad-"), "networks").contains("invalid network alias"));
    assertTrue(error(refused("aliases", "db"), "aliases").contains("user-defined"));
    assertTrue(error(refused("address", "10.1.2.3"), "address").contains("user defined"));
    assertTrue(error(refused("network", front, "address", "fd00::1"), "address").contains("has no IPv6"));
    assertTrue(error(refused("network", "none", "networks", back), "networks").contains("Without a network"));
  }

  @Test
  void keepsWhatWasTypedAndShowsItAsText() {
    haveNetworks();
    secrets.create(administrator, name, new byte[] {1}, Map.of());

    Document page = refused("networks", HOSTILE, "aliases", HOSTILE, "address", "10.1.2.3", "logDriver", "local", "logSize", "10m", "logFiles", "3", "shares", "2", "reservation", "8m", "storage", "9g", "secrets", name, "secrets", HOSTILE);

    assertNull(page.selectFirst("img[onerror]"));
    assertEquals(HOSTILE, page.selectFirst("#networks").text());
    assertEquals(HOSTILE, page.selectFirst("#aliases").val());
    assertEquals("10.1.2.3", page.selectFirst("#address").val());
    assertEquals("local", page.selectFirst("#logDriver option[selected]").val());
    assertEquals(List.of("10m", "3", "2", "8m", "9g"), Stream.of("logSize", "logFiles", "shares", "reservation", "storage").map(each -> page.selectFirst("#" + each).val()).toList());
    assertEquals(List.of(name, HOSTILE), page.select("#secrets input[checked]").eachAttr("value"));
    assertTrue(page.selectFirst("#network-choice").text().contains(back));
  }

  @Test
  void givesTheSecretsThatAreTicked() {
    secrets.create(administrator, name, new byte[] {1}, Map.of());
    secrets.create(administrator, name + "-other", new byte[] {2}, Map.of());
    assertEquals(0, visitor.page("/ui/containers/new").select("#secrets input[checked]").size());

    Container made = made("secrets", name);

    assertEquals(List.of(name), made.spec().mounts().secrets().stream().map(each -> each.name()).toList());
    assertEquals(1, secrets.users(administrator, name).size());
    assertTrue(secrets.users(administrator, name + "-other").isEmpty());
  }

  @Test
  void refusesSecretsThatTheTeamDoesNotHave() {
    Document page = refused("secrets", "no-" + name);

    assertEquals("secret not found: no-" + name, error(page, "secrets"));
    assertTrue(isOpen(page, "secrets"));
  }

  @Test
  void limitsOutputAndResources() {
    Container made = made("logDriver", "json-file", "logSize", "8k", "logFiles", "2", "memory", "64m", "reservation", "32m", "shares", "512", "pids", "40");

    assertEquals(Map.of("max-size", "8k", "max-file", "2"), made.spec().logOptions());
    assertEquals(32L << 20, made.spec().limits().memoryReservationBytes());
    assertEquals(512, made.spec().limits().cpuShares());
    assertEquals(40, made.spec().limits().pids());
  }

  @Test
  void saysBesideTheFieldWhatIsWrongWithOutputAndLimits() {
    assertTrue(error(refused("logSize", "1k"), "logSize").contains("at least 4k"));
    assertTrue(error(refused("logFiles", "101"), "logFiles").contains("1 to 100"));
    assertEquals("Choose one of the list.", error(refused("logDriver", "syslog"), "logDriver"));
    assertTrue(error(refused("logDriver", "none", "logSize", "8k"), "logSize").contains("nothing is kept"));
    assertTrue(error(refused("reservation", "1m"), "reservation").contains("reservation"));
    assertTrue(error(refused("memory", "16m", "reservation", "32m"), "reservation").contains("reservation"));
    assertTrue(error(refused("shares", "1"), "shares").contains("262144"));
    assertTrue(error(refused("storage", "10g"), "storage").contains("prjquota"));
    assertTrue(isOpen(refused("shares", "1"), "shares"));
    assertFalse(isOpen(refused("shares", "1"), "logSize"));
  }

  @Test
  void speaksChinese() {
    Visitor reader = Visitor.with(accounts.sessionOf(administrator)).reading("zh-CN");

    assertEquals(List.of("名称、地址与更多网络", "更多限制", "机密", "保留输出", "健康检查与运行时长", "更多选项"), reader.page("/ui/containers/new").select("details.more > summary").eachText());
    assertEquals("没有机密 no-" + name + "。", error(Jsoup.parse(send(reader, "secrets", "no-" + name).asString()), "secrets"));
    assertEquals("内存预留至少为 6MB。", error(Jsoup.parse(send(reader, "reservation", "1m").asString()), "reservation"));
    assertEquals("单个日志文件至少为 4k。", error(Jsoup.parse(send(reader, "logSize", "1k").asString()), "logSize"));
    assertEquals("请写成 网络 或 网络,alias=名称,ip=地址，而不是 x,y", error(Jsoup.parse(send(reader, "networks", "x,y").asString()), "networks"));
  }
}
