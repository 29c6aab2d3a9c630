package dev.tallyman.dashboard.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.dashboard.TinyImage;
import dev.tallyman.dashboard.Visitor;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.Images;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.UUID;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ImagePagesTest {
  @Inject TestAccounts accounts;
  @Inject Images images;

  private final String name = "i" + UUID.randomUUID().toString().substring(0, 8);
  private Caller member;
  private Visitor visitor;

  @BeforeEach
  void comeIn() {
    member = accounts.caller(Role.MEMBER);
    visitor = Visitor.with(accounts.sessionOf(member));
  }

  private Response upload(String path, String token) {
    return visitor.request().header("X-Form-Token", token).header("HX-Request", "true").contentType("application/octet-stream").body(TinyImage.tar()).post(path);
  }

  @Test
  void importsAnUploadedArchive() {
    Response answer = upload("/ui/images/import?reference=" + name + ":1&command=%2Fbin%2Fsh%20-l", visitor.token());

    assertEquals(200, answer.statusCode(), answer.asString());
    Images.Image made = images.inspect(member, name + ":1");
    assertEquals("/ui/images/" + made.id(), answer.header("HX-Redirect"));
    assertTrue(String.join(" ", made.config().cmd()).contains("/bin/sh -l"), made.config().cmd().toString());
  }

  @Test
  void refusesAnUploadWithoutAToken() {
    Response answer = upload("/ui/images/import?reference=" + name + ":1", "wrong");

    assertEquals(403, answer.statusCode());
    assertTrue(images.list(member, Images.ImageFilter.all()).stream().noneMatch(image -> image.tags().contains(name + ":1")));
  }

  @Test
  void saysWhatIsWrongWithAnArchive() {
    Response answer = visitor.request().header("X-Form-Token", visitor.token()).header("HX-Request", "true").contentType("application/octet-stream").body("no tar at all".getBytes(java.nio.charset.StandardCharsets.UTF_8)).post("/ui/images/load");

    assertEquals(400, answer.statusCode(), answer.asString());
    assertTrue(answer.asString().contains("notice bad"));
  }

  /** Port 1 answers nobody. */
  @Test
  void tellsWhyAPullFailedInTheReadersLanguage() {
    String absent = "127.0.0.1:1/" + name;

    String english = visitor.postAndFollow("/ui/images/pull", "name", absent + ":1").select(".notice.bad").text();
    String chinese = visitor.reading("zh").postAndFollow("/ui/images/pull", "name", absent + ":1").select(".notice.bad").text();

    assertTrue(english.startsWith("Get \"http") && english.contains("://127.0.0.1:1/v2/\": "), english);
    assertTrue(chinese.startsWith("无法访问 http") && chinese.contains("://127.0.0.1:1/v2/："), chinese);
  }

  @Test
  void showsAnImage() {
    Images.Image made = TinyImage.make(images, member, name + ":1");

    Document page = visitor.page("/ui/images/" + made.id());

    assertEquals(name + ":1", page.selectFirst("h1").text());
    assertTrue(page.text().contains(made.diffIds().get(0)));
    assertNotNull(page.selectFirst("a[href=/ui/containers/new?image=" + name + "%3A1]"));
    assertNotNull(visitor.page("/ui/images?q=" + name).selectFirst("td.name a"));
  }

  @Test
  void tagsUntagsAndRemoves() {
    Images.Image made = TinyImage.make(images, member, name + ":1");
    String page = "/ui/images/" + made.id();

    assertNotNull(visitor.postAndFollow(page + "/tag", "reference", "localhost:5000/" + name + ":2").selectFirst(".notice.good"));
    assertTrue(images.inspect(member, made.id()).tags().contains("localhost:5000/" + name + ":2"));
    visitor.postAndFollow("/ui/images/untag", "reference", "localhost:5000/" + name + ":2", "next", page);
    assertEquals(java.util.List.of(name + ":1"), images.inspect(member, made.id()).tags().stream().filter(tag -> tag.contains(name)).toList());

    Document refused = visitor.postAndFollow(page + "/tag", "reference", "NOT VALID");

    assertNotNull(refused.selectFirst(".notice.bad"));
  }

  @Test
  void offersViewersNothingToChange() {
    Images.Image made = TinyImage.make(images, member, name + ":1");
    Visitor viewer = Visitor.with(accounts.session(Role.VIEWER));

    assertNull(viewer.page("/ui/images/" + made.id()).selectFirst("main form"));
    assertNull(viewer.page("/ui/images").selectFirst("form[data-upload]"));
  }
}
