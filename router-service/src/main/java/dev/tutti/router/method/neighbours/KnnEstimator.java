package dev.tutti.router.method.neighbours;

import dev.tutti.kit.settings.Setting;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.NeighbourIndex;
import dev.tutti.numerics.NeighbourIndex.Neighbours;
import dev.tutti.router.Estimate;
import dev.tutti.router.QualityEstimator;
import dev.tutti.router.Query;
import dev.tutti.router.fit.Outcomes;
import java.util.random.RandomGenerator;

/**
 * k nearest neighbours: a member answers this query as well as it answered the recorded queries
 * most like it.
 *
 * <p>Hu et al. 2024, RouterBench, arXiv:2403.12031: {@code P_m(x) = 1/k sum_{i in NN_k(x)} q_im},
 * neighbours by cosine. With the rule {@code quality-minus-cost} it is their router with a
 * willingness to pay. {@code k} is 5, 10 or 40 there, and all count alike.
 *
 * <p>Departures: neighbour {@code i} weighs {@code exp(s_i / temperature)} with its cosine {@code
 * s_i}; 0 is the paper. With 0.1, the width of the kernel, the squared error of the estimates in
 * cross-validation over the recordings is lower from 80 neighbours on, and hardly depends on their
 * number. {@code shrinkage} {@code tau} draws a mean over few neighbours towards what the member
 * does on average, {@code (n mean + tau qbar_m) / (n + tau)} with {@code n = (sum w)^2 / sum w^2};
 * 0 is the paper.
 *
 * <p>The deviation is that of a mean, {@code sqrt(q (1 - q) / (n + tau + 1))}, of a Beta
 * distribution, for outcomes in [0, 1]; without shrinkage, and where all neighbours agree, with
 * Laplace's two queries more ({@link Smoothed}), since it would be 0. Costs one search ({@link
 * NeighbourIndex}). Outcomes that are NaN are no neighbours' outcomes; a member without any is
 * estimated by its mean.
 */
public final class KnnEstimator implements QualityEstimator {

  private final Parameters parameters;
  private final NeighbourIndex index;
  private final Matrix quality;
  private final float[] mean;
  private final int k;
  private final double temperature;
  private final double shrinkage;

  /** How to fit it. */
  public record Settings(
      @Setting(help = "how many recorded queries are looked at", min = 1, max = 10_000) int k,
      @Setting(
              help = "by which cosines are divided where similar queries count more; 0: all alike",
              min = 0,
              max = 100)
          double temperature,
      @Setting(
              help = "weight, in queries, of a member's overall mean beside its neighbours'",
              min = 0)
          double shrinkage) {

    /** By cross-validation on the recordings. */
    public Settings() {
      this(150, 0.1, 0);
    }
  }

  /** What was learned before. */
  public KnnEstimator(Parameters parameters) {
    this.parameters = parameters;
    this.index = new NeighbourIndex(parameters.matrix("embeddings"));
    this.quality = parameters.matrix("quality");
    this.mean = parameters.matrix("mean").row(0);
    this.k = (int) parameters.number("k");
    this.temperature = parameters.number("temperature");
    this.shrinkage = parameters.number("shrinkage");
  }

  /** Keeps the outcomes. */
  public static KnnEstimator fit(Outcomes outcomes, Settings settings, RandomGenerator random) {
    return new KnnEstimator(
        Parameters.of(outcomes.members())
            .with("embeddings", outcomes.embeddings())
            .with("quality", outcomes.quality())
            .with("mean", Matrix.row(outcomes.meanQualityOr(0.5)))
            .with("k", settings.k())
            .with("temperature", settings.temperature())
            .with("shrinkage", settings.shrinkage()));
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  @Override
  public Estimate estimate(Query query) {
    Neighbours near = index.search(query.embedding(parameters.matrix("embeddings").columns()), k);
    var estimate = new double[mean.length];
    var deviation = new double[mean.length];
    double[] weights = weights(near);
    for (int m = 0; m < estimate.length; m++) {
      double sum = 0;
      double total = 0;
      double squares = 0;
      for (int i = 0; i < weights.length; i++) {
        float q = quality.at(near.rows()[i], m);
        if (!Float.isNaN(q)) {
          sum += weights[i] * q;
          total += weights[i];
          squares += weights[i] * weights[i];
        }
      }
      double seen = total == 0 ? 0 : total * total / squares;
      double weight = seen == 0 ? 1 : shrinkage;
      estimate[m] = ((seen == 0 ? 0 : seen * sum / total) + weight * mean[m]) / (seen + weight);
      double q = Math.clamp(estimate[m], 0, 1);
      deviation[m] =
          shrinkage == 0 || q == 0 || q == 1
              ? Smoothed.deviation(q, seen + weight)
              : Math.sqrt(q * (1 - q) / (seen + weight + 1));
    }
    return new Estimate(estimate, deviation, Estimate.Scale.OUTCOME);
  }

  /** Of each neighbour; 1 of the nearest. */
  private double[] weights(Neighbours near) {
    var weights = new double[near.size()];
    for (int i = 0; i < weights.length; i++) {
      double further = near.similarities()[0] - near.similarities()[i];
      weights[i] = temperature == 0 ? 1 : Math.exp(-further / temperature);
    }
    return weights;
  }
}
