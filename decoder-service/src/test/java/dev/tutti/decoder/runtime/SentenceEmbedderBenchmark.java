package dev.tutti.decoder.runtime;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tutti.kit.grpc.CancelledException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What sharing passes is worth, and how long one text waits beside somebody's many: {@code ./mvnw
 * -pl decoder-service -am test -Pbenchmark}. Medians of rounds in turns.
 */
@Tag("benchmark")
class SentenceEmbedderBenchmark {

  private static final int ROUNDS = 15;
  private static final int TEXTS = 64;

  @Test
  void passesOfSixteenAgainstPassesOfOne() {
    var runtime = new OnnxRuntime(OnnxRuntime.Device.CPU);
    System.out.println("| tokens | alone, texts/s | sharing, texts/s | sharing / alone |");
    System.out.println("|---|---|---|---|");
    try (var alone = new SentenceEmbedder(runtime, 1, 1);
        var sharing = new SentenceEmbedder(runtime, 1, 16)) {
      for (int tokens : new int[] {6, 12, 18, 24}) {
        List<String> texts = texts(TEXTS, tokens - 2);
        var ratios = new double[ROUNDS];
        var one = new double[ROUNDS];
        var many = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
          one[round] = TEXTS / seconds(alone, texts);
          many[round] = TEXTS / seconds(sharing, texts);
          ratios[round] = many[round] / one[round];
        }
        System.out.printf(
            Locale.ROOT,
            "| %d | %.0f | %.0f | %.2f |%n",
            tokens,
            median(one),
            median(many),
            median(ratios));
      }
    }
  }

  @Test
  void oneTextBesideSomebodysMany() throws InterruptedException {
    try (var embedder = new SentenceEmbedder(new OnnxRuntime(OnnxRuntime.Device.CPU), 2, 16)) {
      embedder.await();
      Thread bulk =
          Thread.ofVirtual()
              .start(
                  () ->
                      assertThrows(
                          CancelledException.class, () -> embedder.embed(texts(200, 300))));
      var waits = new double[ROUNDS];
      for (int round = 0; round < ROUNDS; round++) {
        Thread.sleep(100);
        waits[round] = 1_000 * seconds(embedder, texts(1, 4));
      }
      System.out.printf(
          Locale.ROOT,
          "One text beside 200 of 300 words (%s): median %.0f ms, longest %.0f ms%n",
          bulk.isAlive() ? "still at work" : "done",
          median(waits),
          Arrays.stream(waits).max().orElseThrow());
      bulk.interrupt();
      bulk.join();
    }
  }

  /** Words of one token each. */
  private static List<String> texts(int count, int words) {
    List<String> some = List.of("bread ", "stock ", "engine ", "rain ", "code ", "match ", "loaf ");
    return IntStream.range(0, count)
        .mapToObj(
            text ->
                String.join(
                    "",
                    IntStream.range(0, words)
                        .mapToObj(word -> some.get((text * 3 + word * (1 + text % 5)) % 7))
                        .toList()))
        .toList();
  }

  private static double seconds(SentenceEmbedder embedder, List<String> texts) {
    long start = System.nanoTime();
    embedder.embed(texts);
    return (System.nanoTime() - start) / 1e9;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
