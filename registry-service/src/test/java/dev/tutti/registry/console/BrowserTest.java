package dev.tutti.registry.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Keyboard;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.tutti.registry.testing.Datasets;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A person's way through the console. */
@QuarkusTest
@QuarkusTestResource(RegistryTestResource.class)
@ExtendWith(OfRegistry.class)
class BrowserTest {

  @Test
  void aModelIsRegisteredFoundChangedAndRolledBack() {
    try (var browser = new Browser()) {
      Rest.createModel("seen-other", "plain");
      Page page = browser.open("/console");
      assertThat(page.locator("h1")).hasText("Overview");
      page.getByText("The same as a table").click();
      browser.look("overview");
      button(page, "Models", AriaRole.LINK).click();
      assertThat(page.locator("h1")).hasText("Models");
      browser.look("models");
      button(page, "Register a model", AriaRole.LINK).click();
      page.getByLabel("Name (required)").fill("seen-model");
      page.getByLabel("Folder").fill("corrupt");
      page.getByLabel("Price of tokens read").fill("0.5");
      page.getByLabel("Price of tokens written").fill("1.5");
      button(page, "Look, and save nothing", AriaRole.BUTTON).click();
      assertThat(page.getByRole(AriaRole.ALERT)).containsText("is no ONNX file");
      browser.look("model-refused");
      page.getByLabel("Folder").fill("full");
      page.getByLabel("Description").fill("It is seen.");
      button(page, "Look, and save nothing", AriaRole.BUTTON).click();
      assertThat(page.getByRole(AriaRole.STATUS)).containsText("full_distribution");
      browser.look("model-found");
      button(page, "Register", AriaRole.BUTTON).click();
      assertThat(page.locator("h1")).hasText("seen-model");
      button(page, "Make it active", AriaRole.BUTTON).click();
      assertThat(page.locator(".title .state")).hasText("active");
      button(page, "Change", AriaRole.LINK).click();
      page.getByLabel("Price of tokens read").fill("7");
      button(page, "Look, and save nothing", AriaRole.BUTTON).click();
      assertThat(page.getByRole(AriaRole.STATUS)).containsText("full_distribution");
      button(page, "Save", AriaRole.BUTTON).click();
      assertThat(page.locator("h1")).hasText("seen-model");
      Rest.createEnsemble("seen-user", "coin", "m:seen-model");
      page.reload();
      page.getByText("As curl").click();
      browser.look("model");
      page.getByText("Differences, roll back").first().click();
      assertThat(page.locator("del")).hasCount(1);
      browser.look("diff");
      button(page, "Roll back to version 2", AriaRole.BUTTON).click();
      assertThat(page.locator("main")).containsText("0.5 USD a million");
      // By keyboard alone: the list follows while one types, and the address with it.
      button(page, "Models", AriaRole.LINK).click();
      assertThat(page.locator("h1")).hasText("Models");
      page.getByLabel("Search").focus();
      page.keyboard().type("seen-o", new Keyboard.TypeOptions().setDelay(60));
      assertThat(page.locator("tbody tr")).hasCount(1);
      assertThat(page).hasURL(Pattern.compile(".*text=seen-o.*"));
      assertThat(page.getByLabel("Search")).isFocused();
    }
  }

  @Test
  void anEnsembleIsBuiltFromTheCatalogAndABadOneRefused() {
    try (var browser = new Browser()) {
      Rest.createModel("pool-strong", "full");
      Rest.createModel("pool-plain", "plain");
      Page page = browser.open("/console/ensembles");
      button(page, "Register an ensemble", AriaRole.LINK).click();
      assertThat(page.locator("h1")).hasText("Choose a method");
      page.getByLabel("Search").fill("coi");
      assertThat(page.locator("tbody tr")).hasCount(1);
      browser.look("methods");
      button(page, "coin", AriaRole.LINK).click();
      page.getByLabel("Name (required)").fill("pool-coin");
      page.getByLabel("Look for models and ensembles").fill("pool-");
      button(page, "Look", AriaRole.BUTTON).click();
      assertThat(page.locator("tbody tr")).hasCount(2);
      page.getByLabel("pool-plain", new Page.GetByLabelOptions().setExact(true)).check();
      page.getByLabel("pool-strong", new Page.GetByLabelOptions().setExact(true)).check();
      page.getByLabel("Role of pool-strong").selectOption("judge");
      page.getByLabel("tilt").fill("4");
      button(page, "Check, and save nothing", AriaRole.BUTTON).click();
      assertThat(page.getByRole(AriaRole.ALERT)).containsText("settings.tilt");
      browser.look("ensemble-refused");
      page.getByLabel("tilt").fill("0.25");
      page.getByLabel("Begins as").selectOption("active");
      button(page, "Check, and save nothing", AriaRole.BUTTON).click();
      assertThat(page.getByRole(AriaRole.STATUS)).containsText("It can be served");
      browser.look("ensemble-found");
      button(page, "Register", AriaRole.BUTTON).click();
      assertThat(page.locator("h1")).hasText("pool-coin");
      browser.look("ensemble");
      button(page, "Audit log", AriaRole.LINK).click();
      assertThat(page.locator("h1")).hasText("Audit log");
      assertThat(page.locator("tbody tr").first()).containsText("pool-coin");
      browser.look("audit");
      button(page, "Jobs", AriaRole.LINK).click();
      assertThat(page.locator("h1")).hasText("Jobs");
      assertThat(page.locator("tbody")).containsText("router-service");
      browser.look("jobs");
      page.goBack();
      assertThat(page.locator("h1")).hasText("Audit log");
      button(page, "Ensembles", AriaRole.LINK).click();
      assertThat(page.locator("h1")).hasText("Ensembles");
      browser.look("ensembles");
      page.navigate(Rest.uri("/console/ensembles/~new?method=mean").toString());
      assertThat(page.locator("tr.unfit").first()).containsText("lacks full_distribution");
      browser.look("ensemble-greyed");
    }
  }

  @Test
  void versionsOfAFitAreComparedAndOneSwitched() {
    try (var browser = new Browser()) {
      Datasets.take("seen-sums", "", Datasets.line("q", "train", 1));
      Page page = browser.open("/console/datasets");
      browser.look("datasets");
      button(page, "seen-sums", AriaRole.LINK).click();
      assertThat(page.locator("h1")).hasText("seen-sums");
      browser.look("dataset");
      button(page, "Fits", AriaRole.LINK).click();
      assertThat(page.locator("h1")).hasText("Fits");
      browser.look("artifacts");
      button(page, "org/Fit", AriaRole.LINK).first().click();
      assertThat(page.locator("h1")).hasText("org/Fit");
      // The page that comes has the same heading, so this one's is marked.
      page.evaluate("document.querySelector('h1').dataset.old = 'yes'");
      button(page, "Let version 1 answer", AriaRole.BUTTON).click();
      assertThat(page.locator("h1:not([data-old])")).hasText("org/Fit");
      assertEquals(
          "activate", Rest.get("audit?name=org%2FFit").json().at("/items/0/action").asText());
      browser.look("artifact");
      page.getByLabel("Versions", new Page.GetByLabelOptions().setExact(true))
          .fill("1, 2, other/1");
      page.keyboard().press("Enter");
      assertThat(page.locator("svg.curves circle")).hasCount(3);
      browser.look("comparison");
    }
  }

  private static Locator button(Page page, String name, AriaRole role) {
    return page.getByRole(role, new Page.GetByRoleOptions().setName(name).setExact(true));
  }
}
