package dev.tutti.registry.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A person's way through decisions. */
@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class DecisionBrowserTest {

  @Test
  void aDecisionIsFoundAndSeen() {
    try (var browser = new Browser()) {
      Page page = browser.open("/console/decisions");
      assertThat(page.locator("tbody tr")).hasCount(6);
      browser.look("decisions");
      page.getByLabel("What failed").selectOption("member");
      assertThat(page.locator("tbody tr")).hasCount(1);
      assertThat(page).hasURL(Pattern.compile(".*failed=member.*"));
      link(page, "climb-1");
      assertThat(page.locator("h1")).hasText("steps");
      assertThat(page.locator(".rungs tbody tr")).hasCount(5);
      browser.look("decision-cascade");
      page.locator(".tree").getByText("jury").click();
      assertThat(page.locator("h1")).hasText("jury");
      // By keyboard alone.
      page.locator(".brand").focus();
      link(page, "Decisions");
      assertThat(page.locator("h1")).hasText("Decisions");
      page.getByLabel("Id", new Page.GetByLabelOptions().setExact(true)).focus();
      page.keyboard().type("route-1");
      page.keyboard().press("Enter");
      assertThat(page.locator("h1")).hasText("org/Route");
      assertThat(page.locator("svg.candidates g.chosen").first()).isVisible();
      assertThat(page.locator("main")).containsText("rated 0.75");
      browser.look("decision-router");
      browser.open("/console/decisions/vote-1");
      browser.look("decision-fusion");
    }
  }

  private static void link(Page page, String name) {
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true)).click();
  }
}
