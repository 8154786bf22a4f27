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
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Bench-CoE: which subject is this of, and how well does each member do in that subject; and how
 * much better or worse than that on this very query.
 *
 * <p>Wang et al. 2024, Bench-CoE, arXiv:2412.04167, have two routers. Subject-level: a classifier
 * {@code P(s | x)} and a table {@code T_sm} of the members' accuracies by subject. Query-level: one
 * regression a member, by squared error, {@code y_m(x)}. The first generalises, the second is sharp
 * where it has seen enough. Here the second is fitted to what the first leaves over:
 *
 * <pre>
 * q_m(x) = sum_s P(s | x) T_sm + w_m (x - xbar),   w_m = argmin sum_i (q_im - T_s(i)m - w_m (x_i - xbar))^2 + lambda |w_m|^2
 * </pre>
 *
 * so that a noisy estimate is drawn towards the subject's: {@code lambda} to infinity is
 * subject-level, a single subject is query-level.
 *
 * <p>Departures: linear heads on a frozen embedding in place of BERT; the classifier is least
 * squares to one-hot targets with a softmax of {@value #TEMPERATURE}; {@code T_sm} is drawn to the
 * member's overall mean by {@code prior} queries. Deviation: root mean square of what the fit
 * leaves over, times {@code sqrt(parameters / queries)}, as for least squares. Costs (subjects +
 * members) x dimensions. A query whose set is unknown counts as of subject "".
 */
public final class BenchCoeEstimator implements QualityEstimator {

  private static final double TEMPERATURE = 0.15;
  private static final double SUBJECT_LAMBDA = 1;

  private final Parameters parameters;
  private final LinearHeads subjects;
  private final LinearHeads residual;
  private final Matrix table;
  private final double[] deviation;

  /** How to fit it. */
  public record Settings(
      @Setting(
              help = "ridge penalty of the query-level part; much of it is subject-level",
              min = 1e-6)
          double lambda,
      @Setting(help = "weight, in queries, of a member's overall mean in the table", min = 0)
          double prior) {

    /** Chosen by cross-validation over the training parts of the recordings: see METHODS.md. */
    public Settings() {
      this(100, 10);
    }
  }

  /** What was learned before. */
  public BenchCoeEstimator(Parameters parameters) {
    this.parameters = parameters;
    this.subjects = new LinearHeads(parameters.matrix("subjects"));
    this.residual = new LinearHeads(parameters.matrix("residual"));
    this.table = parameters.matrix("table");
    this.deviation = Vectors.doubles(parameters.matrix("deviation").row(0));
  }

  /** Fits classifier, table and regressions. */
  public static BenchCoeEstimator fit(
      Outcomes outcomes, Settings settings, RandomGenerator random) {
    List<String> names = outcomes.setNames();
    int[] subject = outcomes.sets().stream().mapToInt(names::indexOf).toArray();
    Matrix table = SubjectTable.of(outcomes, subject, names.size(), settings.prior());
    var oneHot = new double[outcomes.size()][names.size()];
    var left = new double[outcomes.size()][outcomes.members().size()];
    for (int i = 0; i < left.length; i++) {
      oneHot[i][subject[i]] = 1;
      for (int m = 0; m < left[i].length; m++) {
        left[i][m] = outcomes.quality().at(i, m) - table.at(subject[i], m);
      }
    }
    LinearHeads residual = LinearHeads.ridge(outcomes.inputs(), left, settings.lambda());
    return new BenchCoeEstimator(
        Parameters.of(outcomes.members())
            .with(
                "subjects", LinearHeads.ridge(outcomes.inputs(), oneHot, SUBJECT_LAMBDA).weights())
            .with("residual", residual.weights())
            .with("table", table)
            .with("deviation", HeadDeviation.of(residual, outcomes.inputs(), left)));
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  @Override
  public Estimate estimate(Query query) {
    float[] x = LinearHeads.padded(query.inputs(residual.weights().columns() - 1));
    double[] quality = residual.apply(x);
    double[] share = Vectors.softmax(subjects.apply(x), TEMPERATURE);
    for (int s = 0; s < share.length; s++) {
      for (int m = 0; m < quality.length; m++) {
        quality[m] += share[s] * table.at(s, m);
      }
    }
    return new Estimate(quality, deviation, Estimate.Scale.OUTCOME);
  }
}
