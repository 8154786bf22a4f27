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
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Zooter: a classifier is taught, by rewards, with which probability each member's answer is the
 * best.
 *
 * <p>Lu et al. 2023, "Routing to the Expert", arXiv:2311.08692. Silver labels {@code s(q)_i =
 * softmax_i(P(q, m_i(q)))} of the rewards; enhanced by tags, {@code s* = beta s + (1 - beta) mean_t
 * s_t} with {@code s_t} the mean over the queries of tag {@code t}; the router minimises {@code
 * KL(s* || Z)}.
 *
 * <p>Rewards are the recorded qualities, tags are the recorded sets (a query without one keeps its
 * own label). {@code beta} = 0.3 as in the paper; {@code temperature} = 1 there. Departures: linear
 * heads on a frozen embedding in place of mDeBERTa; forward KL, whose optimum is the same. A query
 * on which somebody was not run is left out. Costs members x dimensions; no deviation.
 */
public final class ZooterEstimator implements QualityEstimator {

  private static final int ROUNDS = 120;

  private final Parameters parameters;
  private final LinearHeads heads;

  /** How to fit it. */
  public record Settings(
      @Setting(help = "share of a query's own label beside its tag's", min = 0, max = 1)
          double beta,
      @Setting(help = "temperature of the silver labels", min = 1e-3, max = 1e3) double temperature,
      @Setting(help = "L2 penalty of the mean loss", min = 0, max = 10) double lambda) {

    /** The paper's; the penalty is ours. */
    public Settings() {
      this(0.3, 1, 1e-4);
    }
  }

  /** What was learned before. */
  public ZooterEstimator(Parameters parameters) {
    this.parameters = parameters;
    this.heads = new LinearHeads(parameters.matrix("heads"));
  }

  /** Distils the rewards. */
  public static ZooterEstimator fit(Outcomes all, Settings settings, RandomGenerator random) {
    Outcomes outcomes = all.rows(all.complete());
    double[][] own = Labels.values(outcomes);
    for (int i = 0; i < own.length; i++) {
      own[i] = Vectors.softmax(own[i], settings.temperature());
    }
    return new ZooterEstimator(
        Parameters.of(outcomes.members())
            .with(
                "heads",
                LinearHeads.softmax(
                        outcomes.inputs(),
                        enhanced(own, outcomes.sets(), settings.beta()),
                        settings.lambda(),
                        ROUNDS)
                    .weights()));
  }

  /** {@code s*}. */
  static double[][] enhanced(double[][] own, List<String> tags, double beta) {
    List<String> names = tags.stream().distinct().toList();
    int[] tag = tags.stream().mapToInt(names::indexOf).toArray();
    var mean = new double[names.size()][own[0].length];
    var counts = new int[names.size()];
    for (int i = 0; i < own.length; i++) {
      Vectors.add(mean[tag[i]], 1, own[i]);
      counts[tag[i]]++;
    }
    var enhanced = new double[own.length][];
    for (int i = 0; i < own.length; i++) {
      boolean tagged = !tags.get(i).isEmpty();
      double share = tagged ? beta : 1;
      enhanced[i] = Arrays.stream(own[i]).map(s -> share * s).toArray();
      Vectors.add(enhanced[i], (1 - share) / counts[tag[i]], mean[tag[i]]);
    }
    return enhanced;
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  @Override
  public Estimate estimate(Query query) {
    Matrix weights = heads.weights();
    double[] z = heads.apply(query.inputs(weights.columns() - 1));
    return Estimate.of(Vectors.softmax(z, 1), Estimate.Scale.PREFERENCE);
  }
}
