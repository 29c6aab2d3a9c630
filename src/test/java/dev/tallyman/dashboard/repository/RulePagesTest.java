package dev.tallyman.dashboard.repository;

import static dev.tallyman.testing.TestIndex.as;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.dashboard.Visitor;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.Sql;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestIndex;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import javax.sql.DataSource;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rules of a repository and storage of teams on the dashboard. */
@QuarkusTest
class RulePagesTest {
  private static final String RULES = "/ui/repositories/rules";
  private static final String QUOTAS = "/ui/repositories/quotas";

  @Inject TestAccounts accounts;
  @Inject DataSource database;

  private final String mark = "p" + UUID.randomUUID().toString().substring(0, 8);
  private String repository = "";
  private String token = "";
  private Visitor member;

  @BeforeEach
  void push() {
    Caller caller = accounts.caller(Role.MEMBER);
    repository = caller.teamName() + "/" + mark;
    token = accounts.tokenOf(caller);
    member = Visitor.with(accounts.sessionOf(caller));
    for (String tag : List.of("v1", "old", "new")) {
      TestIndex.image(token, repository, tag, "{\"of\":\"" + mark + tag + "\"}");
    }
  }

  @AfterEach
  void remove() {
    as(accounts.adminToken()).contentType("application/json").body("{\"name\":\"" + repository + "\",\"immutableTags\":[]}").patch("/api/v1/repositories/rules");
    as(accounts.adminToken()).delete("/api/v1/repositories?name=" + repository);
  }

  private Document rules(Visitor visitor) {
    return visitor.page(RULES + "?name=" + repository);
  }

  private List<String> tags() {
    return as(token).get("/v2/" + repository + "/tags/list").then().statusCode(200).extract().path("tags");
  }

  private Response tried(String... rule) {
    return member.post(RULES + "/try", "name", repository, "keepLast", rule[0], "keepPushedDays", "", "keepPulledDays", "", "keepTags", rule[1]);
  }

  @Test
  void setsAndTakesAwayImmutableTags() {
    assertNotNull(member.page("/ui/repositories/one?name=" + repository).selectFirst("a[href='" + RULES + "?name=" + repository.replace("/", "%2F") + "']"));
    Document page = member.postAndFollow(RULES + "/immutable", "name", repository, "patterns", "v*\r\nlatest, rc-*");
    assertEquals("v*\nlatest\nrc-*", page.selectFirst("#patterns").wholeText());
    as(token).delete("/v2/" + repository + "/manifests/v1").then().statusCode(409);

    Response refused = member.post(RULES + "/immutable", "name", repository, "patterns", "<script>");
    assertEquals(400, refused.statusCode());
    Document again = Jsoup.parse(refused.asString());
    assertEquals("<script>", again.selectFirst("#patterns").wholeText());
    assertTrue(again.selectFirst(".notice.bad").text().contains("a pattern of tags"));

    assertEquals("", member.postAndFollow(RULES + "/immutable", "name", repository, "patterns", " ").selectFirst("#patterns").wholeText());
    as(token).delete("/v2/" + repository + "/manifests/v1").then().statusCode(202);
  }

  @Test
  void triesARetentionRuleOutBeforeItHolds() {
    Response preview = tried("1", "v*");
    assertEquals(200, preview.statusCode());
    Document page = Jsoup.parse(preview.asString());
    assertEquals("1", page.selectFirst("#keepLast").val());
    assertEquals(List.of("old"), page.select("#preview td.name").stream().map(Element::ownText).toList());
    assertTrue(page.selectFirst("#preview tbody").text().contains("not among the last 1; like none of v*"));
    assertTrue(page.selectFirst("#preview p").text().contains("would go: 1, with 1 manifests; that would stay: 2"), page.selectFirst("#preview p").text());
    assertEquals(3, tags().size());
    assertEquals("", rules(member).selectFirst("#keepLast").val());
    assertNull(rules(member).selectFirst("form[action='" + RULES + "/clean']"));
    member.reading("zh");
    assertTrue(Jsoup.parse(tried("1", "v*").asString()).selectFirst("#preview tbody").text().contains("不在最近 1 个之中"));
    member.reading("en");

    Document saved = member.postAndFollow(RULES + "/retention", "name", repository, "keepLast", "1", "keepPushedDays", "", "keepPulledDays", "", "keepTags", "v*");
    assertEquals("1", saved.selectFirst("#keepLast").val());
    assertEquals(3, tags().size());
    Document cleaned = member.postAndFollow(RULES + "/clean", "name", repository);
    assertTrue(cleaned.selectFirst(".notice.good").text().contains("went: 1; that stay: 2"), cleaned.selectFirst(".notice").text());
    assertEquals(List.of("new", "v1"), tags());

    for (String wrong : new String[] {"0", "x", "-1", "99999999999"}) {
      Response refused = tried(wrong, "");
      assertEquals(400, refused.statusCode(), wrong);
      assertEquals(wrong, Jsoup.parse(refused.asString()).selectFirst("#keepLast").val());
    }
    assertEquals(400, tried("", "").statusCode());
    member.postAndFollow(RULES + "/retention", "name", repository, "keepLast", "", "keepPushedDays", "", "keepPulledDays", "", "keepTags", "");
    assertTrue(member.postAndFollow(RULES + "/clean", "name", repository).selectFirst(".notice.bad").text().contains("no retention rule"));
  }

  @Test
  void readersSeeTheRulesAndOthersNothing() {
    member.post(RULES + "/immutable", "name", repository, "patterns", "v*");
    member.post(RULES + "/retention", "name", repository, "keepLast", "7", "keepPushedDays", "", "keepPulledDays", "", "keepTags", "");
    Visitor viewer = Visitor.with(accounts.session(Role.VIEWER));
    Document page = rules(viewer);
    assertEquals("v*", page.selectFirst(".tag").text());
    assertTrue(page.text().contains("Keep the last pushed 7"));
    assertTrue(page.select("form[action^=" + RULES + "]").isEmpty());
    for (String each : new String[] {"/immutable", "/retention", "/try", "/clean"}) {
      assertNotNull(viewer.postAndFollow(RULES + each, "name", repository, "keepLast", "1").selectFirst(".notice.bad"), each);
      assertEquals(403, member.postRaw(RULES + each, null, "name", repository).statusCode(), each);
      assertEquals(404, Visitor.with(accounts.sessionOf(accounts.stranger(Role.MEMBER))).post(RULES + each, "name", repository, "keepLast", "1").statusCode(), each);
    }
    assertEquals(404, Visitor.with(accounts.sessionOf(accounts.stranger(Role.MEMBER))).get(RULES + "?name=" + repository).statusCode());
    assertEquals("v*", rules(member).selectFirst("#patterns").wholeText());
  }

  @Test
  void administratorsLimitTheStorageOfTeams() {
    long id = ThreadLocalRandom.current().nextLong(1_000_000, 1L << 50);
    String team = "team" + mark;
    new Sql(database).update("insert into teams (id, name) values (?, ?)", id, team);
    try {
      Visitor administrator = Visitor.with(accounts.session(Role.ADMINISTRATOR));
      TestIndex.blob(accounts.adminToken(), team + "/a", mark.repeat(100));
      Element row = row(administrator.postAndFollow(QUOTAS, "team", team, "limit", "1k"), team);
      assertEquals("1k", row.selectFirst("input[name=limit]").val());
      assertEquals("87", row.selectFirst("progress").attr("value"));
      assertEquals("900 B / 1 KiB", row.select("td").get(1).text());
      assertEquals("full", row(administrator.postAndFollow(QUOTAS, "team", team, "limit", "900"), team).selectFirst(".badge").text());
      assertTrue(administrator.postAndFollow(QUOTAS, "team", team, "limit", "much").selectFirst(".notice.bad").text().contains("invalid size"));
      assertNull(row(administrator.postAndFollow(QUOTAS, "team", team, "limit", ""), team).selectFirst("progress"));

      Document page = member.page(QUOTAS);
      assertNull(row(page, team));
      assertNotNull(row(page, accounts.admin().teamName()));
      assertTrue(page.select("form[action=" + QUOTAS + "]").isEmpty());
      assertNotNull(member.postAndFollow(QUOTAS, "team", accounts.admin().teamName(), "limit", "1").selectFirst(".notice.bad"));
      assertEquals(403, administrator.postRaw(QUOTAS, null, "team", team, "limit", "1").statusCode());
    } finally {
      as(accounts.adminToken()).delete("/api/v1/index/quotas/" + team);
      as(accounts.adminToken()).delete("/api/v1/repositories?name=" + team + "/a");
      new Sql(database).update("delete from teams where id = ?", id);
    }
  }

  @Test
  void administratorsTryOutAndCollectTheGarbage() {
    String blob = TestIndex.blob(token, repository, mark + " nobody needs it");
    new Sql(database).update("update index_blobs set touched_at = timestamp with time zone '2020-01-01 00:00:00+00' where digest = ?", blob);
    Visitor administrator = Visitor.with(accounts.session(Role.ADMINISTRATOR));

    Document tried = Jsoup.parse(administrator.post(QUOTAS + "/garbage/try", "untagged", "on").asString());
    assertTrue(tried.selectFirst("#garbage [role=status]").text().matches("Nothing was changed\\. .*blobs: [1-9].*"), tried.text());
    assertNotNull(tried.selectFirst("input[name=untagged][checked]"));
    assertEquals(200, as(token).head("/v2/" + repository + "/blobs/" + blob).statusCode());
    new Sql(database).update("update index_blobs set touched_at = timestamp with time zone '2020-01-01 00:00:00+00' where digest = ?", blob);

    assertEquals(403, administrator.postRaw(QUOTAS + "/garbage", null).statusCode());
    assertNull(member.page(QUOTAS).selectFirst("#garbage"));
    for (String path : new String[] {"/garbage", "/garbage/try"}) {
      assertTrue(member.postAndFollow(QUOTAS + path).selectFirst(".notice.bad").text().contains("lacks the right"));
    }
    assertTrue(administrator.postAndFollow(QUOTAS + "/garbage").selectFirst(".notice.good").text().matches("Manifests that went: .*blobs: [1-9].*"));
    assertEquals(404, as(token).head("/v2/" + repository + "/blobs/" + blob).statusCode());
  }

  private static Element row(Document page, String team) {
    return page.select("tbody tr").stream().filter(each -> each.selectFirst("td.name").ownText().strip().equals(team)).findFirst().orElse(null);
  }
}
