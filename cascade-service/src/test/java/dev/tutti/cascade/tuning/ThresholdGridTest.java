package dev.tutti.cascade.tuning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ThresholdGridTest {

  /** Two questions: the weak one is sure of the first alone. */
  private static final RecordedConfidences TWO =
      new RecordedConfidences(
          new double[][] {{.9f, .2f}, {.8f, .7f}},
          new double[][] {{.9, .2}, {.8, .7}},
          new double[] {1, 10});

  private static List<double[]> shown(List<TunedPoints.Point> points) {
    return points.stream().map(p -> new double[] {p.usd(), p.quality()}).toList();
  }

  /** All quantiles lie within [.2, .9): whichever it is, the second question alone is deferred. */
  @Test
  void whatIsNotSureEnoughPaysForTheNextOne() {
    List<TunedPoints.Point> points = ThresholdGrid.tune(TWO, List.of(new int[] {0, 1}));
    assertEquals(1, points.size());
    // 1 for the first, 11 for the second; .9 and .7.
    assertArrayEquals(new double[] {6, .8}, shown(points).getFirst(), 1e-6);
    var thresholds = new StageThresholds(points.getFirst().values());
    assertTrue(thresholds.accept(0) >= .2 && thresholds.accept(0) < .9);
    assertTrue(thresholds.acceptsAll(1) && thresholds.abstain(0) < 0 && thresholds.abstain(1) < 0);
  }

  @Test
  void partsGoFromTheCheapestToTheBest() {
    List<int[]> parts = ThresholdGrid.chains(new int[] {0, 1}, 2);
    List<TunedPoints.Point> points = ThresholdGrid.tune(TWO, parts);
    assertEquals(2, points.size(), "asking the strong one for all costs 10 and gives .75");
    assertArrayEquals(new double[] {1, .55}, shown(points).getFirst(), 1e-6);
    assertArrayEquals(new double[] {6, .8}, shown(points).getLast(), 1e-6);
    var cheapest = new StageThresholds(points.getFirst().values());
    assertTrue(cheapest.acceptsAll(0) && cheapest.leavesOut(1));
  }

  @Test
  void chainsKeepTheOrder() {
    List<List<Integer>> chains =
        ThresholdGrid.chains(new int[] {4, 2, 7}, 2).stream()
            .map(chain -> Arrays.stream(chain).boxed().toList())
            .toList();
    assertEquals(
        List.of(List.of(4), List.of(4, 2), List.of(4, 7), List.of(2), List.of(2, 7), List.of(7)),
        chains);
  }

  @Test
  void anAnswerThatDoesNotTellIsDeferred() {
    var data =
        new RecordedConfidences(
            new double[][] {{Double.NaN, Double.NaN}, {Double.NaN, .7f}},
            new double[][] {{1, 1}, {0, .5}},
            new double[] {1, 2});
    List<TunedPoints.Point> points = ThresholdGrid.tune(data, List.of(new int[] {0, 1}));
    assertArrayEquals(new double[] {3, .25}, shown(points).getFirst(), 1e-6);
  }

  /** At place .01 x 4 of five values, then in steps of a 40th of 4. */
  @Test
  void quantilesAreInterpolated() {
    var data =
        new RecordedConfidences(
            new double[][] {{.5f, .1f, .3f, .2f, .4f}}, new double[1][5], new double[1]);
    float[] quantiles = data.quantiles(0, 40);
    assertEquals(40, quantiles.length);
    assertEquals(.1 + .1 * .04, quantiles[0], 1e-6);
    assertEquals(.1 + .1 * (.04 + .1), quantiles[1], 1e-6);
    assertEquals(.1 + .1 * (.04 + 39 * .1), quantiles[39], 1e-6);
  }

  /** Every point is what its thresholds give, none beats another, and the grid is no worse. */
  @Test
  void pointsAreWhatTheirThresholdsGive() {
    for (int seed = 0; seed < 20; seed++) {
      var random = new Random(seed);
      int members = 1 + random.nextInt(4);
      int n = 1 + random.nextInt(30);
      RecordedConfidences data = drawn(random, members, n);
      List<int[]> chains =
          ThresholdGrid.chains(IntStream.range(0, members).toArray(), 1 + random.nextInt(3));
      List<TunedPoints.Point> points = ThresholdGrid.tune(data, chains);
      for (int p = 0; p < points.size(); p++) {
        double[] its = replayed(data, new StageThresholds(points.get(p).values()));
        assertEquals(its[0], points.get(p).usd(), 1e-6);
        assertEquals(its[1], points.get(p).quality(), 1e-6);
        assertTrue(p == 0 || points.get(p - 1).usd() <= points.get(p).usd());
        assertTrue(p == 0 || points.get(p - 1).quality() <= points.get(p).quality());
      }
      double cheapest = Arrays.stream(data.usd()).min().orElseThrow();
      assertEquals(cheapest, points.getFirst().usd(), 1e-6);
      double best =
          Arrays.stream(data.worth())
              .mapToDouble(its -> Arrays.stream(its).average().orElseThrow())
              .max()
              .orElseThrow();
      assertTrue(points.getLast().quality() >= best - 1e-6);
    }
  }

  static RecordedConfidences drawn(Random random, int members, int n) {
    var confidence = new double[members][n];
    for (double[] its : confidence) {
      Arrays.setAll(its, i -> random.nextInt(9) == 0 ? Double.NaN : random.nextFloat());
    }
    var worth = new double[members][n];
    for (int m = 0; m < members; m++) {
      double[] sure = confidence[m];
      Arrays.setAll(worth[m], i -> Double.isNaN(sure[i]) ? random.nextDouble() : sure[i]);
    }
    return new RecordedConfidences(
        confidence, worth, random.doubles(members).map(d -> .1 + d).toArray());
  }

  /** Mean cost, mean worth and share of what is answered, members in their order. */
  static double[] replayed(RecordedConfidences data, StageThresholds thresholds) {
    int n = data.questions();
    var sums = new double[3];
    for (int i = 0; i < n; i++) {
      for (int m = 0; m < data.members(); m++) {
        if (thresholds.leavesOut(m)) {
          continue;
        }
        sums[0] += data.usd()[m] / n;
        if (data.confidence()[m][i] <= thresholds.abstain(m)) {
          break;
        }
        if (thresholds.acceptsAll(m) || data.confidence()[m][i] > thresholds.accept(m)) {
          sums[1] += data.worth()[m][i] / n;
          sums[2] += 1.0 / n;
          break;
        }
      }
    }
    return sums;
  }

  @Test
  void thousandsOfMembersAreNotTriedOutForEver() {
    RecordedConfidences data = drawn(new Random(3), 9, 20);
    List<int[]> whole = List.of(IntStream.range(0, 9).toArray());
    assertTrue(ThresholdGrid.tune(data, whole).size() > 1);
  }

  @Test
  void withoutQuestionsThereIsNothingToTuneOn() {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new RecordedConfidences(new double[2][0], new double[2][0], new double[2]));
    assertTrue(e.getMessage().contains("answered by all members"), e.getMessage());
  }
}
