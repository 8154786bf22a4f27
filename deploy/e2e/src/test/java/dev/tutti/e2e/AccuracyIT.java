package dev.tutti.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tutti.generation.v1.Completion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the ensembles are worth on held-out sums, through the whole platform. */
@ExtendWith(Platform.class)
class AccuracyIT {

  private static final int ITEMS = 400;

  private record Item(String prompt, String reference) {}

  /** Share right, and US dollars per thousand requests. */
  private record Score(double accuracy, double usd) {}

  @Test
  void tokenEnsemblesGainAndCascadesSave() throws Exception {
    List<Item> items = items();
    assertTrue(items.size() >= 300, "held-out items: " + items.size());
    Map<String, Score> scores = new LinkedHashMap<>();
    for (String model :
        List.of(
            "adder-weak-1",
            "adder-weak-2",
            "adder-weak-3",
            "adder-strong",
            "adders-blend",
            "adders-gac",
            "adders-vote",
            "adders-cascade")) {
      scores.put(model, score(model, items));
    }
    System.out.printf("%nHeld-out sums, %d items, over gRPC:%n", items.size());
    System.out.printf("%-16s %8s %16s%n", "model", "right %", "usd / 1000 calls");
    scores.forEach(
        (model, s) ->
            System.out.printf(
                Locale.ROOT, "%-16s %8.1f %16.6f%n", model, 100 * s.accuracy(), 1000 * s.usd()));
    double bestWeak =
        List.of("adder-weak-1", "adder-weak-2", "adder-weak-3").stream()
            .mapToDouble(m -> scores.get(m).accuracy())
            .max()
            .orElseThrow();
    Score strong = scores.get("adder-strong");
    Score cascade = scores.get("adders-cascade");
    assertTrue(
        scores.get("adders-gac").accuracy() >= bestWeak + 0.10,
        "GaC is less than 10 points above the best weak adder");
    assertTrue(
        cascade.accuracy() >= strong.accuracy() - 0.01,
        "the cascade loses more than 1 point against the strong adder");
    assertTrue(cascade.usd() < strong.usd(), "the cascade costs no less than the strong adder");
  }

  private static Score score(String model, List<Item> items) throws Exception {
    int right = 0;
    double usd = 0;
    try (var threads = Executors.newFixedThreadPool(4)) {
      List<Future<Completion>> answers =
          threads.invokeAll(
              items.stream()
                  .map(
                      i ->
                          (Callable<Completion>)
                              () -> AnswersIT.generate(model, i.prompt(), i.prompt().hashCode()))
                  .toList());
      for (int i = 0; i < items.size(); i++) {
        Completion completion = answers.get(i).get();
        right += completion.getText().strip().equals(items.get(i).reference()) ? 1 : 0;
        usd += completion.getCostUsd();
      }
    }
    return new Score(right / (double) items.size(), usd / items.size());
  }

  private static List<Item> items() throws IOException {
    Path file =
        Platform.ROOT.resolve(
            "starter-models/src/main/resources/tutti/starter/eval/addition.jsonl");
    List<Item> items = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      JsonNode json = Http.JSON.readTree(line);
      items.add(new Item(json.get("prompt").asText(), json.get("reference").asText()));
    }
    return items.subList(0, Math.min(ITEMS, items.size()));
  }
}
