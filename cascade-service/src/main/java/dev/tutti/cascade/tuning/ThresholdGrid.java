package dev.tutti.cascade.tuning;

import dev.tutti.numerics.Interruption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Thresholds of whole chains, tuned jointly on a grid (Zellinger & Thomson 2025, arXiv:2501.09345,
 * the grid search that they compare with): every combination of quantiles of each member's
 * confidence, the last one accepting all, is replayed over recorded questions, and those are kept
 * that no other beats in both mean cost and mean worth. An answer is accepted where its confidence
 * exceeds the threshold; one of unknown confidence never is, but of the last.
 *
 * <p>{@value #STEPS} quantiles a member: .01, .035, ... .985. Where {@value #MOST} combinations
 * over all chains would be exceeded, fewer.
 */
public final class ThresholdGrid {

  /** Quantiles a member. */
  public static final int STEPS = 40;

  private static final int MOST = STEPS * STEPS * STEPS * STEPS;

  private final RecordedConfidences data;
  private final int[] chain;
  private final double[] costs;
  private final float[][] grid;
  private final int[][] open;
  private final StageThresholds thresholds;
  private final Front front;

  private ThresholdGrid(RecordedConfidences data, int[] chain, int steps, Front front) {
    this.data = data;
    this.chain = chain;
    this.front = front;
    this.costs = data.costs(chain);
    this.grid = new float[chain.length - 1][];
    for (int j = 0; j < grid.length; j++) {
      grid[j] = data.quantiles(chain[j], steps);
    }
    this.open = new int[chain.length][data.questions()];
    this.thresholds = StageThresholds.of(data.members());
    thresholds.accept(chain[chain.length - 1], StageThresholds.ALWAYS);
  }

  /**
   * Tunes.
   *
   * @param chains each the places of its members in the order in which they are asked; at least one
   * @return by rising cost and worth; values as {@link StageThresholds} has them
   */
  public static List<TunedPoints.Point> tune(RecordedConfidences data, List<int[]> chains) {
    var front = new Front();
    for (int[] chain : chains) {
      int steps = STEPS;
      while (steps > 1 && Math.pow(steps, chain.length - 1) * chains.size() > MOST) {
        steps--;
      }
      var search = new ThresholdGrid(data, chain, steps, front);
      Arrays.setAll(search.open[0], i -> i);
      search.stage(0, data.questions(), 0, 0);
    }
    return front.points();
  }

  /**
   * Every chain of these members, in this order.
   *
   * @param longest most members of one
   */
  public static List<int[]> chains(int[] order, int longest) {
    var chains = new ArrayList<int[]>();
    extend(order, 0, new int[0], longest, chains);
    return chains;
  }

  private static void extend(int[] order, int from, int[] chain, int longest, List<int[]> chains) {
    if (chain.length > 0) {
      chains.add(chain);
    }
    for (int i = from; i < order.length && chain.length < longest; i++) {
      int[] longer = Arrays.copyOf(chain, chain.length + 1);
      longer[chain.length] = order[i];
      extend(order, i + 1, longer, longest, chains);
    }
  }

  /** Questions that are still open reach stage j; the others gave so much for so much. */
  private void stage(int j, int count, double worth, double usd) {
    double[] its = data.worth()[chain[j]];
    int[] rows = open[j];
    if (j == chain.length - 1) {
      double sum = worth;
      for (int i = 0; i < count; i++) {
        sum += its[rows[i]];
      }
      int n = data.questions();
      front.add((usd + count * costs[j]) / n, sum / n, thresholds.values());
      return;
    }
    double[] sure = data.confidence()[chain[j]];
    int[] deferred = open[j + 1];
    for (float threshold : grid[j]) {
      Interruption.check();
      double sum = worth;
      int left = 0;
      for (int i = 0; i < count; i++) {
        int row = rows[i];
        if (sure[row] > threshold) {
          sum += its[row];
        } else {
          deferred[left++] = row;
        }
      }
      thresholds.accept(chain[j], threshold);
      stage(j + 1, left, sum, usd + (count - left) * costs[j]);
    }
  }
}
