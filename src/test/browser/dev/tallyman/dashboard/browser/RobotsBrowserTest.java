package dev.tallyman.dashboard.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestIndex;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What teams lay down for the Index, in a real browser: robots, rules of a repository, storage. */
@Tag("browser")
@QuarkusTest
class RobotsBrowserTest {
  @Inject TestAccounts accounts;
  @TestHTTPResource URI server;

  private final String mark = "b" + UUID.randomUUID().toString().substring(0, 8);
  private Chromium chromium;
  private String team = "";
  private String repository = "";

  @BeforeEach
  void open() {
    chromium = new Chromium(server.toString());
    team = accounts.admin().teamName();
    repository = team + "/" + mark;
    for (String tag : List.of("old", "new")) {
      TestIndex.image(accounts.adminToken(), repository, tag, "{\"of\":\"" + mark + tag + "\"}");
    }
  }

  @AfterEach
  void noPageComplains() {
    TestIndex.as(accounts.adminToken()).delete("/api/v1/robots/" + team + "/" + mark);
    TestIndex.as(accounts.adminToken()).delete("/api/v1/repositories?name=" + repository);
    List<String> problems = chromium.takeProblems();
    chromium.close();
    assertEquals(List.of(), problems);
  }

  private static Locator button(Page page, String name) {
    return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  private static void fits(Page page) {
    assertTrue((Boolean) page.evaluate("document.documentElement.scrollWidth <= innerWidth"), () -> page.url() + " is wider than the screen");
  }

  @Test
  void aRobotIsMadeDisabledRenewedAndRemovedByKeyboard() {
    Page page = chromium.page(accounts.session(Role.ADMINISTRATOR));
    page.navigate("/ui/repositories");
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Robots")).press("Enter");
    assertThat(page).hasURL(Pattern.compile(".*/ui/repositories/robots$"));
    // Until its scripts have run a page has no keys and no questions.
    page.waitForLoadState();
    page.keyboard().press("n");
    assertThat(page).hasURL(Pattern.compile(".*#new$"));
    page.locator("#name").focus();
    page.keyboard().type(mark);
    Locator repositories = page.getByLabel("Repository");
    Locator may = page.getByLabel("It may");
    repositories.first().focus();
    page.keyboard().type(repository);
    page.keyboard().press("Tab");
    assertThat(may.first()).isFocused();
    int lines = repositories.count();
    button(page, "Another repository").press("Enter");
    assertThat(repositories).hasCount(lines + 1);
    assertThat(repositories.last()).isFocused();
    page.keyboard().type(team + "/zz-last");
    may.last().selectOption("pull");
    button(page, "Make robot").press("Enter");
    assertThat(page.locator("#made")).isFocused();
    String secret = page.locator("#secret").inputValue();
    assertThat(page.locator("#login-line")).containsText("echo " + secret + " | docker login -u " + team + "+" + mark + " --password-stdin ");

    assertThat(page.locator("#robots tr", new Page.LocatorOptions().setHasText(mark)).locator(".tag")).hasText(new String[] {repository + ": pull push", team + "/zz-last: pull"});

    Locator menu = page.getByLabel("Actions for " + team + "+" + mark);
    menu.press("Enter");
    button(page, "Disable").press("Enter");
    assertThat(page.locator("#confirm-text")).containsText("Disable " + team + "+" + mark);
    page.locator("#confirm-yes").press("Enter");
    assertThat(page.locator("#robots tr", new Page.LocatorOptions().setHasText(mark)).locator(".badge")).hasText("disabled");
    page.waitForLoadState();

    menu.press("Enter");
    button(page, "New secret…").press("Enter");
    Locator dialog = page.locator("dialog[open]");
    dialog.locator("select").selectOption("7");
    dialog.getByText("Make new secret").press("Enter");
    assertThat(page.locator("#secret")).not().hasValue(secret);
    page.waitForLoadState();

    menu.press("Enter");
    button(page, "Remove").press("Enter");
    page.locator("#confirm-yes").press("Enter");
    assertThat(page.getByText(team + "+" + mark + " was removed.")).isVisible();
  }

  @Test
  void aRetentionRuleIsTriedOutSavedAndFollowed() {
    Page page = chromium.page(accounts.session(Role.MEMBER));
    page.navigate("/ui/repositories/one?name=" + repository);
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Rules")).click();
    page.locator("#keepLast").fill("1");
    button(page, "Try out").click();
    assertThat(page.locator("#preview")).isFocused();
    assertThat(page.locator("#preview tbody tr")).hasCount(1);
    assertThat(page.locator("#preview tbody")).containsText("old");
    assertThat(page.locator("#keepLast")).hasValue("1");
    page.locator("form:has(#keepLast)").getByText("Save").click();
    assertThat(page.getByText("The rules of " + repository + " were changed.")).isVisible();
    page.waitForLoadState();
    button(page, "Clean up now").click();
    page.locator("#confirm-yes").click();
    assertThat(page.getByText("Tags that went: 1; that stay: 1.")).isVisible();
  }

  @Test
  void pagesFitSmallScreens() {
    Page page = chromium.phone(accounts.session(Role.ADMINISTRATOR));
    for (String path : List.of("", "/robots", "/quotas", "/rules?name=" + repository, "/one?name=" + repository)) {
      page.navigate("/ui/repositories" + path);
      fits(page);
    }
    page.navigate("/ui/repositories/robots");
    page.locator("#name").fill(mark);
    page.getByLabel("Repository").first().fill("*");
    button(page, "Make robot").click();
    assertThat(page.locator("#made")).isVisible();
    fits(page);
    page.navigate("/ui/repositories/rules?name=" + repository);
    page.locator("#keepLast").fill("1");
    button(page, "Try out").click();
    assertThat(page.locator("#preview tbody tr")).hasCount(1);
    fits(page);
  }
}
