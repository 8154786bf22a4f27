package dev.tutti.router.method.preference;

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
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * RouteLLM's matrix factorisation: how strong each member is on a query, learned from who beat
 * whom.
 *
 * <p>Ong et al. 2024, arXiv:2406.18665: {@code delta(m, x) = u^T (v_m (.) W phi(x))} with {@code
 * v_m} of unit length, {@code P(a beats b | x) = sigmoid(delta(a, x) - delta(b, x))}, fitted by
 * {@code -ln sigmoid(delta(winner) - delta(loser))}; ties are dropped, Gaussian noise is added to
 * the embedding. Battles are all pairs of members with different quality on a query.
 *
 * <p>Since {@code W} is linear, {@code delta(m, x)} is one product per member, {@code (W^T (u (.)
 * v_m)) phi(x)}: that is what is kept and what a request costs. The estimate is {@code
 * softmax(delta)}, so that of two members one has the paper's {@code P}.
 *
 * <p>Adam with batches of 64, as in the published code. Departures: 16 dimensions, 25 epochs and a
 * rate of 3e-3 in place of 128, 100 and 3e-4, for fewer data than the arena's; noise of 0.005 a
 * number in place of 0.1, which on a unit vector of 384 numbers is twice its length; a constant is
 * appended to the input, which gives each member an overall strength that the published code can
 * only take from the embeddings' mean; all members start alike, and one that never fought stays so.
 */
public final class MatrixFactorizationEstimator implements QualityEstimator {

  private static final int BATCH = 64;

  private final Parameters parameters;
  private final LinearHeads strengths;

  /** How to fit it. */
  public record Settings(
      @Setting(help = "length of a member's vector", min = 1, max = 1024) int dimensions,
      @Setting(help = "passes over the battles", min = 1, max = 10_000) int epochs,
      @Setting(help = "Adam's step", min = 1e-6, max = 1) double rate,
      @Setting(help = "weight decay", min = 0, max = 1) double decay,
      @Setting(
              help = "standard deviation of the noise that is added to each number of the input",
              min = 0)
          double noise) {

    /** Ours; the published launcher adds noise of 0.1 to each number. */
    public Settings() {
      this(16, 25, 3e-3, 0.3, 0.005);
    }
  }

  /** What was learned before. */
  public MatrixFactorizationEstimator(Parameters parameters) {
    this.parameters = parameters;
    this.strengths = new LinearHeads(parameters.matrix("strengths"));
  }

  /** Learns from all pairs. */
  public static MatrixFactorizationEstimator fit(
      Outcomes outcomes, Settings settings, RandomGenerator random) {
    var learner = new Learner(outcomes, settings, random);
    for (int epoch = 0; epoch < settings.epochs(); epoch++) {
      learner.pass();
    }
    return new MatrixFactorizationEstimator(
        Parameters.of(outcomes.members()).with("strengths", learner.strengths()));
  }

  private static final class Learner {
    private final Outcomes outcomes;
    private final Matrix all;
    private final RandomGenerator random;
    private final int d;
    private final int inputs;
    private final double noise;
    private final double[] w;
    private final double[] u;
    private final double[] v;
    private final Adam onW;
    private final Adam onU;
    private final Adam onV;

    Learner(Outcomes outcomes, Settings settings, RandomGenerator random) {
      this.outcomes = outcomes;
      this.random = random;
      d = settings.dimensions();
      all = outcomes.inputs();
      inputs = all.columns() + 1;
      noise = settings.noise();
      w = normal(d * inputs, 1 / Math.sqrt(inputs));
      u = normal(d, 1);
      // All alike at first: who never fought, or fights alike, stays alike.
      double[] one = normal(d, 1);
      v = new double[d * outcomes.members().size()];
      for (int i = 0; i < v.length; i++) {
        v[i] = one[i % d];
      }
      onW = new Adam(w, settings.rate(), settings.decay());
      onU = new Adam(u, settings.rate(), settings.decay());
      onV = new Adam(v, settings.rate(), 0);
    }

    private double[] normal(int size, double deviation) {
      return IntStream.range(0, size).mapToDouble(i -> deviation * random.nextGaussian()).toArray();
    }

    void pass() {
      int[] order = Shuffle.of(outcomes.size(), random);
      for (int i = 0; i < order.length; i++) {
        Interruption.check();
        learn(order[i]);
        if (i % BATCH == BATCH - 1 || i == order.length - 1) {
          onW.step();
          onU.step();
          onV.step();
        }
      }
    }

    private void learn(int row) {
      int members = outcomes.members().size();
      var x = new double[inputs];
      for (int j = 0; j < inputs - 1; j++) {
        x[j] = all.at(row, j) + noise * random.nextGaussian();
      }
      x[inputs - 1] = 1;
      var p = new double[d];
      for (int i = 0; i < d; i++) {
        p[i] = at(w, i, x);
      }
      var unit = new double[members][];
      var delta = new double[members];
      for (int m = 0; m < members; m++) {
        unit[m] = Vectors.unit(java.util.Arrays.copyOfRange(v, m * d, (m + 1) * d));
        for (int i = 0; i < d; i++) {
          delta[m] += u[i] * unit[m][i] * p[i];
        }
      }
      descend(x, p, unit, slopes(row, delta));
    }

    /** Derivative of a row's loss by each member's delta. */
    private double[] slopes(int row, double[] delta) {
      var slopes = new double[delta.length];
      int battles = 0;
      for (int a = 0; a < delta.length; a++) {
        for (int b = 0; b < delta.length; b++) {
          // False for NaN: who was not run did not fight.
          if (outcomes.quality().at(row, a) > outcomes.quality().at(row, b)) {
            double slope = Vectors.sigmoid(delta[a] - delta[b]) - 1;
            slopes[a] += slope;
            slopes[b] -= slope;
            battles++;
          }
        }
      }
      for (int m = 0; m < slopes.length; m++) {
        slopes[m] /= BATCH * Math.max(1, battles);
      }
      return slopes;
    }

    private void descend(double[] x, double[] p, double[][] unit, double[] slopes) {
      var byP = new double[d];
      for (int m = 0; m < slopes.length; m++) {
        if (slopes[m] == 0) {
          continue;
        }
        var byUnit = new double[d];
        for (int i = 0; i < d; i++) {
          byP[i] += slopes[m] * u[i] * unit[m][i];
          onU.gradient()[i] += slopes[m] * unit[m][i] * p[i];
          byUnit[i] = slopes[m] * u[i] * p[i];
        }
        // Through the scaling to unit length.
        double along = Vectors.dot(byUnit, unit[m]);
        double norm = 0;
        for (int i = 0; i < d; i++) {
          norm += v[m * d + i] * v[m * d + i];
        }
        norm = Math.sqrt(norm);
        for (int i = 0; i < d; i++) {
          onV.gradient()[m * d + i] += (byUnit[i] - along * unit[m][i]) / norm;
        }
      }
      double[] byW = onW.gradient();
      for (int i = 0; i < d; i++) {
        double slope = byP[i];
        if (slope != 0) {
          for (int j = 0; j < inputs; j++) {
            byW[i * inputs + j] += slope * x[j];
          }
        }
      }
    }

    private double at(double[] matrix, int row, double[] x) {
      double sum = 0;
      for (int j = 0; j < inputs; j++) {
        sum += matrix[row * inputs + j] * x[j];
      }
      return sum;
    }

    Matrix strengths() {
      int members = outcomes.members().size();
      var strengths = new Matrix(members, inputs);
      for (int m = 0; m < members; m++) {
        double[] unit = Vectors.unit(java.util.Arrays.copyOfRange(v, m * d, (m + 1) * d));
        for (int j = 0; j < inputs; j++) {
          double sum = 0;
          for (int i = 0; i < d; i++) {
            sum += u[i] * unit[i] * w[i * inputs + j];
          }
          strengths.values()[m * inputs + j] = (float) sum;
        }
      }
      return strengths;
    }
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  @Override
  public Estimate estimate(Query query) {
    double[] delta = strengths.apply(query.inputs(strengths.weights().columns() - 1));
    return Estimate.of(Vectors.softmax(delta, 1), Estimate.Scale.PREFERENCE);
  }
}
