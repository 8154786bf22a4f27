package dev.tutti.router.method.selection;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class BatchBudgetTest {

  private static final double[][] QUALITY = {{0.5, 0.9}, {0.5, 0.6}, {0.5, 0.8}};
  private static final double[][] USD = {{1, 3}, {1, 3}, {1, 3}};

  @Test
  void theUpgradesThatPayMostAreBought() {
    assertArrayEquals(new int[] {1, 1, 1}, BatchBudget.assign(QUALITY, USD, 9));
    assertArrayEquals(new int[] {1, 0, 1}, BatchBudget.assign(QUALITY, USD, 8));
    assertArrayEquals(new int[] {1, 0, 0}, BatchBudget.assign(QUALITY, USD, 6));
    assertArrayEquals(new int[] {0, 0, 0}, BatchBudget.assign(QUALITY, USD, 3));
    assertThrows(IllegalArgumentException.class, () -> BatchBudget.assign(QUALITY, USD, 2.9));
  }

  /** Held against all assignments. */
  @Property(tries = 200)
  void nothingFeasibleIsMuchBetter(
      @ForAll int seed, @ForAll @DoubleRange(min = 0, max = 1) double share) {
    var random = new Random(seed);
    int n = 5;
    var quality = new double[n][3];
    var usd = new double[n][3];
    double least = 0;
    double most = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < 3; j++) {
        quality[i][j] = random.nextDouble();
        usd[i][j] = random.nextDouble();
      }
      least += Math.min(usd[i][0], Math.min(usd[i][1], usd[i][2]));
      most += Math.max(usd[i][0], Math.max(usd[i][1], usd[i][2]));
    }
    double budget = least + share * (most - least) + 1e-9;
    int[] chosen = BatchBudget.assign(quality, usd, budget);
    double best = 0;
    for (int code = 0; code < 243; code++) {
      double cost = 0;
      double value = 0;
      for (int i = 0, rest = code; i < n; i++, rest /= 3) {
        cost += usd[i][rest % 3];
        value += quality[i][rest % 3];
      }
      best = cost <= budget ? Math.max(best, value) : best;
    }
    double cost = 0;
    double value = 0;
    for (int i = 0; i < n; i++) {
      cost += usd[i][chosen[i]];
      value += quality[i][chosen[i]];
    }
    assertTrue(cost <= budget + 1e-9, cost + " of " + budget);
    // One query's worth, at most.
    assertTrue(value >= best - 1, value + " of " + best);
  }

  @Test
  void theUniverseGrowsByWhatIsMissing() {
    double[][] quality = {{1, 0, 1}, {1, 0, 1}, {0, 1, 0}, {1, 0, 0}};
    assertArrayEquals(new int[] {0, 1}, BatchBudget.universe(quality, 3));
    assertArrayEquals(new int[] {0}, BatchBudget.universe(quality, 1));
    assertArrayEquals(new int[] {}, BatchBudget.universe(new double[0][], 2));
  }

  @Test
  void thePriceIsTheLeastThatKeepsToTheBudget() {
    // Two dollars more buy 0.4, 0.1 and 0.3; a price equal to what one is worth buys it not.
    assertEquals(0.05, BatchBudget.price(QUALITY, USD, 8), 1e-12);
    assertEquals(0.05, BatchBudget.price(QUALITY, USD, 7), 1e-12);
    assertEquals(0.15, BatchBudget.price(QUALITY, USD, 6.9), 1e-12);
    assertEquals(0.2, BatchBudget.price(QUALITY, USD, 3), 1e-12);
    // In thousandths of a dollar; and of a quality that is far above 1.
    double[][] cheap = {{0.001, 0.003}, {0.001, 0.003}, {0.001, 0.003}};
    assertEquals(150, BatchBudget.price(QUALITY, cheap, 0.0055), 1e-6);
    double[][] scores = {{0, 5}, {0, 6}};
    assertEquals(2.5, BatchBudget.price(scores, new double[][] {{1, 3}, {1, 3}}, 4), 1e-12);
  }

  @Test
  void whatIsLeftIsSpentOnWhatPaysMostOfWhatFits() {
    // A dollar buys 0.3 (of two), 0.25 (of three), 0.1, 0.2: after the first, one is left.
    double[][] quality = {{0, 0.6}, {0, 0.75}, {0, 0.1}, {0, 0.2}};
    double[][] usd = {{0, 2}, {0, 3}, {0, 1}, {0, 1}};
    assertArrayEquals(new int[] {1, 0, 0, 1}, BatchBudget.assign(quality, usd, 3));
    assertArrayEquals(new int[] {1, 0, 1, 1}, BatchBudget.assign(quality, usd, 4));
    assertArrayEquals(new int[] {1, 0, 0, 0}, BatchBudget.assign(quality, usd, 2.5));
    assertArrayEquals(new int[] {1, 1, 0, 0}, BatchBudget.assign(quality, usd, 5));
    // From what it has: 0.6 for 2 more is better than 0.75 for 3 more.
    double[][] base = {{0.25, 1}, {0.25, 0.85}};
    assertArrayEquals(
        new int[] {0, 1}, BatchBudget.assign(base, new double[][] {{1, 4}, {1, 3}}, 5));
  }

  @Test
  void theCheapestOfEqualOnesAndTheBestOfEqualPrices() {
    double[][] equal = {{0.9, 0.9, 0.2}};
    assertArrayEquals(new int[] {1}, BatchBudget.assign(equal, new double[][] {{3, 1, 2}}, 9));
    double[][] quality = {{1, 0.7, 0.9, 0.8}};
    double[][] usd = {{3, 1, 1, 1}};
    assertArrayEquals(new int[] {2}, BatchBudget.assign(quality, usd, 1));
    assertArrayEquals(new int[] {0}, BatchBudget.assign(quality, usd, 3));
    assertArrayEquals(new int[0], BatchBudget.assign(new double[0][], new double[0][], 0));
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                BatchBudget.assign(
                    new double[][] {{1, 0}, {1, 0}}, new double[][] {{3, 2}, {4, 1}}, 2.5));
    assertTrue(e.getMessage().contains("at least 3.0"), e.getMessage());
  }

  @Test
  void rowsMayDifferInLength() {
    double[][] quality = {{0.5}, {0.2, 0.4, 0.9}};
    double[][] usd = {{1}, {1, 2, 9}};
    assertArrayEquals(new int[] {0, 1}, BatchBudget.assign(quality, usd, 4));
  }
}
