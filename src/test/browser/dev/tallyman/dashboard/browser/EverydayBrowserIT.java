package dev.tallyman.dashboard.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What people do every day, in a real browser on a running instance with real containers. Started by src/test/system/52-rest-and-browser.sh,
 * which makes the account and looks at the audit trail afterwards. Settings: tallyman.url, tallyman.archive (of docker save), tallyman.pictures (folder).
 */
@Tag("instance")
class EverydayBrowserIT {
  private static final String NAME = "bweb";
  private static final double SLOW_MILLIS = 30_000;

  private Chromium chromium;
  private Page page;

  @BeforeEach
  void logIn() {
    PlaywrightAssertions.setDefaultAssertionTimeout(20_000);
    chromium = new Chromium(System.getProperty("tallyman.url"));
    page = chromium.page("");
    page.navigate("/");
    field("Account").fill("bruno");
    field("Password").fill("correct horse battery");
    button("Log in").click();
    assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("Containers").setExact(true))).isVisible();
  }

  @AfterEach
  void noPageComplains() {
    List<String> problems = chromium.takeProblems();
    chromium.close();
    assertEquals(List.of(), problems);
  }

  @Test
  void everydayWork() throws IOException {
    aContainerIsMadeAndServes();
    aCommandRuns();
    aTerminalIsTyped();
    itsPartsAreShown();
    anImageGoesOutAndComesIn();
    itEnds();
    theTrailShowsIt();
  }

  private void aContainerIsMadeAndServes() {
    page.navigate("/ui/containers/new");
    field("Image").selectOption("busybox:latest");
    field("Name").fill(NAME);
    field("Command").fill("sh -c 'mkdir -p /www; echo tally > /www/index.html; echo ready; httpd -f -p 80 -h /www'");
    field("Ports").fill("18083:80");
    field("Memory").fill("64m");
    button("Create container").click();
    assertThat(page.locator("h1")).hasText(NAME);
    assertThat(page.locator("#log")).containsText("ready");
    assertThat(page.locator("#memory-now")).containsText("iB");
    assertThat(page.locator("#cpu-now")).containsText("%");
    picture("container");
  }

  private void aCommandRuns() {
    tab("Run a command");
    field("Command").fill("id");
    button("Run").click();
    assertThat(page.locator("pre.output")).containsText("uid=0(root)");
    assertThat(page.getByText("exit code 0")).isVisible();
  }

  private void aTerminalIsTyped() {
    tab("Console");
    button("Open").click();
    Locator screen = page.locator(".xterm-accessibility");
    assertThat(screen).containsText("#");
    page.keyboard().type("echo $((6*7))-$(cat /www/index.html); stty size; tty");
    page.keyboard().press("Enter");
    assertThat(screen).containsText("42-tally");
    assertThat(screen).containsText("/dev/pts/");
    picture("console");
    page.keyboard().type("exit 3");
    page.keyboard().press("Enter");
    assertThat(page.locator("#console-end")).hasText("Ended with exit code 3.");

    field("Command").fill("nosuchshell");
    button("Open").click();
    assertThat(page.locator("#console-end")).containsText("nosuchshell");
    field("Command").fill("sleep 4242");
    button("Open").click();
    assertThat(button("Close")).isEnabled();
    processes(Pattern.compile("sleep 4242"), true);
    processes(Pattern.compile("sleep 4242"), false);
  }

  /** Leaving the page hangs the command up, so a command that was there is gone a moment later. */
  private void processes(Pattern command, boolean isThere) {
    if (isThere) {
      Page other = page.context().newPage();
      other.navigate(page.url().replace("/console", "/processes"));
      assertThat(other.locator("main")).containsText(command);
      other.close();
      tab("Processes");
      return;
    }
    Locator main = page.locator("main");
    assertThat(main).containsText("httpd");
    for (int attempt = 0; attempt < 50 && command.matcher(main.innerText()).find(); attempt++) {
      page.waitForTimeout(100);
      page.reload();
    }
    assertThat(main).not().containsText(command);
  }

  private void itsPartsAreShown() {
    tab("Configuration");
    assertThat(page.locator("main")).containsText("64 MiB");
    tab("Processes");
    assertThat(page.locator("main")).containsText("httpd -f");
  }

  private void anImageGoesOutAndComesIn() throws IOException {
    page.navigate("/ui/images");
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("busybox:latest").setExact(true)).click();
    Download saved = page.waitForDownload(() -> page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Download")).click());
    assertEquals("busybox_latest.tar", saved.suggestedFilename());
    assertTrue(Files.size(saved.path()) > 100_000);
    assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("History"))).isVisible();

    page.navigate("/ui/images");
    field("Archive").setInputFiles(saved.path());
    button("Upload").click();
    assertThat(page.getByText("Loaded: busybox:latest")).isVisible();

    field("New tag").fill("bruno:1");
    button("Add tag").click();
    assertThat(page.locator(".tags").first()).containsText("bruno:1");
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Remove the tag bruno:1")).click();
    assertThat(page.locator(".tags").first()).not().containsText("bruno:1");
  }

  private void itEnds() {
    page.navigate("/ui/containers");
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(NAME).setExact(true)).click();
    button("Stop").click();
    assertThat(page.locator("#head .badge")).containsText("exited", new LocatorAssertions.ContainsTextOptions().setTimeout(SLOW_MILLIS));
    button("Remove").click();
    page.getByRole(AriaRole.DIALOG).getByText("Remove", new Locator.GetByTextOptions().setExact(true)).click();
    assertThat(page.getByText(NAME + " was removed.")).isVisible();
  }

  private void theTrailShowsIt() {
    page.navigate("/ui/audit?object=" + NAME);
    for (String action : List.of("container.create", "container.start", "exec.start", "container.stop", "container.remove")) {
      Locator row = page.locator("table.audit tbody tr").filter(new Locator.FilterOptions().setHasText(action)).first();
      assertThat(row).containsText("bruno");
      assertThat(row).containsText("browser");
    }
    picture("audit");
  }

  private void tab(String name) {
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true)).click();
    page.waitForLoadState();
  }

  private Locator button(String name) {
    return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  private Locator field(String label) {
    return page.getByLabel(label, new Page.GetByLabelOptions().setExact(true));
  }

  private void picture(String name) {
    page.screenshot(new Page.ScreenshotOptions().setPath(Path.of(System.getProperty("tallyman.pictures"), name + ".png")));
  }
}
