package dev.tallyman.dashboard.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.container.Containers;
import dev.tallyman.dashboard.Visitor;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.Images;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestContainers;
import dev.tallyman.volume.Volumes;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class SystemPagesTest {
  @Inject TestAccounts accounts;
  @Inject TestContainers containers;
  @Inject Containers all;
  @Inject Images images;
  @Inject Volumes volumes;
  @Inject AuditTrail audit;

  private final String name = "s" + UUID.randomUUID().toString().substring(0, 8);
  private Caller member;
  private Visitor visitor;

  @BeforeEach
  void comeIn() {
    member = accounts.caller(Role.MEMBER);
    visitor = Visitor.with(accounts.sessionOf(member));
  }

  @AfterEach
  void removeAll() {
    volumes.remove(member, name, true);
    volumes.remove(member, name + "later", true);
    all.list(member, Containers.ContainerFilter.all()).stream().filter(each -> each.creator().equals(member.accountName())).forEach(each -> all.remove(member, each.id(), true, true));
  }

  /** The form that removes all unused ones of a kind. */
  private Element lastForm(String kind) {
    return visitor.page("/ui/system/disk").select("#" + kind + " form").last();
  }

  private static List<String> names(Element form) {
    return Arrays.asList(form.selectFirst("input[name=names]").val().split(" "));
  }

  private String good(String kind, String names) {
    return visitor.postAndFollow("/ui/system/prune/" + kind, "names", names).selectFirst(".notice.good").text();
  }

  @Test
  void showsTheMachine() {
    Document page = Visitor.with(accounts.sessionOf(accounts.caller(Role.ADMINISTRATOR))).page("/ui/system");

    assertTrue(page.selectFirst("#machine").text().contains(System.getProperty("os.version")), page.text());
    assertTrue(page.text().contains("Folder of the store"));
    assertNotNull(page.selectFirst("nav a[data-key=d][aria-current=page]"));
    assertTrue(!visitor.page("/ui/system").text().contains("Folder of the store"), "where the server keeps things is the administrators' business");
  }

  @Test
  void removesTheVolumesItAskedAbout() {
    volumes.create(member, Volumes.NewVolume.named(name));
    Element form = lastForm("volumes");
    assertTrue(names(form).contains(name));
    assertTrue(form.selectFirst("button").attr("data-confirm").contains("given back"));
    volumes.create(member, Volumes.NewVolume.named(name + "later"));

    assertTrue(good("volumes", name).startsWith("1 of 1 were removed, 0 B"), "of one that is empty");

    assertThrows(TallymanException.class, () -> volumes.inspect(member, name));
    assertEquals(name + "later", volumes.inspect(member, name + "later").name());
    assertTrue(good("volumes", name + " ../etc <script>").startsWith("0 of 3"), "what is gone or was never there");
    assertTrue(audit.list(member, AuditTrail.AuditFilter.newest(50)).stream().anyMatch(row -> row.action().equals("volume.remove") && row.object().equals(name) && row.way().equals("browser")));
  }

  @Test
  void removesTheContainersItAskedAbout() {
    String stopped = containers.finished(member, "sh", "-c", "echo 12345 > /new");
    String running = containers.running(member, "sleep", "60");
    Document part = visitor.page("/ui/system/disk");
    assertTrue(part.selectFirst("#containers tr[data-id=" + stopped + "]").text().contains("would go"));
    assertTrue(!part.selectFirst("#containers tr[data-id=" + running + "]").text().contains("would go"));
    List<String> asked = names(lastForm("containers"));
    assertTrue(asked.contains(stopped) && !asked.contains(running));

    assertEquals("1 of 2 were removed, 6 B given back.", good("containers", stopped + " " + running));

    assertThrows(TallymanException.class, () -> all.inspect(member, stopped));
    assertEquals(running, all.inspect(member, running).id());
  }

  @Test
  void removesTheImagesItAskedAbout() {
    String id = images.importTar(member, new ByteArrayInputStream(new byte[1024]), name, List.of("LABEL x=" + name), "").id();
    images.tag(member, id, name, "two");
    Element form = lastForm("images");
    assertTrue(names(form).contains(id));

    assertTrue(good("images", id).startsWith("1 of 1 were removed"));

    assertThrows(TallymanException.class, () -> images.inspect(member, id));
    assertTrue(audit.list(member, AuditTrail.AuditFilter.newest(50)).stream().anyMatch(row -> row.action().equals("image.prune") && row.way().equals("browser")));
  }

  @Test
  void readsInChinese() {
    Visitor chinese = Visitor.with(accounts.sessionOf(member)).reading("zh");

    assertEquals("系统", chinese.page("/ui/system").selectFirst("h1").text());
    assertTrue(chinese.page("/ui/system/disk").text().contains("可回收"));
  }

  @Test
  void viewersOnlyLook() {
    containers.finished(member, "true");
    Visitor viewer = Visitor.with(accounts.session(Role.VIEWER));

    assertNull(viewer.page("/ui/system/disk").selectFirst("form"));
    for (String kind : List.of("images", "containers", "volumes", "cache")) {
      assertNotNull(viewer.postAndFollow("/ui/system/prune/" + kind, "names", "x").selectFirst(".notice.bad"), kind);
    }
    assertEquals(403, visitor.postRaw("/ui/system/prune/volumes", "wrong", "names", name).statusCode());
    assertEquals(303, Visitor.stranger().get("/ui/system/disk").statusCode());
  }
}
