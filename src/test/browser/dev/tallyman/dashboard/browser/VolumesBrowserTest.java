package dev.tallyman.dashboard.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.volume.Volumes;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Volumes and events in a real browser. */
@Tag("browser")
@QuarkusTest
class VolumesBrowserTest {
  @Inject TestAccounts accounts;
  @Inject Volumes volumes;
  @TestHTTPResource URI server;

  private final String name = "b" + UUID.randomUUID().toString().substring(0, 8);
  private Chromium chromium;
  private Caller member;

  @BeforeEach
  void open() {
    chromium = new Chromium(server.toString());
    member = accounts.caller(Role.MEMBER);
  }

  @AfterEach
  void noPageComplains() {
    List.of(name, name + "copy").forEach(each -> volumes.remove(member, each, true));
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
  void aVolumeIsMadeFilledFromItsDownloadAndRemoved() {
    Page page = chromium.page(accounts.sessionOf(member));
    page.navigate("/ui/volumes");
    page.locator("#name").fill(name);
    button(page, "Create").click();
    assertThat(page.getByText("Volume " + name + " was created.")).isVisible();
    assertThat(page.getByText("files and folders: 0")).isVisible();

    Download download = page.waitForDownload(() -> page.getByText("Download as tar").click());
    Path tar = download.path();
    page.navigate("/ui/volumes");
    page.locator("#volume").fill(name + "copy");
    page.locator("#archive").setInputFiles(tar);
    button(page, "Upload").click();
    assertThat(page.getByText("Volume " + name + "copy was made from the archive.")).isVisible();

    page.navigate("/ui/volumes");
    button(page, "Remove volume " + name + "copy").click();
    assertThat(page.locator("#confirm-text")).containsText(name + "copy with all its files?");
    page.locator("#confirm").getByText("Cancel").click();
    assertThat(button(page, "Remove volume " + name + "copy")).isFocused();
    button(page, "Remove volume " + name + "copy").click();
    page.locator("#confirm-yes").click();
    assertThat(page.getByText("Volume " + name + "copy was removed.")).isVisible();
  }

  @Test
  void eventsAppearByThemselves() {
    Page page = chromium.phone(accounts.sessionOf(member));
    page.navigate("/ui/events?object=" + name);
    assertThat(page.getByText("No event matches these filters.")).isVisible();
    assertThat(page.locator("#live")).hasText("Live");

    volumes.create(member, Volumes.NewVolume.named(name));

    assertThat(page.locator("#rows a[data-row]")).hasText(name);
    fits(page);
    page.navigate("/ui/volumes/" + name);
    fits(page);
    page.navigate("/ui/volumes");
    fits(page);
  }
}
