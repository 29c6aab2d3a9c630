package dev.tallyman.dashboard.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.container.Containers;
import dev.tallyman.dashboard.Visitor;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.network.Networks;
import dev.tallyman.network.NewNetwork;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestContainers;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class NetworkPagesTest {
  @Inject TestAccounts accounts;
  @Inject TestContainers containers;
  @Inject Containers all;
  @Inject Networks networks;

  private final String name = "n" + UUID.randomUUID().toString().substring(0, 8);
  private Caller member;
  private Visitor visitor;

  @BeforeEach
  void comeIn() {
    member = accounts.caller(Role.MEMBER);
    visitor = Visitor.with(accounts.sessionOf(member));
  }

  @AfterEach
  void removeAll() {
    all.list(member, Containers.ContainerFilter.all()).forEach(each -> all.remove(member, each.id(), true, true));
    networks.prune(member, each -> true);
  }

  @Test
  void listsNetworks() {
    Document page = visitor.page("/ui/networks");

    assertEquals("Networks", page.selectFirst("h1").text());
    assertTrue(page.text().contains("bridge") && page.text().contains("always there"), page.text());
    assertNull(page.selectFirst("button[formaction$=remove]"), "what always exists cannot be removed");
    assertEquals("网络", Visitor.with(accounts.sessionOf(member)).reading("zh").page("/ui/networks").selectFirst("h1").text());
  }

  @Test
  void createsAndRemoves() {
    Document made = visitor.postAndFollow("/ui/networks/new", "name", name, "subnet", "10.98.40.0/24", "gateway", "", "internal", "on");

    assertEquals(name, made.selectFirst("h1").text());
    assertTrue(made.text().contains("10.98.40.0/24") && made.text().contains("no way out"), made.text());
    assertNotNull(visitor.postAndFollow("/ui/networks/new", "name", name).selectFirst(".notice.bad"), "the name is taken");
    String id = networks.inspect(member, name).id();
    assertEquals(name, visitor.page("/ui/networks/" + name).selectFirst("h1").text(), "names are as good as ids");
    assertNotNull(visitor.postAndFollow("/ui/networks/" + id + "/remove", "next", "/ui/networks").selectFirst(".notice.good"));
    assertEquals(404, visitor.get("/ui/networks/" + id).statusCode());
  }

  @Test
  void givesNetworksIpv6() {
    Document made = visitor.postAndFollow("/ui/networks/new", "name", name, "subnet", "", "gateway", "", "ipv6", "on");

    assertTrue(made.text().contains("IPv6 subnet fd00:7461:6c6c:"), made.text());
    assertTrue(visitor.page("/ui/networks").text().contains("fd00:7461:6c6c:"));
    visitor.post("/ui/networks/" + networks.inspect(member, name).id() + "/remove", "next", "/ui/networks");
  }

  @Test
  void givesNetworksIpv6Alone() {
    Document made = visitor.postAndFollow("/ui/networks/new", "name", name, "subnet", "", "gateway", "", "withoutIpv4", "on");

    assertTrue(made.text().contains("IPv6 subnet fd00:7461:6c6c:"), made.text());
    assertEquals(0, made.select("dt").eachText().stream().filter(each -> each.equals("Subnet") || each.equals("Gateway")).count(), made.text());
    String id = networks.inspect(member, name).id();
    String container = containers.running(member, "sleep", "60");
    Document joined = visitor.postAndFollow("/ui/networks/" + id + "/connect", "container", container, "aliases", "");
    String both = visitor.page("/ui/containers/" + container + "/config").text();
    assertTrue(both.contains("Network bridge Address 10.88.") && both.contains("Network " + name + " Address fd00:7461:6c6c:"), both);
    visitor.post("/ui/networks/" + networks.inspect(member, "bridge").id() + "/disconnect", "container", container);
    for (String page : List.of(joined.text(), visitor.page("/ui/networks").text(), visitor.page("/ui/containers/" + container).text(), visitor.page("/ui/containers/" + container + "/config").text())) {
      assertTrue(page.contains("fd00:7461:6c6c:") && !page.contains("null"), page);
    }
    String refused = visitor.postAndFollow("/ui/networks/new", "name", name + "b", "subnet", "10.98.42.0/24", "gateway", "", "withoutIpv4", "on").selectFirst(".notice.bad").text();
    assertTrue(refused.contains("an IPv4 subnet needs EnableIPv4"), refused);
    visitor.post("/ui/networks/" + id + "/disconnect", "container", container);
    visitor.post("/ui/networks/" + id + "/remove", "next", "/ui/networks");
  }

  @Test
  void showsModelsAndWhatIsFromThem() {
    NewNetwork.Pool pool = new NewNetwork.Pool("10.98.41.0/24", "", "10.98.41.9", Map.of());
    String model = networks.create(member, new NewNetwork(name, "", false, false, false, List.of(pool), Map.of(), Map.of("tier", "one"), Map.of("o", "p"), true, "", false)).id();
    String made = networks.create(member, new NewNetwork(name + "-made", "", false, false, false, List.of(), Map.of(), Map.of(), Map.of(), false, name, false)).id();

    Document list = visitor.page("/ui/networks");
    Document page = visitor.page("/ui/networks/" + model);
    assertEquals("configuration only", page.selectFirst(".head p").text());

    String row = list.selectFirst("tr:has(a[href=/ui/networks/" + model + "])").text();
    assertTrue(row.contains("configuration only") && row.contains("10.98.41.0/24"), row);
    assertTrue(page.text().contains("10.98.41.0/24") && page.text().contains("10.98.41.9") && page.text().contains("o=p") && page.text().contains("tier=one"), page.text());
    assertNull(page.selectFirst("form[action$=connect]"), "nothing can be on it");
    assertTrue(visitor.page("/ui/networks/" + made).text().contains(name), "tells what it is from");
    assertTrue(visitor.page("/ui/containers/new").select("select[name=network] option").eachText().stream().noneMatch(name::equals), "no container can choose it");
    assertTrue(visitor.postAndFollow("/ui/networks/" + model + "/remove", "next", "/ui/networks/" + model).selectFirst(".notice.bad").text().contains("in use"));
    visitor.postAndFollow("/ui/networks/" + made + "/remove", "next", "/ui/networks");
    assertNotNull(visitor.postAndFollow("/ui/networks/" + model + "/remove", "next", "/ui/networks").selectFirst(".notice.good"));
  }

  @Test
  void connectsAndDisconnects() {
    visitor.post("/ui/networks/new", "name", name);
    String id = networks.inspect(member, name).id();
    String container = containers.running(member, "sleep", "60");
    String page = "/ui/networks/" + id;
    assertNotNull(visitor.page(page).selectFirst("option[value=" + container + "]"));

    Document joined = visitor.postAndFollow(page + "/connect", "container", container, "aliases", "db main");

    assertTrue(joined.select(".tag").eachText().contains("main"), joined.text());
    assertNull(joined.selectFirst("option[value=" + container + "]"));
    assertNotNull(visitor.postAndFollow(page + "/remove", "next", page).selectFirst(".notice.bad"), "a network in use stays");
    assertTrue(visitor.postAndFollow(page + "/disconnect", "container", container).text().contains("None at present."));
  }

  @Test
  void newContainersMayChooseTheNetwork() {
    visitor.post("/ui/networks/new", "name", name);
    containers.seed(member);
    assertNotNull(visitor.page("/ui/containers/new").selectFirst("#network option[value=" + name + "]"));

    visitor.post("/ui/containers/new", "image", TestContainers.IMAGE, "name", "c" + name, "command", "sleep 60", "network", name, "start", "on");

    assertEquals(name, all.inspect(member, "c" + name).endpoints().get(0).networkName());
  }

  @Test
  void viewersOnlyLook() {
    Visitor viewer = Visitor.with(accounts.session(Role.VIEWER));

    assertNull(viewer.page("/ui/networks").selectFirst("form[action=/ui/networks/new]"));
    assertNotNull(viewer.postAndFollow("/ui/networks/new", "name", name).selectFirst(".notice.bad"));
    assertEquals(403, visitor.postRaw("/ui/networks/new", "wrong", "name", name).statusCode());
  }
}
