package dev.tutti.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import dev.tutti.kit.testing.Chromium;

/** What a person does on any page of the console. */
abstract class ConsoleVisit {

  private static final String OWN = "a long one of her own";

  Chromium browser;
  Page page;

  final void begin(Chromium chromium) {
    browser = chromium;
    page = chromium.page();
  }

  /** With a one-time password, which is changed. */
  final void signIn(String once) {
    titled("Overview");
    go(link("Sign in"));
    page.getByLabel("User").fill("admin");
    page.getByLabel("Password", exact()).fill(once);
    go(button("Sign in"));
    titled("Your account");
    page.getByLabel("Password so far").fill(once);
    page.getByLabel("New password", exact()).fill(OWN);
    page.getByLabel("New password again").fill(OWN);
    look("account");
    go(button("Change it"));
    titled("Overview");
    look("overview");
  }

  /** Takes a member into the form of an ensemble. */
  final void choose(String find, String name) {
    page.getByLabel("Look for models and ensembles").fill(find);
    go(button("Look"));
    page.getByLabel(name, exact()).check();
  }

  /** Of a job, whose page looks again by itself. */
  final void succeeded() {
    assertThat(page.locator(".title .state"))
        .hasText("succeeded", new LocatorAssertions.HasTextOptions().setTimeout(60_000));
  }

  /** For who wants pictures: that axe finds nothing serious is the registry's own tests to say. */
  final void look(String name) {
    if (Boolean.getBoolean("tutti.pictures")) {
      browser.look("journey-" + name);
    }
  }

  /** Clicks, and waits for the page that comes, until it listens. */
  final void go(Locator there) {
    page.evaluate("document.querySelector('h1').dataset.old = 'yes'");
    there.click();
    assertThat(page.locator("h1:not([data-old])")).hasCount(1);
    browser.listens();
  }

  final void titled(String title) {
    assertThat(page.locator("h1")).hasText(title);
  }

  final Locator table(String label) {
    return page.getByRole(AriaRole.REGION, new Page.GetByRoleOptions().setName(label));
  }

  final Locator link(String name) {
    return page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  final Locator button(String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  static Page.GetByLabelOptions exact() {
    return new Page.GetByLabelOptions().setExact(true);
  }
}
