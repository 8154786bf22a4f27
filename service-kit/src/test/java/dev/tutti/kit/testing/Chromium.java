package dev.tutti.kit.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ScreenshotCaret;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * The machine's own Chromium, without a screen. What a page complains of, such as a script that the
 * policy refuses, or asks another host for, fails the test.
 */
public class Chromium implements AutoCloseable {

  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final String AXE = axe();

  /** What it finds, in words: the rule, and where. */
  private static final String SERIOUS =
      """
      async () => (await axe.run()).violations
          .filter(v => v.impact === 'serious' || v.impact === 'critical')
          .map(v => v.id + ': ' + v.nodes.map(n => n.html).join(' '))""";

  /** Longest wait for a condition, in milliseconds. */
  private static final int TIMEOUT = 20_000;

  private static final int WIDE = 1280;
  private static final int NARROW = 390;

  private final Playwright playwright;
  private final com.microsoft.playwright.Browser browser;
  private final BrowserContext context;
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private final Page page;
  private final URI home;

  /**
   * Starts it; the test is skipped where the machine has none.
   *
   * @param headers that it sends along with everything
   * @param home where paths begin
   * @param others whom its pages may ask too
   */
  public Chromium(Map<String, String> headers, URI home, URI... others) {
    Assumptions.assumeTrue(Files.isExecutable(CHROMIUM), "No Chromium at " + CHROMIUM);
    this.home = home;
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser = launched();
    // The first page of a busy machine takes longer than Playwright's own 5 s.
    PlaywrightAssertions.setDefaultAssertionTimeout(TIMEOUT);
    context = browser.newContext(new NewContextOptions().setViewportSize(WIDE, 900));
    context.setExtraHTTPHeaders(headers);
    context.setDefaultTimeout(TIMEOUT);
    page = context.newPage();
    page.onConsoleMessage(
        m -> {
          if (m.type().equals("error") && !m.text().contains("Failed to load resource")) {
            complaints.add(m.text());
          }
        });
    page.onPageError(complaints::add);
    List<String> known =
        Stream.concat(Stream.of(home), Stream.of(others))
            .map(its -> its.resolve("/") + "")
            .toList();
    page.onRequest(
        r -> {
          if (known.stream().noneMatch(r.url()::startsWith) && !r.url().startsWith("data:")) {
            complaints.add("asked " + r.url());
          }
        });
  }

  private com.microsoft.playwright.Browser launched() {
    try {
      return playwright
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
    } catch (RuntimeException e) {
      playwright.close();
      throw e;
    }
  }

  /** The page that is shown. */
  public Page page() {
    return page;
  }

  /** Goes to a page. */
  public Page open(String path) {
    page.navigate(home.resolve(path).toString());
    return page;
  }

  /** Waits until htmx listens to what it has just put on the page. */
  public void listens() {
    PlaywrightAssertions.assertThat(page.locator(".htmx-swapping, .htmx-settling, .htmx-added"))
        .hasCount(0);
  }

  /**
   * Looks at the page, wide and light, narrow and dark: nothing is wider than the window, and axe
   * finds nothing serious. With {@code -Dtutti.pictures=true} pictures of all four are in
   * target/console.
   */
  public void look(String name) {
    page.evaluate(AXE);
    for (int width : new int[] {WIDE, NARROW}) {
      page.setViewportSize(width, 900);
      assertEquals(
          width,
          ((Number) page.evaluate("document.documentElement.scrollWidth")).intValue(),
          name + " is too wide");
      for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
        if ((width == WIDE) == (scheme == ColorScheme.LIGHT)) {
          assertEquals(List.of(), page.evaluate(SERIOUS), name);
        }
        if (Boolean.getBoolean("tutti.pictures")) {
          picture("%s-%d-%s".formatted(name, width, scheme.name().toLowerCase(Locale.ROOT)));
        }
      }
    }
    page.setViewportSize(WIDE, 900);
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
  }

  private void picture(String name) {
    page.screenshot(
        new Page.ScreenshotOptions()
            .setFullPage(true)
            // Else a style of Playwright's own is refused by the policy.
            .setCaret(ScreenshotCaret.INITIAL)
            .setPath(Path.of("target/console/%s.png".formatted(name))));
  }

  private static String axe() {
    try (InputStream file =
        Chromium.class.getResourceAsStream(
            "/META-INF/resources/webjars/axe-core/4.6.3/axe.min.js")) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
    assertEquals(List.of(), complaints);
  }
}
