package dev.tutti.router.method.cluster;

import dev.tutti.kit.settings.Setting;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Interruption;
import dev.tutti.numerics.KMeans;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Vectors;
import dev.tutti.router.Estimate;
import dev.tutti.router.QualityEstimator;
import dev.tutti.router.Query;
import dev.tutti.router.fit.Outcomes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Clusters: a member answers this query as well as it answered the recorded queries of the same
 * cluster.
 *
 * <p>Srivatsa et al. 2024, arXiv:2405.00467 (k-means, 50 clusters, on TF-IDF), and Zhang et al.
 * 2025, "The Avengers", arXiv:2505.19797, who embed queries and mix the {@code nearest} clusters
 * with weights {@code softmax(cosine / temperature)}. {@code nearest} = 1 is the former. Each
 * cluster's accuracies are drawn to the overall ones by {@code prior} queries (an extension; 0 is
 * the papers'). Srivatsa's viable set, those of at least a threshold in the cluster, is the rule
 * {@code cheapest-labelled}; that they vote is fusion, not routing.
 *
 * <p>Departure: k-means on the frozen embedding, fitted to the training queries only (the published
 * code fits on test queries too). Deviation: {@code sqrt(q (1 - q) / (n + prior + 1))} in the
 * nearest cluster. Costs clusters x dimensions.
 */
public final class ClusterEstimator implements QualityEstimator {

  private static final int ROUNDS = 100;

  private final Parameters parameters;
  private final Matrix centres;
  private final Matrix table;
  private final Matrix deviation;
  private final KMeans means;
  private final int nearest;
  private final double temperature;

  /** How to fit it. */
  public record Settings(
      @Setting(help = "number of clusters", min = 1, max = 10_000) int clusters,
      @Setting(help = "clusters that a query's estimate is mixed from", min = 1, max = 100)
          int nearest,
      @Setting(help = "of the mixture's weights", min = 1e-3, max = 100) double temperature,
      @Setting(help = "weight, in queries, of a member's overall mean", min = 0) double prior) {

    /** 50 clusters are Srivatsa's; the rest by cross-validation on the recordings. */
    public Settings() {
      this(50, 3, 0.1, 10);
    }
  }

  /** What was learned before. */
  public ClusterEstimator(Parameters parameters) {
    this.parameters = parameters;
    this.centres = parameters.matrix("centres");
    this.table = parameters.matrix("table");
    this.deviation = parameters.matrix("deviation");
    this.means = new KMeans(centres);
    this.nearest = (int) parameters.number("nearest");
    this.temperature = parameters.number("temperature");
  }

  /** Clusters the queries and averages in each. */
  public static ClusterEstimator fit(Outcomes outcomes, Settings settings, RandomGenerator random) {
    KMeans means = KMeans.fit(outcomes.embeddings(), settings.clusters(), ROUNDS, random);
    int[] assigned = means.assign(outcomes.embeddings());
    double[] overall = outcomes.meanQualityOr(0.5);
    var table = new Matrix(means.centres().rows(), overall.length);
    var deviation = new Matrix(table.rows(), overall.length);
    for (int c = 0; c < table.rows(); c++) {
      Interruption.check();
      int cluster = c;
      int[] inside =
          IntStream.range(0, assigned.length).filter(i -> assigned[i] == cluster).toArray();
      for (int m = 0; m < overall.length; m++) {
        double sum = 0;
        int seen = 0;
        for (int i : inside) {
          float q = outcomes.quality().at(i, m);
          if (!Float.isNaN(q)) {
            sum += q;
            seen++;
          }
        }
        double weight = seen == 0 ? 1 : settings.prior();
        double mean = (sum + weight * overall[m]) / (seen + weight);
        double q = Math.clamp(mean, 0, 1);
        table.values()[c * overall.length + m] = (float) mean;
        deviation.values()[c * overall.length + m] =
            (float) Math.sqrt(q * (1 - q) / (seen + weight + 1));
      }
    }
    return new ClusterEstimator(
        Parameters.of(outcomes.members())
            .with("centres", means.centres())
            .with("table", table)
            .with("deviation", deviation)
            .with("nearest", settings.nearest())
            .with("temperature", settings.temperature()));
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  @Override
  public Estimate estimate(Query query) {
    float[] x = query.embedding(centres.columns());
    var quality = new double[table.columns()];
    if (nearest == 1) {
      int cluster = means.assign(x);
      return new Estimate(
          Vectors.doubles(table.row(cluster)),
          Vectors.doubles(deviation.row(cluster)),
          Estimate.Scale.OUTCOME);
    }
    var similarity = new ArrayList<Double>();
    for (int c = 0; c < centres.rows(); c++) {
      similarity.add(centres.dot(c, x) / norm(c));
    }
    int[] order =
        IntStream.range(0, centres.rows())
            .boxed()
            .sorted(Comparator.comparing((Integer c) -> similarity.get(c)).reversed())
            .limit(nearest)
            .mapToInt(c -> c)
            .toArray();
    double[] weights =
        Vectors.softmax(Arrays.stream(order).mapToDouble(similarity::get).toArray(), temperature);
    for (int i = 0; i < order.length; i++) {
      Vectors.add(quality, weights[i], Vectors.doubles(table.row(order[i])));
    }
    return new Estimate(quality, Vectors.doubles(deviation.row(order[0])), Estimate.Scale.OUTCOME);
  }

  private double norm(int centre) {
    return Math.max(1e-12, Math.sqrt(centres.dot(centre, centres.row(centre))));
  }
}
