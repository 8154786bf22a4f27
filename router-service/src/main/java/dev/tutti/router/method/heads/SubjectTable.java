package dev.tutti.router.method.heads;

import dev.tutti.numerics.Matrix;
import dev.tutti.router.fit.Outcomes;

/** How well each member does in each subject (benchmark, tag, cluster). */
final class SubjectTable {

  private SubjectTable() {}

  /**
   * Means by subject, drawn to the member's overall mean.
   *
   * @param subject of each query, from 0
   * @param prior weight of the overall mean, in queries
   */
  static Matrix of(Outcomes outcomes, int[] subject, int subjects, double prior) {
    double[] mean = outcomes.meanQualityOr(0.5);
    var sums = new double[subjects][mean.length];
    var counts = new int[subjects][mean.length];
    for (int i = 0; i < subject.length; i++) {
      for (int m = 0; m < mean.length; m++) {
        float q = outcomes.quality().at(i, m);
        if (!Float.isNaN(q)) {
          sums[subject[i]][m] += q;
          counts[subject[i]][m]++;
        }
      }
    }
    var table = new Matrix(subjects, mean.length);
    for (int s = 0; s < subjects; s++) {
      for (int m = 0; m < mean.length; m++) {
        double weight = counts[s][m] == 0 ? 1 : prior;
        table.values()[s * mean.length + m] =
            (float) ((sums[s][m] + weight * mean[m]) / (counts[s][m] + weight));
      }
    }
    return table;
  }
}
