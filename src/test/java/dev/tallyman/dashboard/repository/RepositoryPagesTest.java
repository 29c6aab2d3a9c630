package dev.tallyman.dashboard.repository;

import static dev.tallyman.testing.TestIndex.as;
import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.dashboard.Visitor;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestIndex;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class RepositoryPagesTest {
  private static final String LIST = "/ui/repositories";
  private static final String CONFIG =
      "{\"os\":\"linux\",\"architecture\":\"amd64\",\"created\":\"2026-01-02T03:04:05Z\",\"config\":{\"Env\":[\"A=<b>\"],\"Cmd\":[\"sh\"],\"Labels\":{\"of\":\"%s\"}},"
          + "\"history\":[{\"created_by\":\"COPY <script>alert(1)</script>\",\"created\":\"soon\"},{\"created_by\":\"CMD sh\",\"empty_layer\":true}]}";

  @Inject TestAccounts accounts;

  private final String mark = "p" + UUID.randomUUID().toString().substring(0, 8);
  private final List<String> made = new ArrayList<>();
  private Caller member;
  private String token = "";
  private String repository = "";
  private Visitor visitor;

  @BeforeEach
  void comeIn() {
    member = accounts.caller(Role.MEMBER);
    token = accounts.tokenOf(member);
    visitor = Visitor.with(accounts.sessionOf(member));
    repository = named(mark + "/web");
  }

  @AfterEach
  void removeAll() {
    made.forEach(each -> as(accounts.adminToken()).delete("/api/v1/repositories?name=" + each));
  }

  private String named(String rest) {
    made.add(member.teamName() + "/" + rest);
    return member.teamName() + "/" + rest;
  }

  private String pushed(String tag) {
    return TestIndex.image(token, repository, tag, CONFIG.formatted(mark), "layer of " + mark);
  }

  private String one() {
    return LIST + "/one?name=" + repository;
  }

  private String image(String reference) {
    return LIST + "/image?name=" + repository + "&reference=" + reference;
  }

  private Visitor viewer() {
    return Visitor.with(accounts.session(Role.VIEWER));
  }

  private Visitor neighbour() {
    return Visitor.with(accounts.sessionOf(accounts.stranger(Role.MEMBER)));
  }

  private ValidatableResponse audit() {
    return as(accounts.adminToken()).get("/api/v1/audit?object=" + repository + "&limit=100").then().statusCode(200);
  }

  private void publish() {
    assertNotNull(visitor.postAndFollow(LIST + "/visibility", "name", repository, "visibility", "public").selectFirst(".notice.good"));
  }

  @Test
  void listShowsFiguresAndIsSearched() {
    pushed("a");
    pushed("b");
    visitor.postAndFollow(LIST + "/edit", "name", repository, "description", "Serves " + mark + "-pages", "readme", "");

    Document page = visitor.page(LIST + "?q=" + mark.toUpperCase(java.util.Locale.ROOT) + "-PAGES");

    assertEquals(List.of(repository), page.select("#rows td.name a").eachText());
    assertEquals("Serves " + mark + "-pages", page.selectFirst("#rows td.name .sub").text());
    assertEquals("private", page.selectFirst("td[data-label=Visibility]").text());
    assertEquals(member.teamName(), page.selectFirst("td[data-label=Team]").text());
    assertEquals("2", page.selectFirst("td[data-label=Tags]").text());
    assertNotNull(page.selectFirst("td[data-label='Last push'] time"));
    assertEquals("never", page.selectFirst("td[data-label='Last pull']").text());
    as(token).get("/v2/" + repository + "/manifests/a").then().statusCode(200);
    assertEquals("0", page.selectFirst("td[data-label=Pulls]").text());
    Document pulled = visitor.page(LIST + "?q=OF%3D" + mark);
    assertNotNull(pulled.selectFirst("td[data-label='Last pull'] time"));
    assertEquals("1", pulled.selectFirst("td[data-label=Pulls]").text());
    assertEquals("Nothing found", visitor.page(LIST + "?q=" + mark + "%25").selectFirst("#rows h2").text());
    assertEquals(400, visitor.get(LIST + "?q=" + "x".repeat(501)).statusCode());
  }

  @Test
  void listHasPages() {
    List<String> names = IntStream.range(0, RepositoryList.ROWS + 2).mapToObj(each -> named("%s/n%03d".formatted(mark, each))).toList();
    names.forEach(each -> TestIndex.blob(token, each, mark));

    Document first = visitor.page(LIST + "?q=" + mark);
    Document second = visitor.page(first.selectFirst("a[rel=next]").attr("href"));

    assertEquals(names.subList(0, RepositoryList.ROWS), first.select("#rows td.name a").eachText());
    assertEquals(names.subList(RepositoryList.ROWS, names.size()), second.select("#rows td.name a").eachText());
    assertNull(second.selectFirst("a[rel=next]"));
    assertEquals(LIST + "?q=" + mark, second.selectFirst(".table-foot a").attr("href"));
  }

  @Test
  void tellsHowToPushFirst() {
    Document page = visitor.page(LIST);
    String commands = page.selectFirst("#push-commands").wholeText();

    String host = page.selectFirst("#push-commands").text().replaceAll("(?s).*docker push ([^/]+)/.*", "$1");
    assertTrue(host.matches("localhost:\\d+"), host);
    assertEquals("docker login -u " + member.accountName() + " " + host + "\ndocker tag IMAGE " + host + "/" + member.teamName() + "/app:latest\ndocker push " + host + "/" + member.teamName() + "/app:latest", commands);
    assertNull(viewer().page(LIST).selectFirst("#push-commands"));
    TestIndex.blob(token, repository, mark);
    Document empty = visitor.page(one());
    assertTrue(empty.selectFirst("#push-commands").text().contains("/" + repository + ":latest"));
    assertNull(viewer().page(one()).selectFirst("#push-commands"));
  }

  /** For docker, a first part without dot and port is an account at Docker Hub. */
  @ParameterizedTest
  @ValueSource(strings = {"localhost:8080>localhost:8080", "127.0.0.1>127.0.0.1", "localhost>localhost", "[::1]:8080>[::1]:8080", "tallyman>tallyman:80"})
  void commandsNameTheServerAsTheBrowserDoes(String pair) {
    String host = pair.substring(0, pair.indexOf('>'));
    Response answer = visitor.request().header("Host", host).get(LIST);

    if (answer.statusCode() != 200) {
      assertEquals("tallyman", host, () -> "refused " + answer.asString());
      return;
    }
    assertTrue(Jsoup.parse(answer.asString()).selectFirst("#push-commands").text().contains(" " + pair.substring(pair.indexOf('>') + 1) + "/"), answer::asString);
  }

  @Test
  void oneShowsTagsReadmeAndFigures() {
    String digest = pushed("1.0");
    pushed("latest");
    TestIndex.referrer(token, repository, digest, "application/vnd.example.signature");
    visitor.post(LIST + "/edit", "name", repository, "description", "", "readme", "# Shelf\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1)) [site](https://example.org)");

    Document page = visitor.page(one());

    assertEquals(repository, page.selectFirst("h1").text());
    assertTrue(page.selectFirst("#pull-command").text().matches("docker pull localhost:\\d+/" + repository + ":latest"), page.selectFirst("#pull-command").text());
    assertEquals(List.of("1.0", "latest"), page.select("td.name a").eachText());
    assertEquals("linux/amd64", page.selectFirst("td[data-label=Platforms]").text());
    assertEquals("Referrers: 1", page.selectFirst("td.name .badge").text());
    assertTrue(page.selectFirst("td[data-label=Pushed]").text().startsWith(member.accountName()));
    assertEquals("Shelf", page.selectFirst(".markdown h3").text());
    assertEquals(List.of("https://example.org"), page.select(".markdown a").eachAttr("href"));
    assertTrue(page.selectFirst(".markdown").text().contains("<script>alert(1)</script>"));
    page.select("script").forEach(each -> assertTrue(each.attr("src").startsWith("/"), each::outerHtml));
  }

  @Test
  void tagsHavePages() {
    List<String> tags = IntStream.range(0, RepositoryView.ROWS + 1).mapToObj("t%03d"::formatted).toList();
    tags.forEach(this::pushed);

    Document first = visitor.page(one());

    assertEquals(tags.subList(0, RepositoryView.ROWS), first.select("td.name a").eachText());
    assertEquals(List.of("t050"), visitor.page(first.selectFirst("a[rel=next]").attr("href")).select("td.name a").eachText());
  }

  @Test
  void editsAndKeepsWhatIsRefused() {
    pushed("a");

    Document good = visitor.postAndFollow(LIST + "/edit", "name", repository, "description", " A shelf ", "readme", "one\r\ntwo");
    assertNotNull(good.selectFirst(".notice.good"));
    assertEquals("A shelf", good.selectFirst("#description").val());
    assertEquals("one\ntwo", given().header("X-Tallyman-Token", token).get("/api/v1/repositories/one?name=" + repository).path("readme"));

    for (String[] bad : new String[][] {{"x".repeat(501), "kept <b>"}, {"\u202eturned", "kept <b>"}, {"fine", "kept <b>\u001b[31m"}, {"fine", "<b>" + "x".repeat(65_534)}}) {
      Response refused = visitor.post(LIST + "/edit", "name", repository, "description", bad[0], "readme", bad[1]);
      Document again = Jsoup.parse(refused.asString());
      assertEquals(400, refused.statusCode());
      assertFalse(again.selectFirst("#edit .error").text().isEmpty());
      assertEquals(bad[0], again.selectFirst("#description").val());
      assertEquals(bad[1], again.selectFirst("textarea#readme").wholeText());
    }
    assertEquals("A shelf", visitor.page(one()).selectFirst("#description").val());
    audit().body("rows.findAll { it.action == 'index.description' && it.outcome == 'done' }.detail", hasItem("A shelf")).body("rows.action", hasItem("index.readme"));
  }

  @Test
  void theLongestReadmeFitsIntoTheForm() {
    pushed("a");
    String longest = "读".repeat(65_536);
    Response answer =
        visitor.request().multiPart("csrf", visitor.token()).multiPart("name", repository).multiPart("description", "", "text/plain; charset=UTF-8").multiPart("readme", longest, "text/plain; charset=UTF-8")
            .post(LIST + "/edit");

    assertEquals(303, answer.statusCode(), answer::asString);
    assertEquals(longest, visitor.page(one()).selectFirst(".markdown").text());
  }

  @Test
  void whatDidNotChangeLeavesNoRow() {
    pushed("a");
    visitor.postAndFollow(LIST + "/edit", "name", repository, "description", "", "readme", "");

    audit().body("rows.action", not(hasItem("index.description"))).body("rows.action", not(hasItem("index.readme")));
  }

  @Test
  void deletesTagThenImageThenRepository() {
    String digest = pushed("a");
    pushed("b");

    assertNotNull(visitor.postAndFollow(LIST + "/delete-image", "name", repository, "reference", "a").selectFirst(".notice.good"));
    assertEquals(List.of("b"), visitor.page(one()).select("td.name a").eachText());
    assertNotNull(visitor.postAndFollow(LIST + "/delete-image", "name", repository, "reference", "a").selectFirst(".notice.bad"));
    assertNotNull(visitor.postAndFollow(LIST + "/delete-image", "name", repository, "reference", digest).selectFirst(".notice.good"));
    assertEquals("No tags yet", visitor.page(one()).selectFirst(".empty h2").text());
    assertNotNull(visitor.postAndFollow(LIST + "/delete", "name", repository).selectFirst(".notice.good"));
    assertEquals(404, visitor.get(one()).statusCode());
    audit().body("rows.findAll { it.action == 'index.delete' }.way", hasItem("browser")).body("rows.findAll { it.action == 'index.delete' && it.outcome == 'done' }.object", hasItems(repository + ":a", repository + "@" + digest, repository));
  }

  @Test
  void whatDestroysAsksFirst() {
    pushed("a");

    for (String path : new String[] {one(), image("a")}) {
      Document page = visitor.page(path);
      assertFalse(page.select("form[action*=/delete] button").isEmpty());
      page.select("form[action*=/delete] button").forEach(button -> assertFalse(button.attr("data-confirm").isEmpty(), button::outerHtml));
    }
  }

  @Test
  void viewersLookAndOthersSeeNothing() {
    String digest = pushed("a");
    Visitor viewer = viewer();
    Visitor neighbour = neighbour();

    for (String path : new String[] {one(), image("a"), image(digest)}) {
      assertTrue(viewer.page(path).select("main form[method=post]").isEmpty(), path);
    }
    assertEquals(List.of(), neighbour.page(LIST + "?q=" + mark).select("td.name a").eachText());
    for (String path : new String[] {one(), image("a"), LIST + "/image/custody?name=" + repository + "&reference=a"}) {
      Response foreign = neighbour.get(path);
      assertEquals(404, foreign.statusCode(), path);
      assertEquals(foreign.asString().replaceAll(member.accountName(), ""), neighbour.get(path.replace(repository, repository + "x")).asString().replace(repository + "x", repository), path);
    }
    for (String[] act : acts()) {
      assertNotNull(viewer.postAndFollow(LIST + act[0], with(act)).selectFirst(".notice.bad"), act[0]);
      assertEquals(404, neighbour.post(LIST + act[0], with(act)).statusCode(), act[0]);
    }
    audit().body("rows.findAll { it.outcome == 'refused' && it.way == 'browser' }.action", hasItems("index.description", "index.visibility", "index.delete"));
    assertEquals(List.of("a"), visitor.page(one()).select("td.name a").eachText());
    assertEquals("private", visitor.page(one()).selectFirst(".head .badge").text());
  }

  private static String[][] acts() {
    return new String[][] {{"/edit", "description", "x", "readme", "x"}, {"/visibility", "visibility", "public"}, {"/delete-image", "reference", "a"}, {"/delete"}};
  }

  private String[] with(String... act) {
    List<String> fields = new ArrayList<>(List.of(act).subList(1, act.length));
    fields.addAll(List.of("name", repository));
    return fields.toArray(String[]::new);
  }

  @Test
  void othersReadWhatIsPublicAndChangeNothing() {
    pushed("a");
    publish();
    Visitor neighbour = neighbour();

    assertEquals("public", neighbour.page(LIST + "?q=" + mark).selectFirst("td[data-label=Visibility]").text());
    assertTrue(neighbour.page(one()).select("main form[method=post]").isEmpty());
    assertEquals(repository + ":a", neighbour.page(image("a")).selectFirst("h1").text());
    for (String[] act : acts()) {
      assertNotNull(neighbour.postAndFollow(LIST + act[0], with(act)).selectFirst(".notice.bad"), act[0]);
    }
    assertNotNull(visitor.postAndFollow(LIST + "/visibility", "name", repository, "visibility", "private").selectFirst(".notice.good"));
    assertEquals(404, neighbour.get(one()).statusCode());
    assertEquals(400, visitor.post(LIST + "/visibility", "name", repository, "visibility", "secret").statusCode());
    audit().body("rows.findAll { it.action == 'index.visibility' && it.outcome == 'done' }.detail", hasItems("public", "private"));
  }

  @Test
  void formsNeedTheirToken() {
    pushed("a");

    for (String[] act : acts()) {
      assertEquals(403, visitor.postRaw(LIST + act[0], null, with(act)).statusCode(), act[0]);
    }
    assertEquals(403, visitor.request().multiPart("name", repository).multiPart("description", "x").multiPart("readme", "").post(LIST + "/edit").statusCode());
    assertEquals(List.of("a"), visitor.page(one()).select("td.name a").eachText());
  }

  @ParameterizedTest
  @ValueSource(strings = {"%3Cscript%3Ealert(1)%3C/script%3E", "..%2F..%2Fetc", "default//x", "", "%00", "Default/x", "a%0Ab", "%22%3E%3Cb%3E", "{inject:shell.formToken}", "%F0%9F%92%A9"})
  void hostileNamesAreRefused(String name) {
    for (String path : new String[] {"/one?name=" + name, "/image?reference=a&name=" + name, "/image/custody?reference=a&name=" + name}) {
      Response answer = visitor.get(LIST + path.replace("{", "%7B").replace("}", "%7D"));
      assertTrue(answer.statusCode() == 400 || answer.statusCode() == 404, () -> path + " " + answer.statusCode());
      assertNull(Jsoup.parse(answer.asString()).selectFirst("main script, main b"), answer::asString);
    }
    assertEquals(400, visitor.get(LIST + "/one").statusCode());
    assertEquals(400, visitor.get(LIST + "/image?name=" + repository).statusCode());
  }

  @Test
  void isReadInChinese() {
    pushed("a");
    Visitor reader = Visitor.with(accounts.sessionOf(member)).reading("zh");

    assertEquals("仓库", reader.page(LIST).selectFirst("nav [aria-current=page]").text());
    assertEquals("没有您可见的仓库 " + repository + "x。", Jsoup.parse(reader.get(one() + "x").asString()).selectFirst("main .error-page p:not(.code)").text());
    assertEquals("说明过长：最多 500 个字符。", Jsoup.parse(reader.post(LIST + "/edit", "name", repository, "description", "x".repeat(501), "readme", "").asString()).selectFirst("#edit .error").text());
  }

  @Test
  void everyFieldAndButtonHasAName() {
    pushed("a");

    for (String path : new String[] {LIST, one(), image("a")}) {
      Document page = visitor.page(path);
      page.select("input:not([type=hidden]), select, textarea").forEach(field -> assertNotNull(page.selectFirst("label[for=" + field.id() + "]"), field::outerHtml));
      page.select("button").forEach(button -> assertTrue(!button.text().isBlank() || button.hasAttr("aria-label"), button::outerHtml));
      assertEquals(page.select("[id]").size(), page.select("[id]").eachAttr("id").stream().distinct().count(), () -> path + ": " + page.select("[id]").eachAttr("id"));
    }
  }
}
