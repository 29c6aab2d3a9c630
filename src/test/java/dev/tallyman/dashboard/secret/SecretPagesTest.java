package dev.tallyman.dashboard.secret;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.container.ContainerSpec;
import dev.tallyman.container.Containers;
import dev.tallyman.dashboard.Visitor;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.secret.Secrets;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestContainers;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class SecretPagesTest {
  private static final String LIST = "/ui/secrets";

  @Inject TestAccounts accounts;
  @Inject TestContainers containers;
  @Inject Containers all;
  @Inject Secrets secrets;

  private final String name = "s" + UUID.randomUUID().toString().substring(0, 8);
  private Caller administrator;
  private Visitor visitor;

  @BeforeEach
  void comeIn() {
    administrator = accounts.caller(Role.ADMINISTRATOR);
    visitor = Visitor.with(accounts.sessionOf(administrator));
  }

  @AfterEach
  void removeAll() {
    secrets.list(administrator).stream().filter(each -> each.name().startsWith(name)).forEach(each -> secrets.remove(administrator, each.name()));
  }

  private String valueInAContainer() {
    byte[] value = secrets.reveal(administrator, secrets.inspect(administrator, name).id());
    return new String(value, StandardCharsets.UTF_8);
  }

  @Test
  void storesChangesAndRemovesWithoutShowingAValue() {
    Document made = visitor.postAndFollow(LIST + "/new", "name", name, "value", "hunter2\r\nline");

    assertNotNull(made.selectFirst(".notice.good"), made.text());
    assertTrue(made.select("td.name").text().contains(name), made.text());
    assertFalse(made.html().contains("hunter2"));
    assertEquals("hunter2\nline", valueInAContainer());
    assertNotNull(visitor.postAndFollow(LIST + "/" + name + "/rotate", "value", "other").selectFirst(".notice.good"));
    assertEquals("other", valueInAContainer());
    Document taken = visitor.postAndFollow(LIST + "/new", "name", name, "value", "hunter3");
    assertTrue(taken.selectFirst(".notice.bad").text().contains("already in use"), taken.text());
    assertFalse(taken.html().contains("hunter3"));
    assertNotNull(visitor.postAndFollow(LIST + "/" + name + "/remove").selectFirst(".notice.good"));
    assertFalse(visitor.page(LIST).text().contains(name));
  }

  @Test
  void namesTheContainersThatHaveIt() {
    secrets.create(administrator, name, new byte[] {1}, Map.of());
    containers.seed(administrator);
    ContainerSpec plain = ContainerSpec.of("c" + name, TestContainers.IMAGE, List.of("true"));
    String id = all.create(administrator, labelled(plain)).id();

    assertNotNull(visitor.page(LIST).selectFirst("a[href=/ui/containers/" + id + "]"));
    assertTrue(visitor.postAndFollow(LIST + "/" + name + "/remove").selectFirst(".notice.bad").text().contains("in use by c" + name));
    all.remove(administrator, id, true, true);
  }

  private ContainerSpec labelled(ContainerSpec plain) {
    return new ContainerSpec(
        plain.name(), plain.image(), null, plain.cmd(), List.of(), null, null, Map.of("tallyman.secret." + name, ""), "", "", false, false, false, List.of(), null, null, List.of(),
        List.of(), false, "none", null, List.of(), List.of(), List.of(), List.of(), plain.limits(), plain.restart(), false, false, false, false, List.of(), List.of(), List.of(),
        List.of(), Map.of(), Map.of(), List.of(), 0, null, false, "", Map.of());
  }

  @Test
  void othersOnlySeeThem() {
    secrets.create(administrator, name, new byte[] {1}, Map.of());
    Visitor member = Visitor.with(accounts.session(Role.MEMBER));
    Document page = member.page(LIST);

    assertTrue(page.text().contains(name));
    assertNull(page.selectFirst("#new"));
    assertNull(page.selectFirst("button[formaction$=remove]"));
    assertNotNull(member.postAndFollow(LIST + "/" + name + "/remove").selectFirst(".notice.bad"));
    assertNotNull(member.postAndFollow(LIST + "/new", "name", name + "x", "value", "v").selectFirst(".notice.bad"));
  }

  @Test
  void isReadInChinese() {
    Document page = Visitor.with(accounts.sessionOf(administrator)).reading("zh").page(LIST);

    assertEquals("机密", page.selectFirst("h1").text());
    assertEquals("机密", page.selectFirst("nav [aria-current=page]").text());
  }
}
