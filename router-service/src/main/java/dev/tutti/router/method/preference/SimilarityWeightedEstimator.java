package dev.tutti.router.method.preference;

import dev.tutti.kit.settings.Setting;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.NeighbourIndex;
import dev.tutti.numerics.NeighbourIndex.Neighbours;
import dev.tutti.numerics.Vectors;
import dev.tutti.router.Estimate;
import dev.tutti.router.QualityEstimator;
import dev.tutti.router.Query;
import dev.tutti.router.fit.Outcomes;
import java.util.random.RandomGenerator;

/**
 * RouteLLM's similarity-weighted ranking: an Elo ranking of the members made for this query, in
 * which battles on similar queries count more. Nothing is trained.
 *
 * <p>Ong et al. 2024, arXiv:2406.18665: battle {@code i} weighs {@code omega_i = 10 * 10^(s_i /
 * max_j s_j)} with {@code s_i} the cosine to its query; a weighted Bradley-Terry fit by logistic
 * regression gives {@code Elo_m = 400 coef_m + 1000}, and {@code w = 1 / (1 + 10^((Elo_weak -
 * Elo_strong) / 400))}. Battles are all pairs of members that were run on a query, a tie is half a
 * win for each. The logistic regression of the published code has its library's default penalty,
 * {@code |coef|^2 / 2}; it is kept, per battle of mean weight.
 *
 * <p>Departures: only the {@code neighbours} most similar queries fight, for speed; {@code
 * sharpness} multiplies the exponent (1 in the paper: weights differ by at most a factor of ten).
 * Costs a search, members^2 per neighbour and a few solves of members x members. The estimate is
 * {@code softmax(ln 10 * coef)}: of two members one has the paper's {@code w}.
 */
public final class SimilarityWeightedEstimator implements QualityEstimator {

  /** The best cosine at or below which all battles weigh alike. */
  private static final double LEAST_SIMILAR = 1e-6;

  private static final double LN10 = Math.log(10);

  private final Parameters parameters;
  private final Matrix quality;
  private final NeighbourIndex index;
  private final int neighbours;
  private final double sharpness;

  /** How to fit it. */
  public record Settings(
      @Setting(help = "recorded queries whose battles count", min = 1, max = 1_000_000)
          int neighbours,
      @Setting(help = "how much more similar queries count", min = 0, max = 100) double sharpness) {

    /** Sharpness is the paper's. */
    public Settings() {
      this(300, 1);
    }
  }

  /** What was learned before. */
  public SimilarityWeightedEstimator(Parameters parameters) {
    this.parameters = parameters;
    this.quality = parameters.matrix("quality");
    this.index = new NeighbourIndex(parameters.matrix("embeddings"));
    this.neighbours = (int) parameters.number("neighbours");
    this.sharpness = parameters.number("sharpness");
  }

  /** Keeps the battles. */
  public static SimilarityWeightedEstimator fit(
      Outcomes outcomes, Settings settings, RandomGenerator random) {
    return new SimilarityWeightedEstimator(
        Parameters.of(outcomes.members())
            .with("embeddings", outcomes.embeddings())
            .with("quality", outcomes.quality())
            .with("neighbours", settings.neighbours())
            .with("sharpness", settings.sharpness()));
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  @Override
  public Estimate estimate(Query query) {
    Neighbours near =
        index.search(query.embedding(parameters.matrix("embeddings").columns()), neighbours);
    int members = members().size();
    double closest = near.similarities()[0];
    double total = 0;
    var weights = new double[near.size()];
    for (int i = 0; i < weights.length; i++) {
      // Where nothing is similar there is nothing to weigh by.
      weights[i] =
          closest > LEAST_SIMILAR
              ? Math.pow(10, 1 + sharpness * (near.similarities()[i] / closest - 1))
              : 1;
      total += weights[i];
    }
    var wins = new double[members][members];
    for (int i = 0; i < weights.length; i++) {
      double weight = weights[i] * weights.length / total;
      for (int a = 0; a < members; a++) {
        float its = quality.at(near.rows()[i], a);
        for (int b = 0; b < a; b++) {
          float other = quality.at(near.rows()[i], b);
          if (!Float.isNaN(its) && !Float.isNaN(other)) {
            double won = its > other ? 1 : its < other ? 0 : 0.5;
            wins[a][b] += weight * won;
            wins[b][a] += weight * (1 - won);
          }
        }
      }
    }
    // r = ln(10) coef, hence |coef|^2 / 2 = |r|^2 / (2 ln(10)^2).
    double[] strengths = BradleyTerry.strengths(wins, 1 / (LN10 * LN10));
    return Estimate.of(Vectors.softmax(strengths, 1), Estimate.Scale.PREFERENCE);
  }
}
