package dev.tutti.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.FilePayload;
import dev.tutti.kit.testing.Chromium;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A person's whole way through the console, from the first sign-in to a key that is revoked. It
 * comes last: from then on everybody is asked for a password or a key.
 */
@ExtendWith(Platform.class)
@Order(Integer.MAX_VALUE)
class ConsoleJourneyIT extends ConsoleVisit {

  /** Of each task. */
  private static final int QUESTIONS = 24;

  private static final URI CONSOLE = URI.create(Platform.rest("registry") + "/console");
  private static final URI FRONT_DOOR = URI.create(Platform.rest("router") + "/");

  @Test
  void anAdministratorComesFromTheFirstPasswordToARevokedKey() throws IOException {
    try (var endpoint = new MockEndpoint();
        var chromium = new Chromium(Map.of(), CONSOLE, FRONT_DOOR)) {
      begin(chromium);
      page.navigate(FRONT_DOOR.toString());
      go(link("the console"));
      signIn(Files.readString(Platform.HOME.resolve("admin.password")).strip());
      // Whoever is nobody is let in no more.
      assertEquals(401, Http.get(Platform.rest("registry") + "/api/v1/models").status());
      registerModels(endpoint);
      buildAnEnsemble();
      askIt(endpoint);
      findItsDecision();
      record();
      fitTwice();
      compareAndActivate();
      askWhatLearned();
      String key = makeAKey();
      revoke(key);
      go(button("Sign out"));
      titled("Sign in");
      browser.open("/console/models");
      titled("Sign in");
    }
  }

  private void registerModels(MockEndpoint endpoint) {
    go(link("Models"));
    titled("Models");
    go(link("Register a model"));
    titled("Register a model");
    page.getByLabel("Name (required)").fill("journey-adder");
    page.getByLabel("Folder").fill("adder-weak-1");
    registered("full_distribution");
    assertThat(page.locator("main")).containsText("64 tokens");
    look("model");
    go(link("Models"));
    go(link("Register a model"));
    go(link("Endpoint"));
    page.getByLabel("Name (required)").fill("journey-slow");
    page.getByLabel("Endpoints (required)").fill(endpoint.url());
    page.getByLabel("Name at the endpoints").fill("mock-7b");
    page.getByLabel("Credential").fill("env:TUTTI_CREDENTIAL_E2E");
    registered("generation");
    assertThat(page.locator("main")).containsText("4,096 tokens");
  }

  /** What was found is shown before anything is saved. */
  private void registered(String capability) {
    String name = page.getByLabel("Name (required)").inputValue();
    page.getByLabel("Price of tokens read").fill("0.1");
    page.getByLabel("Price of tokens written").fill("0.3");
    page.getByLabel("Begins as").selectOption("active");
    go(button("Look, and save nothing"));
    assertThat(page.getByRole(AriaRole.STATUS)).containsText(capability);
    assertThat(page.getByRole(AriaRole.STATUS)).containsText("Nothing is saved yet.");
    look(name + "-found");
    go(button("Register"));
    titled(name);
    assertThat(page.locator(".title .state")).hasText("active");
  }

  private void buildAnEnsemble() {
    go(link("Ensembles"));
    titled("Ensembles");
    go(link("Register an ensemble"));
    titled("Choose a method");
    page.getByLabel("Search").fill("Breaking the Ceiling");
    assertThat(page.locator("tbody tr")).hasCount(1);
    browser.listens();
    go(link("gac"));
    titled("Register an ensemble");
    page.getByLabel("Name (required)").fill("journey-gac");
    choose("journey-", "journey-adder");
    assertThat(page.locator("tr.unfit")).containsText("journey-slow");
    choose("adder-weak-2", "adder-weak-2");
    page.getByLabel("threshold", exact()).fill("0.5");
    page.getByLabel("primary", exact()).fill("7");
    page.getByLabel("Begins as").selectOption("active");
    go(button("Check, and save nothing"));
    assertThat(page.getByRole(AriaRole.ALERT)).containsText("primary");
    look("ensemble-refused");
    page.getByLabel("primary", exact()).fill("1");
    go(button("Check, and save nothing"));
    assertThat(page.getByRole(AriaRole.STATUS)).containsText("It can be served");
    look("ensemble-found");
    go(button("Register"));
    titled("journey-gac");
    look("ensemble");
  }

  private void askIt(MockEndpoint endpoint) {
    go(link("Ask it"));
    titled("Playground");
    page.getByLabel("Look for models and ensembles").fill("journey-");
    assertThat(page.locator("#whom label")).hasCount(3);
    browser.listens();
    Locator second = page.locator("#whom input[value=journey-slow]");
    second.check();
    page.getByLabel("Question").fill("please repeat");
    button("Ask").click();
    Locator slow = page.locator("article[aria-label=journey-slow]");
    Locator together = page.locator("article[aria-label=journey-gac]");
    assertThat(slow.locator(".said")).hasText("Grüße");
    assertThat(slow.locator(".now")).hasText("It is writing.");
    assertThat(together.locator(".now")).hasText("It has ended.");
    browser.look("journey-playground-writing");
    endpoint.release();
    assertThat(slow.locator(".said")).hasText("GrüßeGrüße");
    assertThat(slow.locator(".now")).hasText("It has ended.");
    second.uncheck();
    page.getByLabel("Question").fill("618+467=");
    button("Ask").click();
    assertThat(slow).hasCount(0);
    assertThat(together.locator(".now")).hasText("It has ended.");
    assertThat(together.locator(".said")).hasText(Pattern.compile("[0-9]{3,4}"));
    together.locator(".token").first().hover();
    assertThat(together.locator(".opinions")).containsText("adder-weak-2: ");
    button("Good").click();
    assertThat(together.locator(".kept")).containsText("good");
    look("playground");
  }

  private void findItsDecision() {
    go(link("Its decision"));
    titled("journey-gac");
    String id = page.locator("dl.facts code").first().textContent();
    look("decision");
    go(link("Decisions"));
    titled("Decisions");
    page.getByLabel("Ensemble or model").fill("journey-gac");
    OutageIT.await(
        () -> {
          go(button("Search"));
          return link(id).count() == 1;
        });
    look("decisions");
    go(link(id));
    titled("journey-gac");
    assertThat(page.locator("dl.facts code").first()).hasText(id);
  }

  private void record() throws IOException {
    go(link("Datasets"));
    titled("Datasets");
    go(link("Record by asking members"));
    titled("Record a dataset");
    page.getByLabel("Dataset (required)").fill("journey-tasks");
    for (String member : List.of("adder-strong", "calculator", "journey-adder")) {
      page.getByLabel(member, exact()).check();
    }
    page.getByLabel("Scorer").selectOption("number");
    page.getByLabel("Budget").fill("1");
    page.getByLabel("Longest answer").fill("16");
    page.getByLabel("Temperature").fill("0");
    page.getByLabel("Split").fill("train");
    page.getByLabel("Questions (required)")
        .setInputFiles(new FilePayload("questions.jsonl", "application/x-ndjson", questions()));
    button("Estimate the cost").click();
    assertThat(page.getByRole(AriaRole.STATUS)).containsText("It would cost about");
    assertThat(page.getByRole(AriaRole.STATUS)).containsText(2 * QUESTIONS + " questions");
    look("recording-estimated");
    go(button("Start"));
    titled("record of registry-service");
    succeeded();
    assertThat(page.locator("progress")).hasAttribute("value", "" + 6 * QUESTIONS);
    look("recording");
    go(link("Dataset journey-tasks"));
    titled("journey-tasks");
    look("dataset");
  }

  private static byte[] questions() throws IOException {
    var lines = new StringBuilder();
    for (String task : List.of("addition", "subtraction")) {
      Path file = Platform.MODELS.resolve("eval/" + task + ".jsonl");
      for (String line : Files.readAllLines(file).subList(0, QUESTIONS)) {
        var question = Http.JSON.createObjectNode().put("domain", task);
        var read = Http.JSON.readTree(line);
        question.set("prompt", read.get("prompt"));
        question.set("reference", read.get("reference"));
        lines.append(question).append('\n');
      }
    }
    return lines.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void fitTwice() {
    go(link("Fit a method"));
    titled("Fit a method");
    go(link("knn"));
    titled("Fit knn");
    page.getByLabel("Artifact (required)").fill("journey-knn");
    fit("30", 1);
    go(link("Fit another version"));
    titled("Fit knn");
    page.getByLabel("Dataset (required)").selectOption("journey-tasks");
    fit("3", 2);
  }

  private void fit(String k, int version) {
    page.getByLabel("Held out").fill("0.4");
    page.getByLabel("k", exact()).fill(k);
    go(button("Check, and begin nothing"));
    assertThat(page.getByRole(AriaRole.STATUS)).containsText("It can be started");
    look("fit-" + version);
    go(button("Start the fit"));
    titled("fit of router-service");
    succeeded();
    go(link("Artifact journey-knn, version " + version));
    titled("journey-knn");
  }

  private void compareAndActivate() {
    page.getByLabel("compare version 1").check();
    page.getByLabel("compare version 2").check();
    look("artifact");
    go(button("Compare"));
    titled("Versions compared");
    assertThat(page.getByRole(AriaRole.STATUS)).containsText("on the same");
    assertThat(page.locator("svg.curves g.line")).hasCount(2);
    assertThat(page.locator("svg.curves g.alone")).hasCount(3);
    assertThat(page.locator("svg.curves g.oracle")).hasCount(1);
    assertThat(table("Members alone, and the oracle").locator("tbody tr")).hasCount(4);
    assertThat(table("On the queries that all held out").locator("tbody tr")).hasCount(2);
    browser.look("journey-comparison");
    go(link("journey-knn 2"));
    titled("journey-knn");
    go(button("Let version 2 answer"));
    assertThat(page.getByLabel("Version 2", exact()).locator(".state")).hasText("answers");
    assertThat(table("What was switched")).containsText("admin");
    look("artifact-active");
  }

  private void askWhatLearned() {
    go(link("Register an ensemble with it"));
    titled("Register an ensemble");
    page.getByLabel("Name (required)").fill("journey-router");
    assertThat(page.getByLabel("artifact", exact())).hasValue("journey-knn");
    for (String member : List.of("adder-strong", "calculator", "journey-adder")) {
      choose(member, member);
    }
    page.getByLabel("Begins as").selectOption("active");
    go(button("Check, and save nothing"));
    assertThat(page.getByRole(AriaRole.STATUS)).containsText("It can be served");
    go(button("Register"));
    titled("journey-router");
    go(link("Ask it"));
    page.getByLabel("Question").fill("912-347=");
    button("Ask").click();
    Locator answer = page.locator("article[aria-label=journey-router]");
    assertThat(answer.locator(".now")).hasText("It has ended.");
    go(link("Its decision"));
    titled("journey-router");
    assertThat(page.locator("dl.facts").first()).containsText("journey-knn, version 2");
    assertThat(page.locator("svg.candidates g.candidate")).hasCount(3);
    browser.look("journey-decision-router");
  }

  private String makeAKey() {
    assertEquals(200, Http.complete("journey-gac", "1+2=").status());
    go(link("Teams and keys"));
    titled("Teams and keys");
    go(link("Make a team"));
    page.getByLabel("Name (required)").fill("journey");
    go(button("Make the team"));
    titled("journey");
    go(link("Make a key"));
    page.getByLabel("Name (required)").fill("her key");
    page.getByLabel("use", exact()).check();
    page.getByLabel("Models and ensembles").fill("journey-gac");
    go(button("Make the key"));
    titled("The key is made");
    look("key-made");
    return page.getByLabel("Text of the key").inputValue();
  }

  private void revoke(String key) {
    OutageIT.await(() -> status(key, "journey-gac") == 200);
    assertEquals(403, status(key, "adder-strong"));
    assertEquals(401, Http.complete("journey-gac", "1+2=").status());
    go(link("To its page"));
    titled("her key");
    page.onDialog(dialog -> dialog.accept());
    look("key");
    go(button("Revoke"));
    assertThat(page.locator(".title .state")).hasText("revoked");
    OutageIT.await(() -> status(key, "journey-gac") == 401);
    look("key-revoked");
    assertFalse(page.content().contains(key.substring(11)), "told twice");
    assertTrue(page.content().contains(key.substring(0, 11)));
  }

  private static int status(String key, String model) {
    return Http.post(
            Platform.rest("router") + "/v1/chat/completions",
            Http.chat(model, "1+2=").toString(),
            "Authorization",
            "Bearer " + key)
        .status();
  }
}
