package dev.tallyman.dashboard.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.container.ContainerSpec;
import dev.tallyman.container.Containers;
import dev.tallyman.container.MountOptions;
import dev.tallyman.dashboard.Visitor;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.FakeKernel;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestContainers;
import dev.tallyman.volume.Volumes;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class VolumePagesTest {
  @Inject TestAccounts accounts;
  @Inject TestContainers containers;
  @Inject Containers all;
  @Inject Volumes volumes;
  @Inject AuditTrail audit;
  @Inject FakeKernel kernel;

  private final String name = "v" + UUID.randomUUID().toString().substring(0, 8);
  private final String at = "/ui/volumes/" + name;
  private Caller member;
  private Visitor visitor;

  @BeforeEach
  void comeIn() {
    member = accounts.caller(Role.MEMBER);
    visitor = Visitor.with(accounts.sessionOf(member));
  }

  @AfterEach
  void removeAll() {
    kernel.hasProjectQuotas = false;
    all.list(member, Containers.ContainerFilter.all()).forEach(each -> all.remove(member, each.id(), true, true));
    volumes.prune(member, new Volumes.VolumeFilter(Map.of("all", List.of("true"))));
  }

  private Volumes.NewVolume named(String wanted) {
    return Volumes.NewVolume.named(wanted);
  }

  private static Element row(Document page, String name) {
    return page.selectFirst("#rows tr[data-name=" + name + "]");
  }

  private static Element pruneAll(Document page) {
    return page.select("#prune form").last();
  }

  private boolean isAudited(String action, String object) {
    return audit.list(member, AuditTrail.AuditFilter.newest(50)).stream().anyMatch(row -> row.action().equals(action) && row.object().equals(object) && row.way().equals("browser"));
  }

  private static byte[] tar(String file, int bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
      TarArchiveEntry entry = new TarArchiveEntry(file);
      entry.setSize(bytes);
      tar.putArchiveEntry(entry);
      tar.write(new byte[bytes]);
      tar.closeArchiveEntry();
    }
    return out.toByteArray();
  }

  @Test
  void createsAndShows() {
    Document made = visitor.postAndFollow("/ui/volumes/new", "name", name, "labels", "team=web\nempty", "options", "type=tmpfs\ndevice=tmpfs\no=size=1m");

    assertEquals(name, made.selectFirst("h1").text());
    assertTrue(made.select(".tag").eachText().containsAll(List.of("team=web", "empty=", "o=size=1m")), made.text());
    assertTrue(made.text().contains(member.accountName()));
    assertTrue(visitor.get(at + "/size").asString().contains("not in the store"));
    assertTrue(row(visitor.page("/ui/volumes"), name).text().contains("unused"));
    assertTrue(isAudited("volume.create", name));
  }

  @Test
  void limitsItsSize() throws IOException {
    kernel.hasProjectQuotas = true;

    Document made = visitor.postAndFollow("/ui/volumes/new", "name", name, "size", " 10g ");

    assertTrue(made.select(".tag").eachText().contains("size=10g"), made.text());
    assertNotNull(made.selectFirst("a[href$=/export]"), "its files are in the store");
    assertTrue(visitor.get(at + "/size").asString().contains("0 B of 10 GiB"), visitor.get(at + "/size").asString());
    Response filled = visitor.request().header("X-Form-Token", visitor.token()).header("HX-Request", "true").contentType("application/octet-stream").body(tar("a", 4096)).post("/ui/volumes/import?name=" + name + "i&size=1k");
    assertEquals(507, filled.statusCode());
    assertTrue(filled.asString().contains("size limit of 1 KiB"), filled.asString());
    kernel.hasProjectQuotas = false;
    assertTrue(visitor.postAndFollow("/ui/volumes/new", "name", name + "n", "size", "10g").selectFirst(".notice.bad").text().contains("no quota support"));
    assertTrue(visitor.postAndFollow("/ui/volumes/new", "name", name + "n", "size", "much").selectFirst(".notice.bad").text().contains("invalid size"));
    Visitor chinese = Visitor.with(accounts.sessionOf(member)).reading("zh");
    assertTrue(chinese.postAndFollow("/ui/volumes/new", "name", name + "n", "size", "10g").selectFirst(".notice.bad p").text().startsWith("数据卷 " + name + "n 无法限制大小"));
  }

  @Test
  void saysWhyAVolumeIsNotMade() {
    volumes.create(member, named(name));

    assertTrue(visitor.postAndFollow("/ui/volumes/new", "name", name).selectFirst(".notice.bad").text().contains("already in use"));
    assertTrue(visitor.postAndFollow("/ui/volumes/new", "name", "../etc").selectFirst(".notice.bad").text().contains("invalid characters"));
    Visitor chinese = Visitor.with(accounts.sessionOf(member)).reading("zh");
    assertEquals("数据卷名称 " + name + " 已被使用；请删除该卷或另选名称。", chinese.postAndFollow("/ui/volumes/new", "name", name).selectFirst(".notice.bad p").text());
    assertEquals(404, visitor.get("/ui/volumes/" + name + "x").statusCode());
    assertEquals(400, visitor.get("/ui/volumes/%2e%2e%2fetc").statusCode());
  }

  @Test
  void findsByNameAndLabel() {
    volumes.create(member, new Volumes.NewVolume(name, "", Map.of(), Map.of("tier", "gold" + name)));
    volumes.create(member, named(name + "other"));

    assertNotNull(row(visitor.page("/ui/volumes?q=GOLD" + name), name));
    assertNull(row(visitor.page("/ui/volumes?q=GOLD" + name), name + "other"));
    assertTrue(visitor.page("/ui/volumes?q=nothing-like-it").text().contains("Nothing found"));
  }

  @Test
  void showsWhoHasIt() {
    containers.seed(member);
    String id = all.create(member, ContainerSpec.of("c" + name, TestContainers.IMAGE, List.of("sleep", "60")).with(new MountOptions(List.of(name + ":/data"), List.of(), List.of(), List.of(), ""))).id();

    Document page = visitor.page(at);

    assertTrue(page.selectFirst("a[href=/ui/containers/" + id + "]").text().equals("c" + name));
    assertTrue(page.text().contains("/data") && page.text().contains("It can be renamed when no container has it."), page.text());
    assertNull(page.selectFirst("form[action$=remove]"));
    assertNull(row(visitor.page("/ui/volumes"), name).selectFirst("button[formaction$=remove]"));
    assertTrue(visitor.postAndFollow(at + "/remove", "next", at).selectFirst(".notice.bad").text().contains("volume is in use"));
    assertTrue(visitor.postAndFollow(at + "/rename", "to", name + "new").selectFirst(".notice.bad").text().contains("volume is in use"));
  }

  @Test
  void fillsRenamesClonesAndHandsOut() throws IOException {
    byte[] tar = tar("notes.txt", 2 << 20);

    Response filled =
        visitor.request().header("X-Form-Token", visitor.token()).header("HX-Request", "true").contentType("application/octet-stream").body(tar).post("/ui/volumes/import?name=" + name);

    assertEquals(at, filled.header("HX-Redirect"), filled.asString());
    assertTrue(visitor.get(at + "/size").asString().contains("2 MiB"), visitor.get(at + "/size").asString());
    assertEquals(name + "b", visitor.postAndFollow(at + "/clone", "to", name + "b").selectFirst("h1").text());
    assertEquals(name + "c", visitor.postAndFollow(at + "/rename", "to", name + "c").selectFirst("h1").text());
    assertEquals(404, visitor.get(at).statusCode());
    Response handed = visitor.get("/ui/volumes/" + name + "c/export");
    assertEquals("attachment; filename=\"" + name + "c.tar\"", handed.header("Content-Disposition"));
    assertTrue(handed.asString().contains("notes.txt"));
    assertTrue(isAudited("volume.import", name) && isAudited("volume.clone", name + "b") && isAudited("volume.rename", name) && isAudited("volume.export", name + "c"));
  }

  @Test
  void saysWhyAnArchiveIsNotTaken() throws IOException {
    volumes.create(member, named(name));

    Response taken = visitor.request().header("X-Form-Token", visitor.token()).header("HX-Request", "true").contentType("application/octet-stream").body(tar("a", 1)).post("/ui/volumes/import?name=" + name);
    Response foreign = visitor.request().header("HX-Request", "true").contentType("application/octet-stream").body(tar("a", 1)).post("/ui/volumes/import?name=" + name + "x");

    assertEquals(409, taken.statusCode());
    assertTrue(taken.asString().contains("already in use"), taken.asString());
    assertEquals(403, foreign.statusCode());
    assertEquals(404, visitor.get(at + "x").statusCode());
  }

  @Test
  void removesWhatItAskedAbout() {
    String mine = volumes.create(member, named(name)).name();
    String anonymous = volumes.create(member, named("")).name();
    Document page = visitor.page("/ui/volumes");
    Element form = page.select("#prune form").first();
    assertEquals(anonymous, form.selectFirst("input[name=names]").val());
    assertTrue(form.selectFirst("button").attr("data-confirm").contains(anonymous.substring(0, 12)));
    assertTrue(pruneAll(page).selectFirst("button").attr("data-confirm").contains(name));
    volumes.create(member, named(name + "later"));

    Document after = visitor.postAndFollow("/ui/volumes/prune", "names", pruneAll(page).selectFirst("input[name=names]").val());

    assertTrue(after.selectFirst(".notice.good").text().contains("2 of 2"), after.text());
    assertNull(row(after, mine));
    assertNotNull(row(after, name + "later"), "nobody was asked about this one");
    assertTrue(isAudited("volume.remove", name));
  }

  @Test
  void readsInChinese() {
    Visitor chinese = Visitor.with(accounts.sessionOf(member)).reading("zh");

    assertEquals("数据卷", chinese.page("/ui/volumes").selectFirst("h1").text());
    assertTrue(chinese.page("/ui/volumes").text().contains("还没有数据卷"));
  }

  @Test
  void viewersOnlyLook() throws IOException {
    Visitor viewer = Visitor.with(accounts.session(Role.VIEWER));

    Document page = viewer.page("/ui/volumes");

    assertNull(page.selectFirst("#new, #upload, #prune, main form[method=post]"));
    assertNotNull(viewer.postAndFollow("/ui/volumes/new", "name", name).selectFirst(".notice.bad"));
    assertNotNull(viewer.postAndFollow("/ui/volumes/prune", "names", "").selectFirst(".notice.bad"));
    assertEquals(403, viewer.get(at + "/export").statusCode());
    assertEquals(403, viewer.request().header("X-Form-Token", viewer.token()).contentType("application/octet-stream").body(tar("a", 1)).post("/ui/volumes/import?name=" + name).statusCode());
    assertEquals(403, visitor.postRaw("/ui/volumes/new", "wrong", "name", name).statusCode());
  }
}
