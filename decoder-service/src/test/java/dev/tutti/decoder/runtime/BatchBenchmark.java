package dev.tutti.decoder.runtime;

import dev.tutti.decoder.DecodeSession;
import dev.tutti.decoder.LanguageModel;
import dev.tutti.decoder.fixture.ModelFiles;
import dev.tutti.decoder.fixture.RandomDecoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What it saves to read several branches of one text in one pass, against a pass each, measured in
 * turns within one run: {@code ./mvnw -pl decoder-service -am test -Pbenchmark
 * -Dtest=BatchBenchmark -Dsurefire.failIfNoSpecifiedTests=false}. Medians over the rounds.
 */
@Tag("benchmark")
class BatchBenchmark {

  private static final int[] ROWS = {2, 4, 8, 16};
  private static final int PROMPT = 32;

  @TempDir Path folder;

  @Test
  void batchedPassesAgainstSingleOnes() {
    System.out.println(
        "| model | tokens read of each branch | 2 rows | 4 rows | 8 rows | 16 rows |");
    System.out.println("|---|---|---|---|---|---|");
    for (String name : List.of("adder-weak-1", "wordsmith", "generalist", "calculator")) {
      try (LanguageModel model = ModelFiles.load(name)) {
        measure(name, model, 40);
      }
    }
    RandomDecoder.gpt2(1).write(folder.resolve("gpt2"));
    var runtime = new OnnxRuntime(OnnxRuntime.Device.CPU);
    try (LanguageModel model =
        OnnxLanguageModel.load("gpt2", runtime, ModelFolder.below(folder, "gpt2"))) {
      measure("random, as large as GPT-2 (124 million parameters)", model, 3);
    }
  }

  private static void measure(String name, LanguageModel model, int rounds) {
    for (int tokens : new int[] {1, 8}) {
      var shown = new ArrayList<String>();
      for (int rows : ROWS) {
        shown.add("%.2f".formatted(ratio(model, rows, tokens, rounds)));
      }
      System.out.printf("| %s | %d | %s |%n", name, tokens, String.join(" | ", shown));
    }
  }

  /** How many times as fast as one after the other. */
  private static double ratio(LanguageModel model, int rows, int tokens, int rounds) {
    var random = new SplittableRandom(rows);
    try (DecodeSession session = model.open()) {
      session.append(random.ints(PROMPT, 0, 200).toArray());
      session.next();
      // The last token of a branch is scored, not read.
      List<int[]> branches =
          IntStream.range(0, rows)
              .mapToObj(_ -> random.ints(tokens + 1, 0, 200).toArray())
              .toList();
      var ratios = new double[rounds];
      for (int round = -1 - rounds / 4; round < rounds; round++) {
        long start = System.nanoTime();
        session.score(branches);
        long together = System.nanoTime() - start;
        start = System.nanoTime();
        for (int[] branch : branches) {
          try (DecodeSession fork = session.fork()) {
            // Its places up to the last token, which stays unread.
            fork.next(Arrays.copyOf(branch, tokens)).getLast().logProbability(branch[tokens]);
          }
        }
        long apart = System.nanoTime() - start;
        if (round >= 0) {
          ratios[round] = apart / (double) together;
        }
      }
      Arrays.sort(ratios);
      return ratios[rounds / 2];
    }
  }
}
