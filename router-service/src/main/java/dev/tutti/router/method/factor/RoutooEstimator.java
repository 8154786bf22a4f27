package dev.tutti.router.method.factor;

import dev.tutti.kit.settings.Setting;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Adam;
import dev.tutti.numerics.Interruption;
import dev.tutti.numerics.LinearHeads;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Shuffle;
import dev.tutti.numerics.Vectors;
import dev.tutti.router.Estimate;
import dev.tutti.router.QualityEstimator;
import dev.tutti.router.Query;
import dev.tutti.router.fit.Outcomes;
import dev.tutti.router.method.heads.HeadDeviation;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Routoo's performance predictor: one encoding of the query, one embedding a member, and a score of
 * how the two meet.
 *
 * <p>Mohammadshahi et al. 2024, arXiv:2401.13979 (Leeroo). There a LoRA-tuned language model
 * encodes the query and a linear layer classifies the difference to the member's embedding. Here
 *
 * <pre>P_m(x) = sigmoid(e_m^T W phi(x) + b_m)</pre>
 *
 * by binary cross-entropy with Adam: a product in place of the difference, since the linear layer
 * of a difference would rank all members alike on every query. {@code W} is shared, so that a
 * member with few outcomes borrows from the others. Only the product {@code W^T e_m} is kept. The
 * cost-aware selector over a batch is {@code BatchBudget}, the choice of a pool is there too; for
 * single requests any rule does.
 *
 * <p>Qualities are fractions; NaN teaches nothing. Deviation: {@link HeadDeviation}. Costs members
 * x dimensions.
 */
public final class RoutooEstimator implements QualityEstimator {

  private static final int BATCH = 32;

  private final Parameters parameters;
  private final LinearHeads heads;
  private final double[] deviation;

  /** How to fit it. */
  public record Settings(
      @Setting(help = "length of a member's embedding", min = 1, max = 1024) int dimensions,
      @Setting(help = "passes over the outcomes", min = 1, max = 10_000) int epochs,
      @Setting(help = "Adam's step", min = 1e-6, max = 1) double rate,
      @Setting(help = "weight decay", min = 0, max = 10) double decay) {

    /** By cross-validation on the recordings. */
    public Settings() {
      this(16, 15, 3e-3, 0.3);
    }
  }

  /** What was learned before. */
  public RoutooEstimator(Parameters parameters) {
    this.parameters = parameters;
    this.heads = new LinearHeads(parameters.matrix("heads"));
    this.deviation = Vectors.doubles(parameters.matrix("deviation").row(0));
  }

  /** Learns encoder and members together. */
  public static RoutooEstimator fit(Outcomes outcomes, Settings settings, RandomGenerator random) {
    int d = settings.dimensions();
    Matrix all = outcomes.inputs();
    int inputs = all.columns();
    int members = outcomes.members().size();
    double[] w = gaussian(d * inputs, 1 / Math.sqrt(d), random);
    // All alike at first, so that equal members stay alike.
    double[] one = gaussian(d, 1, random);
    double[] e = IntStream.range(0, d * members).mapToDouble(i -> one[i % d]).toArray();
    double[] mean = outcomes.meanQualityOr(0.5);
    double[] b =
        Arrays.stream(mean)
            .map(q -> Math.log(Math.clamp(q, 0.01, 0.99) / (1 - Math.clamp(q, 0.01, 0.99))))
            .toArray();
    var onW = new Adam(w, settings.rate(), settings.decay());
    var onE = new Adam(e, settings.rate(), 0);
    var onB = new Adam(b, settings.rate(), 0);
    for (int epoch = 0; epoch < settings.epochs(); epoch++) {
      int[] order = Shuffle.of(outcomes.size(), random);
      for (int i = 0; i < order.length; i++) {
        Interruption.check();
        learn(outcomes, all, order[i], w, e, b, onW.gradient(), onE.gradient(), onB.gradient());
        if (i % BATCH == BATCH - 1 || i == order.length - 1) {
          onW.step();
          onE.step();
          onB.step();
        }
      }
    }
    var heads = new Matrix(members, inputs + 1);
    for (int m = 0; m < members; m++) {
      for (int j = 0; j < inputs; j++) {
        double sum = 0;
        for (int k = 0; k < d; k++) {
          sum += e[m * d + k] * w[k * inputs + j];
        }
        heads.values()[m * (inputs + 1) + j] = (float) sum;
      }
      heads.values()[m * (inputs + 1) + inputs] = (float) b[m];
    }
    var y = new double[outcomes.size()][];
    for (int i = 0; i < y.length; i++) {
      y[i] = Vectors.doubles(outcomes.quality().row(i));
    }
    Matrix deviation = HeadDeviation.of(new LinearHeads(heads), all, y, Vectors::sigmoid);
    return new RoutooEstimator(
        Parameters.of(outcomes.members()).with("heads", heads).with("deviation", deviation));
  }

  private static double[] gaussian(int size, double deviation, RandomGenerator random) {
    return IntStream.range(0, size).mapToDouble(i -> deviation * random.nextGaussian()).toArray();
  }

  private static void learn(
      Outcomes outcomes,
      Matrix inputs,
      int row,
      double[] w,
      double[] e,
      double[] b,
      double[] byW,
      double[] byE,
      double[] byB) {
    float[] x = inputs.row(row);
    int d = e.length / b.length;
    var z = new double[d];
    for (int k = 0; k < d; k++) {
      for (int j = 0; j < x.length; j++) {
        z[k] += w[k * x.length + j] * x[j];
      }
    }
    var byZ = new double[d];
    for (int m = 0; m < b.length; m++) {
      float quality = outcomes.quality().at(row, m);
      if (Float.isNaN(quality)) {
        continue;
      }
      double score = b[m];
      for (int k = 0; k < d; k++) {
        score += e[m * d + k] * z[k];
      }
      double slope = (Vectors.sigmoid(score) - quality) / BATCH;
      byB[m] += slope;
      for (int k = 0; k < d; k++) {
        byE[m * d + k] += slope * z[k];
        byZ[k] += slope * e[m * d + k];
      }
    }
    for (int k = 0; k < d; k++) {
      for (int j = 0; j < x.length; j++) {
        byW[k * x.length + j] += byZ[k] * x[j];
      }
    }
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
