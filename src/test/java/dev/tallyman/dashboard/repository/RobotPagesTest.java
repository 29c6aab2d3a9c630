package dev.tallyman.dashboard.repository;

import static dev.tallyman.testing.TestIndex.as;
import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.dashboard.Visitor;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class RobotPagesTest {
  private static final String PAGE = "/ui/repositories/robots";

  @Inject TestAccounts accounts;

  private final String name = "p" + UUID.randomUUID().toString().substring(0, 8);
  private String team = "";
  private Visitor administrator;

  @BeforeEach
  void comeIn() {
    team = accounts.admin().teamName();
    administrator = Visitor.with(accounts.session(Role.ADMINISTRATOR));
  }

  @AfterEach
  void remove() {
    as(accounts.adminToken()).delete("/api/v1/robots/" + team + "/" + name);
  }

  private Response make(String repository, String days) {
    return administrator.post(PAGE, "team", team, "name", name, "description", "<b>builds</b>", "days", days, "repository", repository, "may", "pull push");
  }

  private String rights() {
    return row(administrator.page(PAGE)).select(".tag").text();
  }

  private Element row(Document page) {
    return page.select("#robots tbody tr").stream().filter(each -> each.selectFirst("td").text().startsWith(team + "+" + name)).findFirst().orElse(null);
  }

  private static int login(String user, String secret) {
    return given().auth().preemptive().basic(user, secret).get("/v2/").statusCode();
  }

  @Test
  void showsASecretOnceWithALineThatLogsIn() {
    Response answer = make(" " + team + "/web", "30");
    assertEquals(200, answer.statusCode());
    assertEquals("no-store", answer.header("Cache-Control"));
    Document page = Jsoup.parse(answer.asString());
    String secret = page.selectFirst("#secret").val();
    assertTrue(page.selectFirst("#login-line").text().startsWith("echo " + secret + " | docker login -u " + team + "+" + name + " --password-stdin "), page.selectFirst("#login-line").text());
    assertEquals(200, login(team + "+" + name, secret));

    Document again = administrator.page(PAGE);
    assertNull(again.selectFirst("#secret"));
    assertFalse(again.html().contains(secret));
    assertEquals(team + "/web: pull push", row(again).select(".tag").text());
    assertEquals("<b>builds</b>", row(again).selectFirst(".sub").text());
  }

  @Test
  void eachRepositoryHasRightsOfItsOwnWhichCanBeChanged() {
    administrator.post(
        PAGE, "team", team, "name", name, "days", "30", "repository", team + "/web", "may", "pull push delete", "repository", "", "may", "pull push", "repository", team + "/api", "may", "pull", "repository",
        team + "/old", "may", "pull delete");
    assertEquals(team + "/api: pull " + team + "/old: pull delete " + team + "/web: pull push delete", rights());

    String edit = row(administrator.page(PAGE)).selectFirst("a[href^=" + PAGE + "/edit]").attr("href");
    Document form = administrator.page(edit);
    assertEquals(List.of(team + "/api", team + "/old", team + "/web", ""), form.select("input[name=repository]").eachAttr("value"));
    assertEquals(List.of("pull", "pull delete", "pull push delete", "pull push"), form.select("select[name=may] option[selected]").eachAttr("value"));

    Response refused = administrator.post(PAGE + "/edit", "team", team, "name", name, "description", "typed", "repository", team + "/api", "may", "push");
    assertEquals(400, refused.statusCode());
    assertEquals("typed", Jsoup.parse(refused.asString()).selectFirst("#description").val());
    assertEquals(400, administrator.post(PAGE + "/edit", "team", team, "name", name, "repository", team + "/api", "may", "pull", "repository", team + "/api", "may", "pull").statusCode());
    assertEquals(400, administrator.post(PAGE + "/edit", "team", team, "name", name, "repository", "").statusCode());
    assertTrue(rights().startsWith(team + "/api: pull "), "what was refused changes nothing");

    Document changed = administrator.postAndFollow(PAGE + "/edit", "team", team, "name", name, "description", "reads", "repository", team + "/api", "may", "pull push", "repository", "*", "may", "pull");
    assertEquals(team + "+" + name + " was changed.", changed.selectFirst(".notice.good p").text());
    assertEquals("all of the team: pull " + team + "/api: pull push", row(changed).select(".tag").text());
    assertEquals("reads", row(changed).selectFirst(".sub").text());
  }

  @Test
  void twentyRepositoriesLeaveNoRoomForMore() {
    List<String> fields = new ArrayList<>(List.of("team", team, "name", name, "days", "30"));
    for (int i = 0; i < 20; i++) {
      fields.addAll(List.of("repository", team + "/r" + i, "may", "pull"));
    }
    assertEquals(200, administrator.post(PAGE, fields.toArray(String[]::new)).statusCode());
    assertEquals(20, administrator.page(PAGE + "/edit?team=" + team + "&name=" + name).select("input[name=repository]").size());
    fields.addAll(List.of("repository", team + "/r20", "may", "pull"));
    assertEquals(400, administrator.post(PAGE + "/edit", fields.toArray(String[]::new)).statusCode());
  }

  @Test
  void disablesRenewsAndRemoves() {
    String secret = Jsoup.parse(make("*", "30").asString()).selectFirst("#secret").val();
    Document page = administrator.postAndFollow(PAGE + "/disable", "team", team, "name", name);
    assertEquals("disabled", row(page).selectFirst(".badge").text());
    assertEquals(401, login(team + "+" + name, secret));
    assertNull(row(administrator.postAndFollow(PAGE + "/enable", "team", team, "name", name)).selectFirst(".badge"));
    assertEquals(200, login(team + "+" + name, secret));

    String renewed = Jsoup.parse(administrator.post(PAGE + "/renew", "team", team, "name", name, "days", "7").asString()).selectFirst("#secret").val();
    assertEquals(200, login(team + "+" + name, renewed));
    assertFalse(renewed.equals(secret));

    assertNull(row(administrator.postAndFollow(PAGE + "/remove", "team", team, "name", name)));
    assertTrue(administrator.postAndFollow(PAGE + "/remove", "team", team, "name", name).selectFirst(".notice.bad").text().contains("there is no such robot"));
  }

  @Test
  void showsAgainWhatIsRefusedInTheReadersLanguage() {
    Response answer = make("strangers/x", "30");
    assertEquals(400, answer.statusCode());
    Document page = Jsoup.parse(answer.asString());
    assertEquals("strangers/x", page.selectFirst("input[name=repository]").val());
    assertEquals("pull push", page.selectFirst("select[name=may] option[selected]").val());
    assertEquals(name, page.selectFirst("#name").val());
    assertTrue(page.selectFirst(".notice.bad").text().contains("begin with the team"));
    administrator.reading("zh");
    assertTrue(Jsoup.parse(make("strangers/x", "30").asString()).selectFirst(".notice.bad").text().contains("以团队"));
    assertTrue(Jsoup.parse(make("*", "9999").asString()).selectFirst(".notice.bad").text().contains("365"));
    assertEquals(400, make("*", "soon").statusCode());
  }

  @Test
  void othersSeeTheRobotsOfTheirTeamAndChangeNothing() {
    make("*", "30");
    Visitor member = Visitor.with(accounts.session(Role.MEMBER));
    Document page = member.page(PAGE);
    assertNotNull(row(page));
    assertTrue(page.select("#new, form[action^=" + PAGE + "], td.actions").isEmpty());
    assertEquals(403, member.post(PAGE, "team", team, "name", name + "2", "days", "30", "repository", "*", "may", "pull").statusCode());
    assertEquals(403, member.get(PAGE + "/edit?team=" + team + "&name=" + name).statusCode());
    assertEquals(403, member.post(PAGE + "/edit", "team", team, "name", name, "repository", "*", "may", "pull").statusCode());
    assertEquals(404, administrator.get(PAGE + "/edit?team=" + team + "&name=nobody").statusCode());
    for (String each : new String[] {"/disable", "/remove", "/renew"}) {
      assertTrue(member.postAndFollow(PAGE + each, "team", team, "name", name, "days", "7").selectFirst(".notice.bad").text().contains("lacks the right"), each);
    }
    assertEquals(403, member.postRaw(PAGE + "/remove", null, "team", team, "name", name).statusCode());
    assertEquals(403, administrator.postRaw(PAGE + "/remove", "wrong", "team", team, "name", name).statusCode());
    assertNotNull(row(administrator.page(PAGE)));
    assertNull(row(Visitor.with(accounts.sessionOf(accounts.stranger(Role.MEMBER))).page(PAGE)));
  }
}
