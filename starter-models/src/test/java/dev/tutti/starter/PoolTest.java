package dev.tutti.starter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The members differ enough that choosing among them is worth something. */
class PoolTest {

  private static final int ITEMS = 40;
  private static final int MOST_BYTES = 12_000_000;

  @Test
  void anOraclesChoiceIsTwelvePointsAboveTheBestSingleModelAndNoneIsBestEverywhere()
      throws IOException, OrtException {
    Map<String, double[]> accuracies = new LinkedHashMap<>();
    boolean[][] anyone = new boolean[Tasks.ALL.size()][ITEMS];
    for (String name : StarterFiles.ALL) {
      if (StarterFiles.isJudge(name)) {
        continue;
      }
      double[] accuracy = new double[Tasks.ALL.size()];
      try (StarterModel model = new StarterModel(name)) {
        for (int t = 0; t < accuracy.length; t++) {
          List<TaskItem> items = StarterFiles.heldOut(Tasks.ALL.get(t).name());
          boolean[] right = model.right(items.subList(0, ITEMS));
          accuracy[t] = StarterModel.share(right);
          for (int i = 0; i < ITEMS; i++) {
            anyone[t][i] |= right[i];
          }
        }
      }
      accuracies.put(name, accuracy);
      System.out.printf("%s %.3f %s%n", name, mean(accuracy), Arrays.toString(accuracy));
    }
    double best = accuracies.values().stream().mapToDouble(PoolTest::mean).max().orElseThrow();
    double oracle = Arrays.stream(anyone).mapToDouble(StarterModel::share).average().orElseThrow();
    System.out.printf("best single %.3f, oracle %.3f%n", best, oracle);
    assertTrue(oracle >= best + 0.12, oracle + " against " + best);
    for (double[] one : accuracies.values()) {
      boolean bestEverywhere = true;
      for (int t = 0; t < one.length; t++) {
        int task = t;
        bestEverywhere &= accuracies.values().stream().allMatch(other -> other[task] <= one[task]);
      }
      assertFalse(bestEverywhere);
    }
  }

  @Test
  void theModelsAreSmallAndCutTextInAtLeastThreeWays() throws IOException {
    long bytes = 0;
    Set<String> tokenizers = new HashSet<>();
    Set<String> attentions = new HashSet<>();
    for (String name : StarterFiles.ALL) {
      bytes += StarterFiles.bytes(name + "/model.onnx").length;
      tokenizers.add(Arrays.toString(StarterFiles.bytes(name + "/tokenizer.json")));
      attentions.add(StarterFiles.json(name + "/manifest.json").get("attention").asText());
    }
    assertTrue(bytes < MOST_BYTES, bytes + " bytes");
    assertTrue(tokenizers.size() >= 3, tokenizers.size() + " tokenizers");
    assertEquals(Set.of("basic", "grouped_query"), attentions);
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }
}
