package dev.tallyman.dashboard.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.tallyman.container.Containers;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestContainers;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The page of the system in a real browser. */
@Tag("browser")
@QuarkusTest
class SystemBrowserTest {
  @Inject TestAccounts accounts;
  @Inject TestContainers containers;
  @Inject Containers all;
  @TestHTTPResource URI server;

  private Chromium chromium;
  private Caller member;

  @BeforeEach
  void open() {
    chromium = new Chromium(server.toString());
    member = accounts.caller(Role.MEMBER);
  }

  @AfterEach
  void noPageComplains() {
    List<String> problems = chromium.takeProblems();
    chromium.close();
    assertEquals(List.of(), problems);
  }

  @Test
  void stoppedContainersAreShownAskedAboutAndRemoved() {
    String stopped = containers.finished(member, "sh", "-c", "echo 12345 > /new");
    Page page = chromium.page(accounts.sessionOf(member));
    page.navigate("/ui/containers");
    page.keyboard().press("g");
    page.keyboard().press("d");
    assertThat(page).hasURL(Pattern.compile(".*/ui/system$"));
    page.waitForLoadState(); // Until its scripts have run a page has no keys and no questions.
    assertThat(page.locator("#cache h2")).hasText("Build cache");
    Locator row = page.locator("#containers tr[data-id='" + stopped + "']");
    assertThat(row).containsText("would go");

    page.locator("#containers form button").click();
    assertThat(page.getByRole(AriaRole.DIALOG)).containsText("given back");
    page.locator("#confirm-yes").click();

    assertThat(page.locator(".notice.good")).containsText("were removed");
    assertThat(row).hasCount(0);
    assertThrows(TallymanException.class, () -> all.inspect(member, stopped));
  }
}
