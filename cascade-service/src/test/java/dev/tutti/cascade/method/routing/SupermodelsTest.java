package dev.tutti.cascade.method.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.numerics.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SupermodelsTest {

  private static final int BOTH = 0b11;

  /** Covariances of a pair, by what has answered: variance, covariance, variance. */
  private static float[] row(int answered, double first, double both, double second) {
    var row = new float[12];
    row[0] = answered;
    row[1] = BOTH;
    row[2] = (float) first;
    row[3] = (float) both;
    row[4] = (float) second;
    return row;
  }

  /** Costs 1 and 2; both qualities vary by .2, the second alone where the first has answered. */
  private static Supermodels pair(double correlation) {
    return new Supermodels(
        new RoutingOrder(new double[] {1, 2}, true),
        2,
        Matrix.of(List.of(row(0, .04, .04 * correlation, .04), row(1, 0, 0, .04))));
  }

  private static int next(Supermodels models, double lambda, double[] quality, int answered) {
    return models.at((float) lambda).next(quality, quality, answered, BOTH & ~answered);
  }

  /** {@code E max(X, Y) = mu + sd sqrt(1 - r) / sqrt(pi)} of two normal numbers. */
  @Test
  void theBestOfTwoIsExpectedAboveBoth() {
    double[] even = {.5, .5};
    assertEquals(.5 + .2 / Math.sqrt(Math.PI), pair(0).expectedBest(even, 0, BOTH), .004);
    assertEquals(.5 + .2 * Math.sqrt(.5 / Math.PI), pair(.5).expectedBest(even, 0, BOTH), .004);
    assertEquals(.5, pair(1).expectedBest(even, 0, BOTH), .004);
    // E max(.5, .5 + .2 z) = .5 + .2 / sqrt(2 pi).
    assertEquals(.5 + .2 / Math.sqrt(2 * Math.PI), pair(0).expectedBest(even, 1, BOTH), .004);
    assertEquals(.7, pair(0).expectedBest(new double[] {.5, .7}, 0, 0b10));
    assertEquals(.5, pair(0).expectedBest(new double[] {.5, .7}, 1, 1));
  }

  /** Alone .5 - l; both .613 - 3 l: the second is wanted up to l = .056, and after it up to .04. */
  @Test
  void asManyAreWantedAsAreWorthTheirCosts() {
    double[] even = {.5, .5};
    assertEquals(0, next(pair(0), .05, even, 0), "the cheaper of both");
    assertEquals(1, next(pair(0), .038, even, 1));
    assertEquals(RoutingPlan.STOP, next(pair(0), .042, even, 1));
    // .8 - 2 l of the second alone, .8 and hardly more of both.
    double[] uneven = {.2, .8};
    assertEquals(1, next(pair(0), .05, uneven, 0));
    assertEquals(0, next(pair(0), 1, uneven, 0), "the cheaper where cost is all that counts");
    assertEquals(RoutingPlan.STOP, next(pair(0), 1, uneven, 1));
  }

  @Test
  void ofEqualOnesTheCheapestIsWanted() {
    Supermodels same =
        new Supermodels(new RoutingOrder(new double[] {2, 1}, true), 1, new Matrix(0, 12));
    assertEquals(1, next(same, 0, new double[] {.5, .5}, 0));
  }

  /** Of .1 for 1 and .9 for 2: the dear one alone up to a price of .8, and then nobody else. */
  @Test
  void inTheOrderOfCostsNobodyGoesBack() {
    Supermodels inOrder =
        new Supermodels(
            new RoutingOrder(new double[] {2, 1}, false),
            2,
            Matrix.of(List.of(row(0, .01, 0, .01))));
    assertEquals(0, next(inOrder, .01, new double[] {.9, .1}, 0), "the cheap one is left out");
    assertEquals(1, next(inOrder, .9, new double[] {.9, .1}, 0));
    assertEquals(0, next(inOrder, .01, new double[] {.9, .1}, 0b10));
    assertEquals(RoutingPlan.STOP, next(inOrder, 0, new double[] {.1, .9}, 1));
  }

  /** What two answers change is what they change, less its mean. */
  @Test
  void covariancesAreThoseOfWhatAnswersChange() {
    var quality = new TreeMap<Integer, float[]>();
    quality.put(0, new float[] {.5f, .5f, .5f, .5f});
    quality.put(1, new float[] {1, .5f, 0, .5f});
    quality.put(2, new float[] {.5f, 1, .5f, 0});
    quality.put(BOTH, new float[] {1, 0, 0, .5f});
    var table = new RoutingTable(new double[2][2], new double[2][2], new double[2], quality);
    Matrix rows = Supermodels.covariances(table, 4);
    assertEquals(3, rows.rows());
    // By nothing: (.5, -.5) and (-.5, 0), less the means 0 and -.25.
    assertEquals("[0.0, 3.0, 0.25, -0.125, 0.0625]", head(rows, 2));
    // By the second: (.5, -1) and (-.5, .5).
    assertEquals("[2.0, 3.0, 0.25, -0.375, 0.5625]", head(rows, 0));
    // By the first: (0, -.5) and (0, 0).
    assertEquals("[1.0, 3.0, 0.0, 0.0, 0.0625]", head(rows, 1));
  }

  private static String head(Matrix rows, int row) {
    return Arrays.toString(Arrays.copyOf(rows.row(row), 5));
  }

  /** Of up to eight nobody is left out: whatever is chosen, no other set is worth more. */
  @Test
  void allSupersetsAreLookedAt() {
    for (int seed = 0; seed < 200; seed++) {
      var random = new Random(seed);
      int members = 2 + random.nextInt(4);
      double[] usd = random.doubles(members).toArray();
      double[] quality = random.doubles(members).toArray();
      var rows = new ArrayList<float[]>();
      for (int set = 1; set < 1 << members; set++) {
        if (Integer.bitCount(set) == 2) {
          var row = row(0, .1 * random.nextDouble(), 0, .1 * random.nextDouble());
          row[1] = set;
          rows.add(row);
        }
      }
      var models = new Supermodels(new RoutingOrder(usd, true), 2, Matrix.of(rows));
      float lambda = random.nextFloat();
      int all = (1 << members) - 1;
      double most = Double.NEGATIVE_INFINITY;
      int best = 0;
      for (int set = 1; set <= all; set++) {
        if (Integer.bitCount(set) <= 2) {
          double worth = models.expectedBest(quality, 0, set);
          for (int m = 0; m < members; m++) {
            worth -= (set >> m & 1) * lambda * usd[m];
          }
          if (worth > most) {
            most = worth;
            best = set;
          }
        }
      }
      int next = models.at(lambda).next(quality, quality, 0, all);
      int wanted = best;
      assertTrue((wanted >> next & 1) == 1, "seed " + seed);
      for (int m = 0; m < members; m++) {
        assertTrue((wanted >> m & 1) == 0 || usd[m] >= usd[next], "the cheapest first");
      }
    }
  }
}
