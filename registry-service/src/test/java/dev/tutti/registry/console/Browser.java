package dev.tutti.registry.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ScreenshotCaret;
import dev.tutti.registry.testing.Rest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Assumptions;

/**
 * The machine's own Chromium, without a screen. What a page complains of, such as a script that the
 * policy refuses, or asks another host for, fails the test.
 */
final class Browser implements AutoCloseable {

  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final int WIDE = 1280;
  private static final int NARROW = 390;

  private final Playwright playwright;
  private final com.microsoft.playwright.Browser browser;
  private final BrowserContext context;
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private final Page page;

  /** Starts it; the test is skipped where the machine has none. */
  Browser() {
    Assumptions.assumeTrue(Files.isExecutable(CHROMIUM), "No Chromium at " + CHROMIUM);
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(CHROMIUM)
                    .setArgs(
                        List.of(
                            "--no-sandbox",
                            "--disable-gpu",
                            "--disable-quic",
                            "--no-first-run",
                            "--disable-background-networking",
                            "--disable-component-update",
                            "--disable-sync")));
    context = browser.newContext(new NewContextOptions().setViewportSize(WIDE, 900));
    context.setDefaultTimeout(20_000);
    page = context.newPage();
    page.onConsoleMessage(
        m -> {
          if (m.type().equals("error") && !m.text().contains("Failed to load resource")) {
            complaints.add(m.text());
          }
        });
    page.onPageError(complaints::add);
    String here = Rest.uri("/").toString();
    page.onRequest(
        r -> {
          if (!r.url().startsWith(here) && !r.url().startsWith("data:")) {
            complaints.add("asked " + r.url());
          }
        });
  }

  /** The page that is shown. */
  Page page() {
    return page;
  }

  /** Goes to a page. */
  Page open(String path) {
    page.navigate(Rest.uri(path).toString());
    return page;
  }

  /**
   * Takes pictures of the page, wide and narrow, light and dark, into target/console; nothing may
   * be wider than the window.
   */
  void picture(String name) {
    for (int width : new int[] {WIDE, NARROW}) {
      page.setViewportSize(width, 900);
      for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
        page.screenshot(
            new Page.ScreenshotOptions()
                .setFullPage(true)
                // Else a style of Playwright's own is refused by the policy.
                .setCaret(ScreenshotCaret.INITIAL)
                .setPath(
                    Path.of(
                        "target/console/%s-%d-%s.png"
                            .formatted(
                                name, width, scheme.name().toLowerCase(java.util.Locale.ROOT)))));
      }
      assertEquals(
          width,
          ((Number) page.evaluate("document.documentElement.scrollWidth")).intValue(),
          name + " is too wide");
    }
    page.setViewportSize(WIDE, 900);
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
    assertEquals(List.of(), complaints);
  }
}
