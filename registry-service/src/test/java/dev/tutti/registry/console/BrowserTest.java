package dev.tutti.registry.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Keyboard;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.FilePayload;
import dev.tutti.registry.testing.Datasets;
import dev.tutti.registry.testing.OfRegistry;
import dev.tutti.registry.testing.RegistryTestResource;
import dev.tutti.registry.testing.Rest;
import dev.tutti.registry.testing.ScriptedAnswers;
import dev.tutti.registry.testing.Surroundings;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
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
      button(page, "Leaderboard", AriaRole.LINK).click();
      assertThat(page.locator("h1")).hasText("Leaderboard");
      browser.look("leaderboard");
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
      browser.listens();
      page.getByLabel("Search").fill("coi");
      assertThat(page.locator("tbody tr")).hasCount(1);
      browser.look("methods");
      button(page, "coin", AriaRole.LINK).click();
      page.getByLabel("Name (required)").fill("pool-coin");
      browser.listens();
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
  void linesAreImportedFittedComparedAndActivated() {
    try (var browser = new Browser()) {
      Page page = browser.open("/console/datasets");
      button(page, "Import lines", AriaRole.LINK).first().click();
      page.getByLabel("Dataset (required)").fill("seen-sums");
      page.getByLabel("Costs are").selectOption("usd_per_call");
      page.getByLabel("File (required)")
          .setInputFiles(
              new FilePayload(
                  "sums.jsonl",
                  "application/octet-stream",
                  (Datasets.line("q1", "train", 1) + "{}\n").getBytes(StandardCharsets.UTF_8)));
      browser.look("import");
      button(page, "Import", AriaRole.BUTTON).click();
      // The page looks again by itself until the job has ended.
      assertThat(page.locator(".state")).hasText("succeeded");
      assertThat(page.locator("main")).containsText("Lines that were refused");
      browser.look("job");
      button(page, "Dataset seen-sums", AriaRole.LINK).click();
      assertThat(page.locator("h1")).hasText("seen-sums");
      browser.look("dataset");
      button(page, "Look at its queries", AriaRole.LINK).click();
      page.getByText("2 answers").click();
      browser.look("queries");
      page.goBack();
      button(page, "Tell who", AriaRole.BUTTON).click();
      assertThat(page.locator("h1")).hasText("Who may write together");
      browser.look("partners");
      page.goBack();
      button(page, "Fit a method", AriaRole.LINK).click();
      assertThat(page.locator("h1")).hasText("Fit a method");
      browser.look("fits");
      button(page, "ladder", AriaRole.LINK).click();
      page.getByLabel("Artifact (required)").fill("org/Fit");
      page.getByLabel("good", new Page.GetByLabelOptions().setExact(true)).check();
      page.getByLabel("steps").fill("3");
      button(page, "Check, and begin nothing", AriaRole.BUTTON).click();
      assertThat(page.getByRole(AriaRole.STATUS)).containsText("It can be started");
      browser.look("fit-form");
      button(page, "Start the fit", AriaRole.BUTTON).click();
      button(page, "Artifact org/Fit, version 2", AriaRole.LINK).click();
      assertThat(page.locator("h1")).hasText("org/Fit");
      page.getByLabel("compare version 1").check();
      page.getByLabel("compare version 2").check();
      page.getByLabel("And these").fill("router-service/org/Fit/2");
      button(page, "Compare", AriaRole.BUTTON).click();
      assertThat(page.locator("svg.curves .line circle")).hasCount(3);
      assertThat(page.locator("svg.curves .oracle")).hasCount(1);
      browser.look("comparison");
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
      browser.open("/console/artifacts/router-service/org%2FFit/shadow?version=1");
      browser.look("shadow");
      button(page, "Fits", AriaRole.LINK).click();
      button(page, "Evaluations of policies", AriaRole.LINK).click();
      assertThat(page.locator("h1")).hasText("Evaluations");
      browser.look("evaluations");
      page.locator("tbody a").first().click();
      assertThat(page.locator("tbody")).containsText("Self-normalised");
      browser.look("evaluation");
      browser.open("/console/evaluations/~new?policy=shadow");
      browser.look("evaluation-form");
    }
  }

  @Test
  void aDatasetIsEstimatedAndRecorded() {
    try (var browser = new Browser()) {
      Rest.createModel("0-seen-good", "full");
      Rest.createModel("0-seen-bad", "full");
      Rest.createModel("0-seen-long-" + "w".repeat(116), "full");
      Page page = browser.open("/console/datasets");
      button(page, "Record by asking members", AriaRole.LINK).click();
      assertThat(page.locator("h1")).hasText("Record a dataset");
      page.getByLabel("Dataset (required)").fill("seen-recorded");
      page.getByLabel("0-seen-good").check();
      page.getByLabel("0-seen-bad").check();
      page.getByLabel("Scorer").selectOption("number");
      page.getByLabel("Questions (required)")
          .setInputFiles(
              new FilePayload(
                  "q.jsonl",
                  "application/x-ndjson",
                  "{\"prompt\": \"6*7=\", \"reference\": 42}\n{\"prompt\": \"6*8=\"}\n"
                      .getBytes(StandardCharsets.UTF_8)));
      button(page, "Estimate the cost", AriaRole.BUTTON).click();
      assertThat(page.getByRole(AriaRole.ALERT)).containsText("budget_usd is required");
      browser.look("recording-refused");
      page.getByLabel("Budget (required)").fill("1");
      button(page, "Estimate the cost", AriaRole.BUTTON).click();
      assertThat(page.getByRole(AriaRole.STATUS)).containsText("It would cost about");
      assertThat(page.getByRole(AriaRole.STATUS)).containsText("Line 2");
      browser.look("recording-estimated");
      // What was chosen is still there.
      button(page, "Start", AriaRole.BUTTON).click();
      assertThat(page.locator("h1")).hasText("record of registry-service");
      assertThat(page.locator(".title .state")).hasText("succeeded");
      assertThat(page.locator("tbody").first()).containsText("0-seen-good");
      assertThat(page.locator("td[data-label='Mean score']")).hasText(new String[] {"0", "1"});
      browser.look("recording");
    }
  }

  @Test
  void twoAreAskedSideBySideAndOneIsRated() {
    try (var browser = new Browser()) {
      ScriptedAnswers router = Surroundings.open().answers();
      Rest.createModel("shown-model", "full");
      Rest.createModel("shown-plain", "plain");
      Rest.createEnsemble("shown-together", "mean", "m:shown-model");
      Page page = browser.open("/console/models");
      // Through the navigation: what a page's script listens to stands on every page.
      button(page, "Playground", AriaRole.LINK).click();
      assertThat(page.locator("h1")).hasText("Playground");
      browser.listens();
      page.getByLabel("Look for models and ensembles").fill("shown-");
      assertThat(page.locator("#whom label")).hasCount(3);
      page.getByLabel("shown-together").check();
      page.getByLabel("shown-plain").check();
      page.getByLabel("Question").fill("hold");
      button(page, "Ask", AriaRole.BUTTON).click();
      Locator together = page.getByLabel("shown-together", exact()).and(page.locator("article"));
      Locator plain = page.getByLabel("shown-plain", exact()).and(page.locator("article"));
      assertThat(together.locator(".said")).hasText("I begin. ");
      assertThat(plain.locator(".now")).hasText("It is writing.");
      button(page, "Stop shown-plain", AriaRole.BUTTON).click();
      assertThat(plain.locator(".now")).containsText("It was stopped.");
      assertTrue(acquired(router.calledOff()));
      router.held().release();
      assertThat(together.locator(".now")).hasText("It has ended.");
      assertThat(together.locator(".said")).hasText("I begin. " + ScriptedAnswers.TEXT);
      assertThat(together.locator(".facts")).containsText("0.0001235 USD");
      together.locator(".token").nth(1).hover();
      assertThat(together.locator(".opinions"))
          .containsText("bert: gave it nothing, wanted \"<u>acht</u>\"");
      together.locator(".token").first().focus();
      assertThat(together.locator(".opinions")).containsText("onclick");
      page.keyboard().press("ArrowRight");
      assertThat(together.locator(".opinions")).containsText("\"Sieben\" 75 %");
      assertThat(together.locator(".opinions")).containsText("anna: 88 %, its own choice");
      button(page, "Good", AriaRole.BUTTON).click();
      assertThat(together.locator(".kept")).containsText("anna, bert: good");
      button(page, "Bad", AriaRole.BUTTON).click();
      assertThat(together.locator(".kept")).containsText("anna, bert: bad");
      assertThat(button(page, "Bad", AriaRole.BUTTON)).hasAttribute("aria-pressed", "true");
      browser.look("playground");
      page.getByLabel("Question").fill("fail");
      page.keyboard().press("Control+Enter");
      assertThat(plain.getByRole(AriaRole.ALERT)).containsText("All <i>members</i> failed.");
      browser.look("playground-failed");
      page.getByLabel("Question").fill("hold");
      button(page, "Ask", AriaRole.BUTTON).click();
      assertThat(together.locator(".said")).hasText("I begin. ");
      // Another page in its place ends what goes on, as a closed one does.
      button(page, "Models", AriaRole.LINK).click();
      assertTrue(acquired(router.calledOff()) && acquired(router.calledOff()));
      browser.open("/console/playground?name=shown-plain");
      page.getByLabel("Question").fill("hold");
      button(page, "Ask", AriaRole.BUTTON).click();
      assertThat(plain.locator(".said")).hasText("I begin. ");
      page.close();
      assertTrue(acquired(router.calledOff()));
    }
  }

  private static Page.GetByLabelOptions exact() {
    return new Page.GetByLabelOptions().setExact(true);
  }

  private static boolean acquired(Semaphore semaphore) {
    try {
      return semaphore.tryAcquire(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static Locator button(Page page, String name, AriaRole role) {
    return page.getByRole(role, new Page.GetByRoleOptions().setName(name).setExact(true));
  }
}
