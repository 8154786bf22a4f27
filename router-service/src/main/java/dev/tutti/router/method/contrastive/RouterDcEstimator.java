package dev.tutti.router.method.contrastive;

import dev.tutti.kit.settings.Setting;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Vectors;
import dev.tutti.router.Estimate;
import dev.tutti.router.QualityEstimator;
import dev.tutti.router.Query;
import dev.tutti.router.fit.Outcomes;
import java.util.random.RandomGenerator;

/**
 * RouterDC: queries and members are embedded side by side; a query lies near those who answer it
 * well, and near queries of its kind.
 *
 * <p>Chen et al. 2024, arXiv:2409.19886. {@code sim_k(x) = cos(E(x), e_k)}. Sample-LLM loss: for
 * each of the {@code K+} best members that did better than 0, {@code -ln(exp(sim+) / (exp(sim+) +
 * sum_- exp(sim-)))} over those of the {@code K-} worst that scored at most a half. Sample-sample
 * loss: the same form, with a query of the same cluster against {@code H} of others. {@code L =
 * L_sLLM + lambda L_ss}. {@code K+ = K- = 3}, {@code H = 3}, {@code lambda = 1}, 8 clusters.
 *
 * <p>Departures: {@code E(x) = P phi(x)} with a frozen {@code phi} in place of mDeBERTa, as the
 * card proposes, by Adam; a temperature of 0.1 where the paper has 1, since a cosine in [-1, 1]
 * gives hardly a gradient there; members of equal score are ordered by their mean quality. The
 * estimate is {@code softmax(sim / temperature)}. Costs dimensions x 385. A query that teaches
 * nothing (no positive, or no negative) is used in the second loss only; outcomes that are NaN are
 * neither.
 */
public final class RouterDcEstimator implements QualityEstimator {

  private final Parameters parameters;
  private final Matrix projection;
  private final double[][] members;
  private final double temperature;

  /** How to fit it. */
  public record Settings(
      @Setting(help = "dimensions of the common space", min = 1, max = 1024) int dimensions,
      @Setting(help = "most positives, and most negatives, of a query", min = 1, max = 32)
          int contrasted,
      @Setting(help = "divides the cosines", min = 1e-3, max = 10) double temperature,
      @Setting(help = "weight of the sample-sample loss", min = 0, max = 100) double sampleSample,
      @Setting(help = "clusters of queries that are of one kind", min = 1, max = 1000) int clusters,
      @Setting(help = "steps of training", min = 1, max = 1_000_000) int steps,
      @Setting(help = "Adam's step", min = 1e-6, max = 1) double rate,
      @Setting(help = "weight decay", min = 0, max = 10) double decay) {

    /** K+, K-, the weight and the clusters are the paper's; the rest is ours. */
    public Settings() {
      this(48, 3, 0.1, 1, 8, 1000, 2e-3, 0.3);
    }
  }

  /** What was learned before. */
  public RouterDcEstimator(Parameters parameters) {
    this.parameters = parameters;
    this.projection = parameters.matrix("projection");
    this.temperature = parameters.number("temperature");
    Matrix vectors = parameters.matrix("members");
    this.members = new double[vectors.rows()][];
    for (int m = 0; m < members.length; m++) {
      members[m] = Vectors.unit(Vectors.doubles(vectors.row(m)));
    }
  }

  /** Learns projection and members. */
  public static RouterDcEstimator fit(
      Outcomes outcomes, Settings settings, RandomGenerator random) {
    var training = new DualContrast(outcomes, settings, random);
    for (int step = 0; step < settings.steps(); step++) {
      training.step();
    }
    return new RouterDcEstimator(
        Parameters.of(outcomes.members())
            .with("projection", training.projection())
            .with("members", training.members())
            .with("temperature", settings.temperature()));
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  @Override
  public Estimate estimate(Query query) {
    float[] x = query.inputs(projection.columns());
    var z = new double[projection.rows()];
    for (int i = 0; i < z.length; i++) {
      z[i] = projection.dot(i, x);
    }
    double[] unit = Vectors.unit(z);
    var similarity = new double[members.length];
    for (int m = 0; m < similarity.length; m++) {
      similarity[m] = Vectors.dot(unit, members[m]);
    }
    return Estimate.of(Vectors.softmax(similarity, temperature), Estimate.Scale.PREFERENCE);
  }
}
