package dev.tallyman.dashboard.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.FilePayload;
import dev.tallyman.container.ContainerSpec;
import dev.tallyman.container.Containers;
import dev.tallyman.dashboard.TinyImage;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.Images;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What people do on the dashboard, in a real browser. */
@Tag("browser")
@QuarkusTest
class DashboardBrowserTest {
  private static final List<String> PAGES = List.of("/ui/containers", "/ui/containers/new", "/ui/images", "/ui/repositories", "/ui/system", "/ui/volumes", "/ui/events", "/ui/audit", "/ui/accounts", "/ui/tokens", "/ui/password", "/ui/nothing-here");
  private static Chromium chromium;

  @Inject TestAccounts accounts;
  @Inject Containers containers;
  @Inject Images images;
  @TestHTTPResource URI server;

  private final String name = "b" + UUID.randomUUID().toString().substring(0, 8);
  private Caller admin;
  private Images.Image image;

  @BeforeEach
  void open() {
    if (chromium == null) {
      chromium = new Chromium(server.toString());
      PlaywrightAssertions.setDefaultAssertionTimeout(20_000);
    }
    admin = accounts.caller(Role.ADMINISTRATOR);
    image = TinyImage.make(images, accounts.admin(), "busybox:latest");
  }

  @AfterEach
  void noPageComplains() {
    chromium.closePages();
    assertEquals(List.of(), chromium.takeProblems());
  }

  @AfterAll
  static void close() {
    if (chromium != null) {
      chromium.close();
      chromium = null;
    }
  }

  private Page page() {
    return chromium.page(accounts.sessionOf(admin));
  }

  private String running() {
    String id = containers.create(admin, ContainerSpec.of(name, "busybox:latest", List.of("sh", "-c", "echo tally-line; echo oops >&2; sleep 1000"))).id();
    containers.start(admin, id);
    return id;
  }

  private static Locator button(Page page, String name) {
    return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  private static Locator field(Page page, String label) {
    return page.getByLabel(label, new Page.GetByLabelOptions().setExact(true));
  }

  @Test
  void firstLoginChangesThePassword() throws IOException {
    Page page = chromium.page("");
    page.navigate("/ui/images");
    field(page, "Account").fill("admin");
    field(page, "Password").fill(Files.readString(Path.of("src/test/resources/first-password")).strip());
    button(page, "Log in").click();
    assertThat(page.getByText("Choose your own to go on")).isVisible();
    page.navigate("/ui/containers");
    assertThat(page).hasURL(Pattern.compile(".*/ui/password$"));

    field(page, "Present password").fill(Files.readString(Path.of("src/test/resources/first-password")).strip());
    field(page, "New password").fill("my own good password");
    field(page, "New password again").fill("my own good password");
    button(page, "Change password").click();

    assertThat(page.getByText("Your password was changed.")).isVisible();
    assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("Containers"))).isVisible();
  }

  @Test
  void aFileGoesInAndComesOutAgain() throws IOException {
    Page page = page();
    page.navigate("/ui/containers/" + running());
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Files").setExact(true)).click();
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("etc/").setExact(true)).click();
    assertThat(page.locator("#files tr[data-name='motd']")).isVisible();
    button(page, "Send").click();
    assertThat(page.locator("[data-upload-error]")).hasText("Choose a file first.");

    field(page, "File").setInputFiles(new FilePayload("notes & more.txt", "text/plain", "hello".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    button(page, "Send").click();

    assertThat(page.locator(".notice.good")).containsText("notes & more.txt was written.");
    Locator link = page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Download notes & more.txt").setExact(true));
    com.microsoft.playwright.Download download = page.waitForDownload(link::click);
    assertEquals("notes & more.txt", download.suggestedFilename());
    assertEquals("hello", Files.readString(download.path()));
  }

  @Test
  void aContainerLivesAndDiesInTheBrowser() {
    Page page = page();
    page.navigate("/ui/containers");
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("New container")).first().click();
    field(page, "Image").selectOption("busybox:latest");
    field(page, "Name").fill(name);
    field(page, "Command").fill("sh -c 'echo tally-line; sleep 1000'");
    field(page, "Memory").fill("nonsense");
    button(page, "Create container").click();
    assertThat(page.locator("#memory-error")).containsText("invalid size");
    assertThat(field(page, "Name")).hasValue(name);
    field(page, "Memory").fill("64m");
    button(page, "Create container").click();

    assertThat(page.locator("h1")).hasText(name);
    assertThat(page.locator("#log")).containsText("tally-line");
    assertThat(page.locator("#memory-now")).containsText("MiB");
    assertThat(page.locator("#cpu-now")).containsText("%");
    assertThat(page.locator("#cpu-chart canvas")).isVisible();

    assertThat(page.locator("#live")).hasText("Live");
    // A stop takes up to ten seconds elsewhere: here its form stays on its way.
    page.evaluate("document.addEventListener('submit', event => event.preventDefault(), { once: true })");
    Locator stop = page.locator("#head button[formaction$='/stop']");
    stop.click();
    assertThat(stop).hasText("Working…");
    assertThat(stop).hasAttribute("aria-disabled", "true");
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow'))"); // the reader comes back to it
    assertThat(stop).hasText("Stop");
    stop.click();
    assertThat(page.locator("#head .badge")).containsText("exited", new LocatorAssertions.ContainsTextOptions().setTimeout(30_000));
    assertThat(page.locator("#live")).hasText("Not running");
    button(page, "Remove").click();
    assertThat(page.getByRole(AriaRole.DIALOG)).containsText(name);
    page.getByRole(AriaRole.DIALOG).getByText("Cancel").click();
    assertThat(page.getByRole(AriaRole.DIALOG)).not().isVisible();
    button(page, "Remove").click();
    page.getByRole(AriaRole.DIALOG).getByText("Remove", new Locator.GetByTextOptions().setExact(true)).click();
    assertThat(page.getByText(name + " was removed.")).isVisible();

    page.navigate("/ui/audit?object=" + name);
    Locator row = page.locator("table.audit tbody tr").filter(new Locator.FilterOptions().setHasText("container.create"));
    assertThat(row).containsText(admin.accountName());
    assertThat(row).containsText("browser");
    assertThat(page.locator("table.audit")).containsText("container.remove");
  }

  @Test
  void theListFollowsWhatOthersDo() {
    Page page = page();
    page.navigate("/ui/containers");
    assertThat(page.locator("#live")).hasText("Live");

    String id = running();
    Locator row = page.locator("tr[data-name=" + name + "]");
    assertThat(row).isVisible();
    assertThat(row.locator(".badge")).hasText("running");
    containers.kill(accounts.admin(), id, "SIGKILL");
    assertThat(row.locator(".badge")).containsText("exited");

    page.locator("#q").fill(name);
    assertThat(page.locator("#rows tbody tr")).hasCount(1);
    page.locator("#q").fill("there is no such container");
    assertThat(page.getByText("Nothing found")).isVisible();
  }

  @Test
  void aCommandRunsInAContainer() {
    String id = running();
    Page page = page();
    page.navigate("/ui/containers/" + id);
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Run a command")).click();

    field(page, "Command").fill("echo 'a  <b>b</b>'");
    button(page, "Run").click();

    assertThat(page.locator("pre.output")).hasText("a <b>b</b>");
    assertThat(page.getByText("exit code 0")).isVisible();
    field(page, "Command").fill("echo again");
    field(page, "Command").press("Enter");
    assertThat(page.locator("pre.output")).hasText("again");
  }

  @Test
  void anImageIsUploadedTaggedAndShown() {
    Page page = page();
    page.navigate("/ui/images");
    page.locator("input[name=kind][value=import]").check();
    field(page, "Archive").setInputFiles(new FilePayload("root.tar", "application/x-tar", TinyImage.tar()));
    field(page, "Name").fill(name + ":1");
    button(page, "Upload").click();

    assertThat(page.getByText("Imported: " + name + ":1")).isVisible();
    field(page, "New tag").fill(name + ":2");
    button(page, "Add tag").click();
    assertThat(page.locator(".tags").first()).containsText(name + ":2");
    assertThat(page.getByText("sha256:").first()).isVisible();

    page.navigate("/ui/images");
    field(page, "Archive").setInputFiles(new FilePayload("no.tar", "application/x-tar", "not a tar".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    button(page, "Upload").click();
    assertThat(page.locator("[data-upload-error]")).not().isEmpty();
  }

  @Test
  void aTokenIsShownOnceWithItsUse() {
    Page page = page();
    page.navigate("/ui/tokens");
    field(page, "Name").fill(name);
    button(page, "Create token").click();

    assertThat(page.locator("#secret")).hasValue(Pattern.compile("\\S{20,}"));
    assertThat(page.locator("#docker-use")).containsText("X-Tallyman-Token");
    page.locator("[data-copy=secret]").click();
    assertThat(page.locator("[data-copy=secret]")).hasText("Copied");
    page.navigate("/ui/tokens");
    button(page, "Revoke").first().click();
    page.getByRole(AriaRole.DIALOG).getByText("Revoke", new Locator.GetByTextOptions().setExact(true)).click();
    assertThat(page.getByText("The token was revoked.")).isVisible();
  }

  @Test
  void theKeyboardIsEnough() {
    String id = running();
    Page page = page();
    page.navigate("/ui/containers");
    page.keyboard().press("Tab");
    assertThat(page.getByText("Skip to content")).isFocused();
    page.keyboard().press("Enter");
    assertThat(page.locator("main")).isFocused();

    page.keyboard().press("/");
    assertThat(page.locator("#q")).isFocused();
    page.keyboard().type(name);
    assertThat(page.locator("#rows tbody tr")).hasCount(1);
    page.keyboard().press("Tab");
    page.keyboard().press("j");
    assertThat(page.locator("[data-row]")).isFocused();
    page.keyboard().press("Enter");
    arrivesAt(page, Pattern.compile(".*/ui/containers/" + id));

    page.keyboard().press("?");
    assertThat(page.locator("#keys")).isVisible();
    page.keyboard().press("Escape");
    assertThat(page.locator("#keys")).not().isVisible();
    page.keyboard().press("g");
    page.keyboard().press("i");
    arrivesAt(page, Pattern.compile(".*/ui/images"));
    page.keyboard().press("g");
    page.keyboard().press("c");
    arrivesAt(page, Pattern.compile(".*/ui/containers"));
    page.keyboard().press("n");
    arrivesAt(page, Pattern.compile(".*/ui/containers/new"));
  }

  @Test
  void aMenuOpensAndClosesByKeyboard() {
    running();
    Page page = page();
    page.navigate("/ui/containers?q=" + name);
    Locator more = page.locator("summary[aria-label='More actions for " + name + "']");

    more.focus();
    page.keyboard().press("Enter");
    assertThat(page.getByText("Restart")).isVisible();
    page.keyboard().press("Escape");

    assertThat(page.getByText("Restart")).not().isVisible();
    assertThat(more).isFocused();
  }

  @Test
  void fitsAPhone() {
    String id = running();
    Page page = chromium.phone(accounts.sessionOf(admin));
    for (String path : pagesWith(id)) {
      page.navigate(path);
      assertEquals(390, (int) page.evaluate("document.documentElement.scrollWidth"), path);
    }

    page.navigate("/ui/containers");
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Images")).tap();
    assertThat(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("Images"))).isVisible();
  }

  @Test
  void fitsScreensBetweenPhoneAndDesk() {
    Page page = page();
    page.navigate("/ui/containers/new");
    field(page, "Image").selectOption("busybox:latest");
    field(page, "Name").fill(name);
    field(page, "Command").fill("sh -c 'echo a command that is longer than its column; sleep 1000'");
    field(page, "Ports").fill("28081:80");
    button(page, "Create container").click();
    arrivesAt(page, Pattern.compile(".*/ui/containers/[0-9a-f]{64}"));
    String id = page.url().substring(page.url().length() - 64);
    for (int width : List.of(1200, 1000, 870)) {
      page.setViewportSize(width, 820);
      for (String path : pagesWith(id)) {
        page.navigate(path);
        assertEquals(width, (int) page.evaluate("document.documentElement.scrollWidth"), path);
      }
    }
  }

  @Test
  void auditKeepsItsWidthWithLongNames() {
    String id = "f".repeat(64);
    assertThrows(TallymanException.class, () -> containers.remove(admin, id, true, true));
    Page page = page();
    for (int width : List.of(1280, 1100, 900, 390)) {
      page.setViewportSize(width, 820);
      page.navigate("/ui/audit");
      assertThat(page.locator("table.audit")).containsText(id);
      assertEquals(width, (int) page.evaluate("document.documentElement.scrollWidth"));
    }
  }

  @Test
  void isReadableInTheDarkAndInTheLight() {
    String id = running();
    for (Page page : List.of(chromium.dark(accounts.sessionOf(admin)), page())) {
      for (String path : pagesWith(id)) {
        page.navigate(path);
        assertEquals(List.of(), page.evaluate(Contrast.SCRIPT), path);
      }
    }
  }

  @Test
  void speaksChinese() {
    Page page = page();
    page.navigate("/ui/containers");
    button(page, "中文").click();
    assertThat(page.locator("h1")).hasText("容器");
    button(page, "English").click();
    assertThat(page.locator("h1")).hasText("Containers");
  }

  @Test
  void worksWithoutScripts() {
    String id = containers.create(admin, ContainerSpec.of(name, "busybox:latest", List.of("sleep", "1000"))).id();
    Page page = chromium.page(accounts.sessionOf(admin), new Browser.NewContextOptions().setJavaScriptEnabled(false));
    page.navigate("/ui/containers?q=" + name);

    button(page, "Start " + name).click();

    assertThat(page.locator("tr[data-name=" + name + "] .badge")).hasText("running");
    page.navigate("/ui/containers/" + id + "/command");
    field(page, "Command").fill("echo plain");
    button(page, "Run").click();
    assertThat(page.locator("pre.output")).hasText("plain");
  }

  @Test
  void outputOfProgramsIsOnlyText() {
    String id = containers.create(admin, ContainerSpec.of(name, "busybox:latest", List.of("echo", "<img src=x onerror=alert(1)> \u001b[31mred\u001b[0m \u001b]0;title\u0007end"))).id();
    containers.start(admin, id);
    Page page = page();

    page.navigate("/ui/containers/" + id);

    assertThat(page.locator("#log")).containsText("<img src=x onerror=alert(1)> red end");
    assertThat(page.locator("#log .f1")).hasText("red");
    assertThat(page.locator("#log img")).hasCount(0);
    assertTrue(page.title().startsWith(name));
  }

  /** On the page and ready for keys: its scripts run before its load event. */
  private static void arrivesAt(Page page, Pattern address) {
    assertThat(page).hasURL(address);
    page.waitForLoadState();
  }

  private List<String> pagesWith(String id) {
    List<String> all = new java.util.ArrayList<>(PAGES);
    for (String tab : List.of("", "/config", "/processes", "/command", "/history")) {
      all.add("/ui/containers/" + id + tab);
    }
    all.add("/ui/images/" + image.id());
    return all;
  }
}
