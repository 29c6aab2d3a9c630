package dev.tallyman.dashboard.browser;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.Cookie;
import com.microsoft.playwright.options.SameSiteAttribute;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The system's Chromium, and what went wrong in its pages. */
final class Chromium implements AutoCloseable {
  private static final int WAIT_MILLIS = 15_000;

  private final Playwright playwright;
  private Browser browser;
  private final String server;
  private final List<String> problems = new ArrayList<>();

  Chromium(String server) {
    this.server = server.replaceAll("/$", "");
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    playwright = Playwright.create(new Playwright.CreateOptions().setEnv(environment));
    browser = launch();
  }

  private Browser launch() {
    return playwright
        .chromium()
        .launch(
            new BrowserType.LaunchOptions()
                .setExecutablePath(Path.of("/usr/bin/chromium"))
                .setArgs(List.of("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")));
  }

  /** A new reader with a session of his own. @param session empty for nobody */
  Page page(String session, Browser.NewContextOptions options) {
    if (!browser.isConnected()) {
      // The test in which it crashed has failed; those after it need a browser.
      browser = launch();
    }
    BrowserContext context = browser.newContext(options.setBaseURL(server).setLocale("en-GB").setTimezoneId("UTC"));
    context.setDefaultTimeout(WAIT_MILLIS);
    if (!session.isEmpty()) {
      context.addCookies(List.of(new Cookie("tallyman_session", session).setUrl(server).setHttpOnly(true).setSameSite(SameSiteAttribute.STRICT)));
    }
    context.onConsoleMessage(
        message -> {
          boolean isFault = message.type().equals("error") || message.text().contains("Content Security Policy");
          // A refused form answers with a status that Chromium calls an error; the test that provokes it looks at the page.
          if (isFault && !message.text().startsWith("Failed to load resource: the server responded with a status of 4")) {
            problems.add(message.type() + ": " + message.text() + " at " + message.location());
          }
        });
    context.onWebError(failure -> problems.add("script: " + failure.error()));
    return context.newPage();
  }

  Page page(String session) {
    return page(session, new Browser.NewContextOptions().setViewportSize(1280, 820));
  }

  Page phone(String session) {
    return page(session, new Browser.NewContextOptions().setViewportSize(390, 844).setIsMobile(true).setHasTouch(true));
  }

  Page dark(String session) {
    return page(session, new Browser.NewContextOptions().setViewportSize(1280, 820).setColorScheme(ColorScheme.DARK));
  }

  /** What browsers complained about since the last call. */
  List<String> takeProblems() {
    List<String> taken = List.copyOf(problems);
    problems.clear();
    return taken;
  }

  void closePages() {
    browser.contexts().forEach(BrowserContext::close);
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }
}
