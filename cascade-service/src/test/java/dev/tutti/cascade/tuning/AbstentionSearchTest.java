package dev.tutti.cascade.tuning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AbstentionSearchTest {

  /**
   * The weak one is sure of the first question, half sure of the second, and without hope at the
   * third, which the strong one does not know either.
   */
  private static final RecordedConfidences THREE =
      new RecordedConfidences(
          new double[][] {{.9f, .5f, .1f}, {.9f, .9f, .2f}},
          new double[][] {{.9, .5, .1}, {.9, .9, .2}},
          new double[] {1, 9});

  /** The best by {@code 1 - quality + lambda * usd}. */
  private static TunedPoints.Point best(List<TunedPoints.Point> points, double lambda) {
    return points.stream()
        .min(Comparator.comparingDouble(p -> 1 - p.quality() + lambda * p.usd()))
        .orElseThrow();
  }

  /**
   * At a price of .3 the third is given up at once (.3 + cost 1, against .3 + cost 10), the second
   * is asked on (.1 + 10 lambda, against .5 + 1 lambda), the first is taken.
   */
  @Test
  void whatIsHopelessIsGivenUpBeforeItCosts() {
    List<TunedPoints.Point> points = AbstentionSearch.tune(THREE, List.of(new int[] {0, 1}), .3, 0);
    TunedPoints.Point point = best(points, .01);
    assertEquals((1 + 10 + 1) / 3.0, point.usd(), 1e-6);
    assertEquals((.9 + .9 + .7) / 3, point.quality(), 1e-6);
    var thresholds = new StageThresholds(point.values());
    assertEquals(.1f, thresholds.abstain(0));
    assertEquals(.5f, thresholds.accept(0));
    assertEquals(.7f, thresholds.abstain(1), 1e-6);
    assertTrue(thresholds.acceptsAll(1));
  }

  /** Where cost counts for much, everything but the first is given up. */
  @Test
  void dearAnswersAreGivenUpToo() {
    TunedPoints.Point point =
        best(AbstentionSearch.tune(THREE, List.of(new int[] {0, 1}), .3, 0), .2);
    assertEquals(1, point.usd(), 1e-6);
    assertEquals((.9 + .7 + .7) / 3, point.quality(), 1e-6);
  }

  @Test
  void asManyAreAnsweredAsMustBe() {
    for (double least : new double[] {0, .5, .9, 1}) {
      for (TunedPoints.Point point :
          AbstentionSearch.tune(THREE, List.of(new int[] {0, 1}), .05, least)) {
        double answered = ThresholdGridTest.replayed(THREE, new StageThresholds(point.values()))[2];
        assertTrue(answered >= least - 1e-9, () -> answered + " of " + least);
      }
    }
  }

  /** One question more or less makes all the difference: no threshold of one stage improves it. */
  @Test
  void pointsAreWhatTheirThresholdsGive() {
    for (int seed = 0; seed < 30; seed++) {
      var random = new Random(seed);
      int members = 1 + random.nextInt(4);
      RecordedConfidences data = ThresholdGridTest.drawn(random, members, 1 + random.nextInt(20));
      double price = .05 + .9 * random.nextDouble();
      List<int[]> chains = ThresholdGrid.chains(IntStream.range(0, members).toArray(), 3);
      List<TunedPoints.Point> points = AbstentionSearch.tune(data, chains, price, .3);
      for (TunedPoints.Point point : points) {
        double[] its = ThresholdGridTest.replayed(data, new StageThresholds(point.values()));
        assertEquals(its[0], point.usd(), 1e-6);
        assertEquals(its[1] + (1 - price) * (1 - its[2]), point.quality(), 1e-6);
        assertTrue(its[2] >= .3 - 1e-9);
      }
    }
  }

  /** Without abstaining, two members: no threshold on the questions' own confidences is better. */
  @Test
  void aPairIsTunedExactly() {
    for (int seed = 0; seed < 30; seed++) {
      var random = new Random(seed);
      RecordedConfidences data = ThresholdGridTest.drawn(random, 2, 15);
      List<TunedPoints.Point> points = AbstentionSearch.tune(data, List.of(new int[] {0, 1}), 1, 0);
      TunedPoints.Point free = points.getLast();
      double best = 0;
      for (double threshold : data.confidence()[0]) {
        for (double t : new double[] {threshold, -.5}) {
          var thresholds = StageThresholds.of(2);
          thresholds.accept(0, Double.isNaN(t) ? 1 : t);
          thresholds.accept(1, StageThresholds.ALWAYS);
          best = Math.max(best, ThresholdGridTest.replayed(data, thresholds)[1]);
        }
      }
      assertEquals(best, free.quality(), 1e-6);
    }
  }
}
