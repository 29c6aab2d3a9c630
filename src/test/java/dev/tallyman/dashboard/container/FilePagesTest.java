package dev.tallyman.dashboard.container;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.container.ContainerSpec;
import dev.tallyman.container.Containers;
import dev.tallyman.container.FileCopies;
import dev.tallyman.dashboard.TinyImage;
import dev.tallyman.dashboard.Visitor;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.Images;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The tab with a container's files. */
@QuarkusTest
class FilePagesTest {
  private static final String HOSTILE = "<img src=x onerror=alert(1)>\"'&?.txt";

  @Inject TestAccounts accounts;
  @Inject Containers containers;
  @Inject FileCopies copies;
  @Inject Images images;

  private Caller member;
  private Visitor visitor;
  private String id;
  private String at;

  @BeforeEach
  void comeIn() {
    member = accounts.caller(Role.MEMBER);
    visitor = Visitor.with(accounts.sessionOf(member));
    TinyImage.make(images, accounts.admin(), "busybox:latest");
    id = containers.create(member, ContainerSpec.of("f" + UUID.randomUUID().toString().substring(0, 8), "busybox:latest", List.of("sleep", "1000"))).id();
    at = "/ui/containers/" + id;
  }

  private void write(String path, String content) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    copies.write(member, id, path, 0644, bytes.length, new ByteArrayInputStream(bytes));
  }

  private static Element line(Document page, String name) {
    return page.select("#files tr[data-name]").stream().filter(each -> each.attr("data-name").equals(name)).findFirst().orElseThrow();
  }

  @Test
  void goesThroughFoldersAndOffersFiles() {
    write("/etc/notes.txt", "hello");

    Document root = visitor.page(at + "/files");
    Document etc = visitor.page(line(root, "etc").selectFirst("a[data-row]").attr("href"));

    assertEquals(at + "/files", visitor.page(at).select("nav.tabs a").stream().map(each -> each.attr("href")).filter(each -> each.endsWith("/files")).findFirst().orElseThrow());
    Element notes = line(etc, "notes.txt");
    assertTrue(notes.text().contains("-rw-r--r--") && notes.text().contains("0:0") && notes.text().contains("5 B"), notes.text());
    assertEquals("hello", visitor.get(notes.selectFirst("a[download]").attr("href")).asString());
    assertEquals(at + "/files/upload?path=%2Fetc%2F", etc.selectFirst("form[data-upload]").attr("data-upload"));
    assertEquals(List.of("/", "etc"), etc.select("#files nav a").eachText());
  }

  @Test
  void takesAFolderAsATar() {
    write("/etc/notes.txt", "hello");

    String tar = visitor.get(at + "/files/download?path=/etc/").asString();

    assertTrue(tar.contains("etc/notes.txt"), tar);
    assertEquals("attachment; filename*=UTF-8''etc.tar", visitor.get(at + "/files/download?path=/etc/").header("Content-Disposition"));
  }

  @Test
  void showsHostileNamesAsText() {
    write("/etc/" + HOSTILE, "x");

    Document page = visitor.page(at + "/files?path=/etc");
    Element line = line(page, HOSTILE);

    assertNull(page.selectFirst("img[onerror]"));
    assertEquals("x", visitor.get(line.selectFirst("a[download]").attr("href")).asString());
  }

  @Test
  void saysWhyAFolderCannotBeShown() {
    Document absent = visitor.page(at + "/files?path=/nope");

    assertTrue(absent.selectFirst("#files .notice.bad").text().contains("Could not find the file /nope/"), absent.text());
    assertNull(absent.selectFirst("form[data-upload]"));
    assertNotNull(visitor.page(at + "/files").selectFirst("form[data-upload]"));
  }

  @Test
  void isNotForViewers() {
    Visitor viewer = Visitor.with(accounts.session(Role.VIEWER));

    assertNull(viewer.page(at).selectFirst("nav.tabs a[href$=/files]"));
    assertEquals(403, viewer.get(at + "/files/download?path=/etc/motd").statusCode());
    assertNull(viewer.page(at + "/files").selectFirst("form[data-upload]"));
    String token = accounts.token(Role.VIEWER);
    for (String door : List.of("/containers/" + id + "/export", "/containers/" + id + "/changes", "/containers/" + id + "/archive?path=/etc", "/api/v1/containers/" + id + "/files?path=/")) {
      given().header("X-Tallyman-Token", token).get(door).then().statusCode(403);
    }
  }

  @Test
  void refusesInTheReadersLanguage() {
    Document absent = Visitor.with(accounts.sessionOf(member)).reading("zh").page(at + "/files?path=/nope");

    assertEquals("容器 " + id + " 中没有 /nope/。", absent.selectFirst("#files .notice.bad").text());
  }
}
