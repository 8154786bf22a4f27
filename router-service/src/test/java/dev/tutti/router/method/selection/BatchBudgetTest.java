package dev.tutti.router.method.selection;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
}
