package dev.tallyman.dashboard.account;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.dashboard.Visitor;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.UUID;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.Test;

@QuarkusTest
class AccountPagesTest {
  @Inject TestAccounts accounts;

  private final String name = "p" + UUID.randomUUID().toString().substring(0, 8);

  private Visitor visitor(Role role) {
    return Visitor.with(accounts.session(role));
  }

  @Test
  void logsInAndOut() {
    Caller member = accounts.caller(Role.MEMBER);
    Visitor visitor = Visitor.stranger();

    Response in = visitor.postRaw("/ui/login", null, "name", member.accountName(), "password", TestAccounts.PASSWORD, "next", "/ui/images");

    assertEquals(303, in.statusCode());
    assertTrue(in.header("Location").endsWith("/ui/images"));
    String cookie = in.getHeaders().getValues("Set-Cookie").stream().filter(each -> each.startsWith("tallyman_session=")).findFirst().orElseThrow();
    assertTrue(cookie.toLowerCase(java.util.Locale.ROOT).contains("httponly") && cookie.contains("SameSite=Strict"), cookie);
    assertEquals(member.accountName(), visitor.page("/ui/images").selectFirst(".who strong").text());

    Document out = visitor.postAndFollow("/ui/logout");

    assertEquals("You are logged out.", out.selectFirst(".notice p").text());
    assertEquals(303, visitor.get("/ui/images").statusCode());
  }

  @Test
  void saysNoToAWrongPasswordAndKeepsTheName() {
    Caller member = accounts.caller(Role.MEMBER);

    Response answer = Visitor.stranger().postRaw("/ui/login", null, "name", member.accountName(), "password", "guess \"><script>");

    assertEquals(401, answer.statusCode());
    Document page = Jsoup.parse(answer.asString());
    assertNotNull(page.selectFirst(".notice.bad"));
    assertEquals(member.accountName(), page.selectFirst("input[name=name]").val());
    assertFalse(answer.asString().contains("guess"));
  }

  @Test
  void changesTheOwnPasswordAndStaysLoggedIn() {
    Caller member = accounts.caller(Role.MEMBER);
    Visitor visitor = Visitor.with(accounts.sessionOf(member));

    assertEquals(400, visitor.post("/ui/password", "old", TestAccounts.PASSWORD, "new", "another good password", "again", "something else").statusCode());
    Document page = visitor.postAndFollow("/ui/password", "old", TestAccounts.PASSWORD, "new", "another good password", "again", "another good password");

    assertEquals("Your password was changed.", page.selectFirst(".notice.good p").text());
    assertEquals(303, Visitor.stranger().postRaw("/ui/login", null, "name", member.accountName(), "password", "another good password").statusCode());
  }

  @Test
  void showsTheSecretOfANewTokenOnce() {
    Visitor visitor = visitor(Role.MEMBER);

    Document made = Jsoup.parse(visitor.post("/ui/tokens", "name", name, "days", "30").asString());

    String secret = made.selectFirst("#secret").val();
    assertEquals(200, given().header("Authorization", "Bearer " + secret).get("/api/v1/me").statusCode());
    assertTrue(made.selectFirst("#docker-use").text().contains("{\"HttpHeaders\": {\"X-Tallyman-Token\": \"" + secret + "\"}}"), made.selectFirst("#docker-use").text());
    Document later = visitor.page("/ui/tokens");
    assertNull(later.selectFirst("#secret"));
    assertFalse(later.html().contains(secret));

    visitor.postAndFollow(later.selectFirst("form[action$=/revoke]").attr("action"));

    assertEquals(401, given().header("Authorization", "Bearer " + secret).get("/api/v1/me").statusCode());
  }

  @Test
  void saysBesideTheFieldWhyThereIsNoToken() {
    Response answer = visitor(Role.MEMBER).post("/ui/tokens", "name", "not a <b>name</b>");

    assertEquals(400, answer.statusCode());
    Document page = Jsoup.parse(answer.asString());
    assertNotNull(page.selectFirst("#name-error"));
    assertEquals("not a <b>name</b>", page.selectFirst("#name").val());
  }

  @Test
  void administratorsManageAccounts() {
    Visitor admin = visitor(Role.ADMINISTRATOR);

    Document created = admin.postAndFollow("/ui/accounts", "name", name, "password", TestAccounts.PASSWORD, "role", "VIEWER");
    assertNotNull(created.selectFirst("td.name:containsOwn(" + name + ")"));
    admin.postAndFollow("/ui/accounts/" + name + "/role", "role", "MEMBER");
    assertNotNull(admin.page("/ui/accounts").selectFirst("tr:has(td:containsOwn(" + name + ")) option[value=MEMBER][selected]"));
    admin.postAndFollow("/ui/accounts/" + name + "/password", "password", "a third good password");
    assertEquals(303, Visitor.stranger().postRaw("/ui/login", null, "name", name, "password", "a third good password").statusCode());
    admin.postAndFollow("/ui/accounts/" + name + "/disable");
    assertEquals(401, Visitor.stranger().postRaw("/ui/login", null, "name", name, "password", "a third good password").statusCode());

    Document removed = admin.postAndFollow("/ui/accounts/" + name + "/remove");

    assertNull(removed.selectFirst("td.name:containsOwn(" + name + ")"));
  }

  @Test
  void keepsWhatWasTypedForAnAccountThatWasRefused() {
    Response answer = visitor(Role.ADMINISTRATOR).post("/ui/accounts", "name", name, "password", "short", "role", "ADMINISTRATOR");

    assertEquals(400, answer.statusCode());
    Document page = Jsoup.parse(answer.asString());
    assertEquals(name, page.selectFirst("#name").val());
    assertEquals("ADMINISTRATOR", page.selectFirst("#role option[selected]").val());
    assertFalse(page.html().contains("value=\"short\""));
  }

  @Test
  void membersSeeNothingOfAccounts() {
    Visitor member = visitor(Role.MEMBER);

    assertEquals(403, member.get("/ui/accounts").statusCode());
    assertNull(member.page("/ui/containers").selectFirst("a[href=/ui/accounts]"));
    assertEquals(403, member.post("/ui/accounts", "name", name, "password", TestAccounts.PASSWORD, "role", "ADMINISTRATOR").statusCode());
  }
}
