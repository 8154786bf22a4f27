package dev.tutti.cascade.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.cascade.cache.Observation.Source;
import dev.tutti.cascade.cache.ServingRule.Curve;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ServingRuleTest {

  private static List<Observation> observed(double[] similarities, boolean... right) {
    var all = new ArrayList<Observation>();
    for (int i = 0; i < similarities.length; i++) {
      all.add(new Observation("o" + i, similarities[i], right[i % right.length], Source.EXPLORED));
    }
    return all;
  }

  private static double[] times(int count, double similarity) {
    var all = new double[count];
    java.util.Arrays.fill(all, similarity);
    return all;
  }

  /** The card's: t = .8, g = 40, sd = .02, delta = .05. */
  @Test
  void askingIsAsTheCardHasIt() {
    var curve = new Curve(0.8, 40, 0.02);
    assertEquals(0.8556, ServingRule.tau(curve, 0.85, 0.05), 5e-5);
    assertEquals(0.5222, ServingRule.tau(curve, 0.90, 0.05), 5e-5);
    assertEquals(-0.5279, ServingRule.tau(curve, 0.95, 0.05), 5e-5);
  }

  @Test
  void fewObservationsAreNone() {
    assertEquals(1, ServingRule.asking(observed(times(5, 0.99), true), 1, 0.5));
    assertTrue(ServingRule.asking(observed(times(6, 0.99), true), 1, 0.5) < 1);
  }

  @Test
  void whatWasAlwaysRightIsGiven() {
    assertEquals(0, ServingRule.asking(observed(times(48, 0.95), true), 0.95, 0.05));
  }

  @Test
  void whatWasWrongIsAskedFor() {
    assertTrue(ServingRule.asking(observed(times(48, 0.95), false), 0.95, 0.05) > 0.9);
    // Half of them.
    assertTrue(ServingRule.asking(observed(times(48, 0.95), true, false), 0.95, 0.05) > 0.8);
  }

  /** Where wrong and right overlap the curve lies between them. */
  @Test
  void theCurveLiesBetweenWrongAndRight() {
    double[] s = {0.80, 0.82, 0.84, 0.86, 0.88, 0.90, 0.92, 0.94, 0.96, 0.98};
    boolean[] right = {false, false, false, false, true, false, true, true, true, true};
    Curve curve = ServingRule.fit(observed(s, right));
    assertTrue(curve.t() > 0.85 && curve.t() < 0.92, curve.toString());
    assertTrue(curve.g() > 0 && curve.sd() > 0 && curve.sd() < 0.2, curve.toString());
  }

  /** Those more alike are asked for no more often; nobody is asked less than never. */
  @Test
  void moreAlikeIsAskedForLess() {
    var random = new SplittableRandom(7);
    for (int trial = 0; trial < 200; trial++) {
      int n = random.nextInt(6, 40);
      double t = random.nextDouble(0.5, 1);
      var all = new ArrayList<Observation>();
      for (int i = 0; i < n; i++) {
        double s = random.nextDouble(0.5, 1);
        boolean right = random.nextDouble() < 1 / (1 + Math.exp(-30 * (s - t)));
        all.add(new Observation("o" + i, s, right, Source.EXPLORED));
      }
      double delta = random.nextDouble(0.001, 0.5);
      double before = 1;
      for (double s = 0.5; s <= 1; s += 0.05) {
        double asking = ServingRule.asking(all, s, delta);
        assertTrue(asking >= 0 && asking <= before + 1e-12, "%s: %s".formatted(all, asking));
        before = asking;
      }
    }
  }

  /** The promise: a stream whose answers turn right at .9 gets at most delta of wrong ones. */
  @Test
  void atMostDeltaOfTheAnswersAreWrong() {
    var random = new SplittableRandom(3);
    double delta = 0.05;
    int wrong = 0;
    int given = 0;
    int asked = 0;
    for (int entry = 0; entry < 40; entry++) {
      var observed = new ArrayList<Observation>();
      for (int i = 0; i < 100; i++) {
        double s = random.nextDouble(0.8, 1);
        boolean right = random.nextDouble() < 1 / (1 + Math.exp(-60 * (s - 0.88)));
        if (random.nextDouble() < ServingRule.asking(observed, s, delta)) {
          observed.add(new Observation("o" + i, s, right, Source.EXPLORED));
          asked++;
        } else {
          given++;
          wrong += right ? 0 : 1;
        }
      }
    }
    assertTrue(wrong <= delta * (given + asked), "%d of %d".formatted(wrong, given + asked));
    assertTrue(given > 200, "only %d given".formatted(given));
  }
}
