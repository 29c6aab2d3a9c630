package dev.tallyman.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.Test;

/** What all pages share: frame, headers, languages, errors, form tokens. */
@QuarkusTest
class ShellPagesTest {
  @Inject TestAccounts accounts;

  @Test
  void leadsStrangersToTheLoginAndBack() {
    Visitor stranger = Visitor.stranger();

    Response answer = stranger.get("/ui/images?q=busy%20box");

    assertEquals(303, answer.statusCode());
    assertTrue(answer.header("Location").endsWith("/ui/login?next=%2Fui%2Fimages%3Fq%3Dbusy%2520box"), answer.header("Location"));
    assertEquals("/ui/images?q=busy%20box", stranger.page("/ui/login?next=%2Fui%2Fimages%3Fq%3Dbusy%2520box").selectFirst("main input[name=next]").val());
  }

  @Test
  void leadsScriptsOfStrangersToTheLogin() {
    Response answer = Visitor.stranger().request().header("HX-Request", "true").get("/ui/containers/rows");

    assertEquals("/ui/login", answer.header("HX-Redirect"));
  }

  @Test
  void forbidsInlineCodeAndFrames() {
    Response answer = Visitor.with(accounts.session(Role.VIEWER)).get("/ui/containers");

    String policy = answer.header("Content-Security-Policy");
    assertTrue(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"), policy);
    assertFalse(policy.contains("unsafe"), policy);
    assertEquals("nosniff", answer.header("X-Content-Type-Options"));
    assertEquals("no-store", answer.header("Cache-Control"));
    assertTrue(answer.contentType().startsWith("text/html"));
  }

  @Test
  void showsAnErrorAsAPage() {
    Visitor visitor = Visitor.with(accounts.session(Role.VIEWER));

    Response answer = visitor.get("/ui/no-such-page");

    assertEquals(404, answer.statusCode());
    Document page = Jsoup.parse(answer.asString());
    assertEquals("Not found", page.selectFirst("h1").text());
    assertNotNull(page.selectFirst("nav a[href=/ui/containers]"));
    assertEquals(404, visitor.get("/ui/containers/" + "0".repeat(64)).statusCode());
  }

  @Test
  void refusesAPostWithoutTheTokenOfItsSession() {
    Visitor visitor = Visitor.with(accounts.session(Role.MEMBER));
    Visitor other = Visitor.with(accounts.session(Role.MEMBER));

    assertEquals(403, visitor.postRaw("/ui/tokens", null, "name", "stolen").statusCode());
    assertEquals(403, visitor.postRaw("/ui/tokens", other.token(), "name", "stolen").statusCode());
    assertEquals(403, visitor.postRaw("/ui/logout", "").statusCode());

    assertNull(visitor.page("/ui/tokens").selectFirst("td.name"));
  }

  @Test
  void speaksTheLanguageOfTheBrowser() {
    Visitor visitor = Visitor.with(accounts.session(Role.VIEWER)).reading("zh-CN,zh;q=0.9");

    Document page = visitor.page("/ui/containers");

    assertEquals("zh", page.selectFirst("html").attr("lang"));
    assertEquals("容器", page.selectFirst("h1").text());
  }

  @Test
  void rememberTheChosenLanguage() {
    Visitor visitor = Visitor.with(accounts.session(Role.VIEWER));

    assertEquals("镜像", visitor.postAndFollow("/ui/language", "language", "zh", "next", "/ui/images").selectFirst("h1").text());
    assertEquals("Images", visitor.postAndFollow("/ui/language", "language", "en", "next", "/ui/images").selectFirst("h1").text());
  }

  @Test
  void doesNotLeadToForeignSites() {
    Response answer = Visitor.stranger().postRaw("/ui/language", null, "language", "en", "next", "//evil.example/ui/");

    assertTrue(answer.header("Location").endsWith(Links.HOME), answer.header("Location"));
  }

  @Test
  void canBeUsedWithoutAMouse() {
    Document page = Visitor.with(accounts.session(Role.MEMBER)).page("/ui/containers");

    assertEquals("#main", page.selectFirst("body > a.skip").attr("href"));
    assertNotNull(page.selectFirst("main#main[tabindex]"));
    page.select("input:not([type=hidden]), select, textarea").forEach(field -> assertNotNull(page.selectFirst("label[for=" + field.id() + "]"), field::outerHtml));
    page.select("button").forEach(button -> assertTrue(!button.text().isBlank() || button.hasAttr("aria-label"), button::outerHtml));
  }

  @Test
  void pagesAreNoPartOfTheApi() {
    assertFalse(Visitor.stranger().get("/q/openapi").asString().contains("/ui/"));
  }

  @Test
  void theEntranceIsTheListOfContainers() {
    Visitor visitor = Visitor.with(accounts.session(Role.VIEWER));

    assertTrue(visitor.get("/ui").header("Location").endsWith("/ui/containers"));
    assertTrue(visitor.get("/").header("Location").endsWith("/ui/containers"));
  }
}
