package dev.tutti.router.method.heads;

import dev.tutti.kit.settings.Setting;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.LinearHeads;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Vectors;
import dev.tutti.router.Estimate;
import dev.tutti.router.QualityEstimator;
import dev.tutti.router.Query;
import dev.tutti.router.fit.Outcomes;
import java.util.Comparator;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Hybrid-LLM: how likely a query is easy enough for the smaller of two models.
 *
 * <p>Ding et al. 2024, arXiv:2404.14618. With {@code H(x) = q(S(x)) - q(L(x))} the router {@code
 * p_w(x)} is fitted by binary cross-entropy to a label {@code y}:
 *
 * <ul>
 *   <li>{@code DETERMINISTIC}: {@code y = I[H >= 0]}
 *   <li>{@code PROBABILISTIC}: {@code y = P[H >= 0]}. The paper samples ten answers of each; a
 *       recorded quality in [0, 1] is read as the chance of success of independent answers, {@code
 *       1 - (1 - q_S) q_L}
 *   <li>{@code RELAXED}: {@code y(t) = I[H >= -t]} with {@code t* = argmax_t mean |y_i(t) -
 *       y_j(t)|}, which spreads the labels most; the grid is 0 and every gap that occurs. For hard
 *       labels the mean is {@code 2 p (1 - p)}
 * </ul>
 *
 * <p>The small model is asked if and only if {@code p_w(x) >= theta}: the rule {@code
 * win-probability} with {@code alpha = 1 - theta}, which is its own rule here, and calibrated by
 * the fit ({@link dev.tutti.router.method.selection.Calibration}). A fit takes two members. More
 * than two, of which older artifacts may be, form a chain, as the card has it: ordered by mean cost
 * (by mean quality where somebody's is not known), one head for each neighbouring pair; strengths
 * add up along it, {@code r_(j+1) = r_j - logit p_j}, so that of two neighbours one has the paper's
 * probability.
 *
 * <p>Departures: linear heads on a frozen embedding in place of DeBERTa. Where all labels are equal
 * the head is constant. A query on which one of a pair was not run teaches that pair nothing. Costs
 * members x dimensions.
 */
public final class HybridLlmEstimator implements QualityEstimator {

  private static final int ROUNDS = 120;

  private final Parameters parameters;
  private final LinearHeads heads;
  private final int[] order;

  /** Which label is learned. */
  public enum Label {
    /** One answer of each. */
    DETERMINISTIC,
    /** The chance that the small one's answer is as good. */
    PROBABILISTIC,
    /** As good but for a gap that spreads the labels most. */
    RELAXED
  }

  /** How to fit it. */
  public record Settings(
      @Setting(help = "which label is learned") Label label,
      @Setting(help = "L2 penalty of the mean loss", min = 0, max = 10) double lambda) {

    /** The paper's best label; the penalty by cross-validation on the recordings. */
    public Settings() {
      this(Label.RELAXED, 0.003);
    }
  }

  /** What was learned before. */
  public HybridLlmEstimator(Parameters parameters) {
    this.parameters = parameters;
    this.heads = new LinearHeads(parameters.matrix("heads"));
    Matrix ranks = parameters.matrix("order");
    this.order = IntStream.range(0, ranks.columns()).map(i -> (int) ranks.at(0, i)).toArray();
  }

  /** Fits a head for each pair of neighbours. */
  public static HybridLlmEstimator fit(
      Outcomes outcomes, Settings settings, RandomGenerator random) {
    double[] mean = outcomes.sizes();
    int[] order =
        IntStream.range(0, mean.length)
            .boxed()
            .sorted(Comparator.comparingDouble(m -> mean[m]))
            .mapToInt(m -> m)
            .toArray();
    double[][] quality = Labels.fractions(outcomes);
    var labels = new double[outcomes.size()][Math.max(1, order.length - 1)];
    for (int pair = 0; pair + 1 < order.length; pair++) {
      int small = order[pair];
      int large = order[pair + 1];
      double slack = settings.label() == Label.RELAXED ? relaxation(quality, small, large) : 0;
      for (int i = 0; i < labels.length; i++) {
        double gap = quality[i][small] - quality[i][large];
        labels[i][pair] =
            Double.isNaN(gap)
                ? Double.NaN
                : settings.label() == Label.PROBABILISTIC
                    ? 1 - (1 - quality[i][small]) * quality[i][large]
                    : gap >= -slack ? 1 : 0;
      }
    }
    var ones = new double[labels[0].length];
    java.util.Arrays.fill(ones, 1);
    LinearHeads heads =
        LinearHeads.logistic(outcomes.inputs(), labels, ones, settings.lambda(), ROUNDS);
    return new HybridLlmEstimator(
        Parameters.of(outcomes.members())
            .with("heads", heads.weights())
            .with("order", Matrix.row(IntStream.of(order).asDoubleStream().toArray())));
  }

  /** {@code t*}, the least of equally good ones. */
  static double relaxation(double[][] quality, int small, int large) {
    double[] gaps =
        IntStream.range(0, quality.length)
            .mapToDouble(i -> quality[i][large] - quality[i][small])
            .filter(gap -> !Double.isNaN(gap))
            .sorted()
            .toArray();
    double best = 0;
    double atZero =
        (double) DoubleStream.of(gaps).filter(gap -> gap <= 0).count() / Math.max(1, gaps.length);
    double most = atZero * (1 - atZero);
    for (int i = 0; i < gaps.length; i++) {
      if (gaps[i] < 0 || (i + 1 < gaps.length && gaps[i + 1] == gaps[i])) {
        continue;
      }
      double share = (i + 1.0) / gaps.length;
      if (share * (1 - share) > most) {
        most = share * (1 - share);
        best = gaps[i];
      }
    }
    return best;
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  @Override
  public Estimate estimate(Query query) {
    double[] logit = heads.apply(query.inputs(heads.weights().columns() - 1));
    var strength = new double[order.length];
    for (int pair = 0; pair + 1 < order.length; pair++) {
      strength[order[pair + 1]] = strength[order[pair]] - logit[pair];
    }
    return Estimate.of(Vectors.softmax(strength, 1), Estimate.Scale.PREFERENCE);
  }
}
