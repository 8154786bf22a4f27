package dev.tutti.cascade.tuning;

import dev.tutti.numerics.Interruption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Thresholds of whole chains that may give no answer (early abstention: Zellinger et al. 2025,
 * arXiv:2502.09054): at each stage {@code a_j <= r_j}; a confidence up to {@code a_j} ends without
 * an answer, one above {@code r_j} with this one, any other asks the next member. They minimise the
 * mean of {@code 1 - worth} of what is answered, {@code price} for what is not, and {@code lambda}
 * times the cost, all of them together.
 *
 * <p>Found by ascent, stage by stage from the last to the first, until nothing changes: given what
 * later stages do, the best two thresholds of a stage over the questions that reach it are exact
 * (one pass over them by confidence). The last stage abstains up to {@code 1 - price}. The paper
 * takes a grid; so many thresholds leave it too few values. One lambda gives one point; where fewer
 * are answered than must be, the price of an abstention is raised, by bisection, until enough are.
 */
public final class AbstentionSearch {

  private static final int LAMBDAS = 60;
  private static final int ROUNDS = 20;
  private static final int HALVINGS = 12;

  /**
   * Every known confidence exceeds it, and not {@link StageThresholds#ALWAYS}: some are unknown.
   */
  private static final float ALL_THAT_TELL = -.5f;

  private final RecordedConfidences data;
  private final int[] chain;
  private final double[] costs;
  private final int[][] byConfidence;

  private AbstentionSearch(RecordedConfidences data, int[] chain) {
    this.data = data;
    this.chain = chain;
    this.costs = data.costs(chain);
    this.byConfidence = new int[chain.length][];
    for (int j = 0; j < chain.length; j++) {
      double[] sure = data.confidence()[chain[j]];
      byConfidence[j] =
          IntStream.range(0, sure.length)
              .filter(i -> !Double.isNaN(sure[i]))
              .boxed()
              .sorted((a, b) -> Double.compare(sure[a], sure[b]))
              .mapToInt(i -> i)
              .toArray();
    }
  }

  /**
   * Tunes.
   *
   * @param chains as {@link ThresholdGrid#tune} takes them
   * @param price of an abstention, in units of a wrong answer; above 0
   * @param leastAnswered share of the questions that must be answered, in [0, 1]
   * @return by rising cost and quality, which is the mean of the worth of what is answered and
   *     {@code 1 - price} for what is not
   */
  public static List<TunedPoints.Point> tune(
      RecordedConfidences data, List<int[]> chains, double price, double leastAnswered) {
    var front = new Front();
    for (int[] chain : chains) {
      var search = new AbstentionSearch(data, chain);
      double dearest = search.costs[chain.length - 1];
      for (int step = 0; step <= LAMBDAS; step++) {
        // From nothing to ten wrong answers for asking everybody.
        double lambda =
            step == 0 || dearest == 0
                ? 0
                : Math.pow(10, -4 + 5.0 * (step - 1) / (LAMBDAS - 1)) / dearest;
        search.tune(price, leastAnswered, lambda).addTo(front, price);
      }
    }
    return front.points();
  }

  /** What thresholds give, as sums over the questions. */
  private record Replayed(
      StageThresholds thresholds, double usd, double worth, int answered, int questions) {

    void addTo(Front front, double price) {
      front.add(
          usd / questions,
          (worth + (1 - price) * (questions - answered)) / questions,
          thresholds.values());
    }
  }

  private Replayed tune(double price, double leastAnswered, double lambda) {
    Replayed best = ascend(price, lambda);
    if (best.answered() >= leastAnswered * data.questions()) {
      return best;
    }
    double low = price;
    // Beyond this nobody abstains: asking on to the end and being wrong costs less.
    double high = 1 + lambda * costs[costs.length - 1];
    best = ascend(high, lambda);
    for (int i = 0; i < HALVINGS; i++) {
      double middle = (low + high) / 2;
      Replayed tried = ascend(middle, lambda);
      if (tried.answered() >= leastAnswered * data.questions()) {
        high = middle;
        best = tried;
      } else {
        low = middle;
      }
    }
    return best;
  }

  private Replayed ascend(double price, double lambda) {
    Interruption.check();
    int last = chain.length - 1;
    var thresholds = StageThresholds.of(data.members());
    thresholds.accept(chain[last], StageThresholds.ALWAYS);
    thresholds.abstain(chain[last], price < 1 ? 1 - price : StageThresholds.ALWAYS);
    var reached = new int[data.questions()];
    // At first every question reaches every stage.
    Arrays.fill(reached, last);
    float[] before = null;
    for (int round = 0; round < ROUNDS && !Arrays.equals(before, thresholds.values()); round++) {
      before = thresholds.values().clone();
      double[] later = losses(last, thresholds, null, price, lambda);
      for (int j = last - 1; j >= 0; j--) {
        improve(j, thresholds, reached, later, price, lambda);
        later = losses(j, thresholds, later, price, lambda);
      }
      reached = replay(thresholds, new double[3]);
    }
    var sums = new double[3];
    replay(thresholds, sums);
    return new Replayed(thresholds, sums[0], sums[1], (int) sums[2], data.questions());
  }

  /** The best two thresholds of a stage over what reaches it. */
  private void improve(
      int j,
      StageThresholds thresholds,
      int[] reached,
      double[] later,
      double price,
      double lambda) {
    int member = chain[j];
    double[] sure = data.confidence()[member];
    int[] rows = Arrays.stream(byConfidence[j]).filter(i -> reached[i] >= j).toArray();
    // As against deferring all: what abstaining up to here, and accepting from here on, gains.
    double abstained = 0;
    double accepted = 0;
    for (int row : rows) {
      accepted += 1 - data.worth()[member][row] + lambda * costs[j] - later[row];
    }
    double leastAbstained = 0;
    int abstainTo = 0;
    double least = accepted;
    int from = 0;
    int to = 0;
    for (int i = 0; i < rows.length; i++) {
      int row = rows[i];
      abstained += price + lambda * costs[j] - later[row];
      accepted -= 1 - data.worth()[member][row] + lambda * costs[j] - later[row];
      boolean isTie = i + 1 < rows.length && sure[rows[i + 1]] == sure[row];
      if (isTie) {
        continue;
      }
      if (abstained < leastAbstained) {
        leastAbstained = abstained;
        abstainTo = i + 1;
      }
      if (leastAbstained + accepted < least) {
        least = leastAbstained + accepted;
        from = abstainTo;
        to = i + 1;
      }
    }
    thresholds.abstain(member, from == 0 ? StageThresholds.ALWAYS : sure[rows[from - 1]]);
    thresholds.accept(member, to == 0 ? ALL_THAT_TELL : sure[rows[to - 1]]);
  }

  /** What each question loses from a stage on, given what it loses later. */
  private double[] losses(
      int j, StageThresholds thresholds, double[] later, double price, double lambda) {
    int member = chain[j];
    var losses = new double[data.questions()];
    for (int i = 0; i < losses.length; i++) {
      losses[i] =
          switch (fate(j, i, thresholds)) {
            case ABSTAINED -> price + lambda * costs[j];
            case ACCEPTED -> 1 - data.worth()[member][i] + lambda * costs[j];
            case DEFERRED -> later[i];
          };
    }
    return losses;
  }

  private enum Fate {
    ABSTAINED,
    ACCEPTED,
    DEFERRED
  }

  private Fate fate(int j, int row, StageThresholds thresholds) {
    int member = chain[j];
    double sure = data.confidence()[member][row];
    if (sure <= thresholds.abstain(member)) {
      return Fate.ABSTAINED;
    }
    boolean accepted = sure > thresholds.accept(member) || j == chain.length - 1;
    return accepted ? Fate.ACCEPTED : Fate.DEFERRED;
  }

  /** The stage at which each question ends; sums of cost, worth and answered questions. */
  private int[] replay(StageThresholds thresholds, double[] sums) {
    var reached = new int[data.questions()];
    for (int i = 0; i < reached.length; i++) {
      int j = 0;
      Fate fate = fate(0, i, thresholds);
      while (fate == Fate.DEFERRED) {
        j++;
        fate = fate(j, i, thresholds);
      }
      reached[i] = j;
      sums[0] += costs[j];
      if (fate == Fate.ACCEPTED) {
        sums[1] += data.worth()[chain[j]][i];
        sums[2]++;
      }
    }
    return reached;
  }
}
