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
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Multi-label classification: one logistic head a member says with which confidence that member
 * answers correctly, {@code conf_m = sigmoid(w_m x + b_m)}.
 *
 * <p>Srivatsa et al. 2024, "Harnessing the Power of Multiple Minds", arXiv:2405.00467 (MLC); the
 * same heads are SelectLLM's (Maurya et al. 2024, arXiv:2408.08545) and, with members told apart by
 * a prefix of the query, FORC's meta-model (Sakota et al. 2023, arXiv:2308.06077). Binary
 * cross-entropy, its positive part weighted to balance each label: {@code c_m = negatives /
 * positives}, held to [0.2, 5].
 *
 * <p>The confidence policies are selection rules: ArgMax and MaxConf are {@code best-quality},
 * Random is {@code unsure-random}, LabelledMaxConf and FORC's threshold are {@code
 * cheapest-labelled}. Prediction and SortedPrediction subtract one number from all confidences and
 * so choose as ArgMax; they are left out. Subsets of members that vote are fusion-service's {@code
 * select-llm}.
 *
 * <p>Departures: linear heads on a frozen embedding in place of RoBERTa; balancing is off unless
 * asked for, since it is no longer a probability then; soft labels are taken as they are. Costs
 * members x dimensions.
 */
public final class MultiLabelEstimator implements QualityEstimator {

  private static final int ROUNDS = 120;
  private static final double MOST_BALANCE = 5;

  private final Parameters parameters;
  private final LinearHeads heads;
  private final double[] deviation;

  /** How to fit it. */
  public record Settings(
      @Setting(help = "L2 penalty of the mean loss", min = 0, max = 10) double lambda,
      @Setting(help = "whether right and wrong answers count alike in the loss, as in the paper")
          boolean balanced) {

    /** The penalty by cross-validation on the recordings. */
    public Settings() {
      this(0.001, false);
    }
  }

  /** What was learned before. */
  public MultiLabelEstimator(Parameters parameters) {
    this.parameters = parameters;
    this.heads = new LinearHeads(parameters.matrix("heads"));
    this.deviation = Vectors.doubles(parameters.matrix("deviation").row(0));
  }

  /** Fits the heads. Qualities outside [0, 1] are refused. */
  public static MultiLabelEstimator fit(
      Outcomes outcomes, Settings settings, RandomGenerator random) {
    double[][] labels = Labels.fractions(outcomes);
    double[] positive = new double[outcomes.members().size()];
    double[] mean = outcomes.meanQualityOr(0.5);
    for (int m = 0; m < positive.length; m++) {
      double balance = (1 - mean[m]) / Math.max(mean[m], 1e-9);
      positive[m] = settings.balanced() ? Math.clamp(balance, 1 / MOST_BALANCE, MOST_BALANCE) : 1;
    }
    LinearHeads heads =
        LinearHeads.logistic(outcomes.inputs(), labels, positive, settings.lambda(), ROUNDS);
    Matrix deviation = HeadDeviation.of(heads, outcomes.inputs(), labels, Vectors::sigmoid);
    return new MultiLabelEstimator(
        Parameters.of(outcomes.members())
            .with("heads", heads.weights())
            .with("deviation", deviation));
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  @Override
  public Estimate estimate(Query query) {
    double[] z = heads.apply(query.inputs(heads.weights().columns() - 1));
    return new Estimate(
        Arrays.stream(z).map(Vectors::sigmoid).toArray(), deviation, Estimate.Scale.OUTCOME);
  }
}
