package dev.tallyman.dashboard.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.tallyman.identity.Caller;
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

/** The Index in a real browser. */
@Tag("browser")
@QuarkusTest
class RepositoriesBrowserTest {
  private static final String CONFIG = "{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{\"Cmd\":[\"sh\"]},\"history\":[{\"created_by\":\"COPY %s\"}]}";

  @Inject TestAccounts accounts;
  @TestHTTPResource URI server;

  private final String mark = "b" + UUID.randomUUID().toString().substring(0, 8);
  private Chromium chromium;
  private Caller member;
  private String repository = "";

  @BeforeEach
  void open() {
    chromium = new Chromium(server.toString());
    member = accounts.caller(Role.MEMBER);
    repository = member.teamName() + "/" + mark;
    TestIndex.image(accounts.tokenOf(member), repository, "1.0", CONFIG.formatted(mark), "layer of " + mark);
  }

  @AfterEach
  void noPageComplains() {
    TestIndex.as(accounts.adminToken()).delete("/api/v1/repositories?name=" + repository);
    List<String> problems = chromium.takeProblems();
    chromium.close();
    assertEquals(List.of(), problems);
  }

  private static Locator button(Page page, String name) {
    return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  @Test
  void aRepositoryIsFoundDescribedLookedAtAndDeleted() {
    Page page = chromium.page(accounts.sessionOf(member));
    page.navigate("/ui/containers");
    page.keyboard().press("g");
    page.keyboard().press("r");
    assertThat(page).hasURL(Pattern.compile(".*/ui/repositories$"));
    page.waitForLoadState(); // Until its scripts have run a page has no keys and no questions.
    page.keyboard().press("/");
    page.keyboard().type(mark);
    page.keyboard().press("Enter");
    page.locator("#rows").getByText(repository).click();

    page.locator("textarea#readme").fill("# Hello\n\n<img src=x onerror=\"document.title='broken'\">");
    button(page, "Save").click();
    assertThat(page.getByText(repository + " was changed.")).isVisible();
    assertThat(page.locator(".markdown h3")).hasText("Hello");
    assertThat(page.locator(".markdown img")).hasCount(0);

    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("1.0").setExact(true)).click();
    assertThat(page.locator("#custody .badge")).hasText("pushed");
    assertThat(page.getByText("COPY " + mark)).isVisible();
    button(page, "Delete tag").click();
    assertThat(page.locator("#confirm-text")).containsText("Delete the tag 1.0?");
    page.locator("#confirm-yes").click();
    assertThat(page.getByText("No tags yet")).isVisible();

    button(page, "Delete repository").click();
    page.locator("#confirm-yes").click();
    assertThat(page.getByText("The repository " + repository + " was deleted.")).isVisible();
  }

  @Test
  void pagesFitSmallScreens() {
    Page page = chromium.phone(accounts.sessionOf(member));
    for (String path : List.of("", "/one?name=" + repository, "/image?name=" + repository + "&reference=1.0")) {
      page.navigate("/ui/repositories" + path);
      assertTrue((Boolean) page.evaluate("document.documentElement.scrollWidth <= innerWidth"), () -> path + " is wider than the screen");
    }
    assertThat(page.locator("#custody .badge")).hasText("pushed");
    assertTrue((Boolean) page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "custody is wider than the screen");
  }
}
