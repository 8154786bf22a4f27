package dev.tutti.fusion.method.ranking;

import dev.tutti.fusion.LearnedFusion;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.measure.SelectiveCurve;
import dev.tutti.numerics.trees.Trees;
import java.util.List;

/**
 * Trees that tell how probable it is that an answer is right, and how often they are wrong where
 * they are so sure. Immutable.
 *
 * @param members whom they have learned about
 * @param trees over the answers' features
 * @param logOdds whether their sum is a log-odds, else it is a probability
 * @param calibration by coverage in hundredths, from 1: the least probability that is answered, and
 *     the risk then, on questions that the trees had not seen
 */
record AnswerTrees(List<String> members, Trees trees, boolean logOdds, Matrix calibration)
    implements LearnedFusion {

  static final int PERCENT = 100;

  static AnswerTrees read(Parameters parameters) {
    Matrix calibration = parameters.matrix("calibration");
    if (calibration.rows() != PERCENT || calibration.columns() != 2) {
      throw new IllegalArgumentException(
          "The calibration is %d x %d, not %d x 2."
              .formatted(calibration.rows(), calibration.columns(), PERCENT));
    }
    return new AnswerTrees(
        parameters.members(),
        MetricHeads.trees(parameters, ""),
        parameters.number("log_odds") == 1,
        calibration);
  }

  static Matrix calibration(SelectiveCurve curve) {
    var table = new Matrix(PERCENT, 2);
    for (int c = 0; c < PERCENT; c++) {
      double coverage = (c + 1.0) / PERCENT;
      table.values()[2 * c] = (float) curve.threshold(coverage);
      table.values()[2 * c + 1] = (float) curve.risk(coverage);
    }
    return table;
  }

  @Override
  public Parameters parameters() {
    return MetricHeads.with(Parameters.of(members), "", trees)
        .with("log_odds", logOdds ? 1 : 0)
        .with("calibration", calibration);
  }

  /** How probable it is that an answer with these features is right. */
  double probability(float[] row) {
    double score = trees.score(row);
    return logOdds ? 1 / (1 + Math.exp(-score)) : Math.clamp(score, 0, 1);
  }

  /**
   * The least probability that is answered: of the greatest coverage that is wanted, at most, with
   * no greater risk than is wanted; of the least coverage where no risk is so small. 0 where all
   * may be answered.
   *
   * @param coverage above 0 to 1
   * @param error 0 to 1
   */
  double threshold(double coverage, double error) {
    int most = Math.clamp((int) Math.floor(coverage * PERCENT + 1e-9), 1, PERCENT);
    for (int c = most - 1; c >= 0; c--) {
      if (calibration.at(c, 1) <= (float) error) {
        return c == PERCENT - 1 ? 0 : calibration.at(c, 0);
      }
    }
    return calibration.at(0, 0);
  }
}
