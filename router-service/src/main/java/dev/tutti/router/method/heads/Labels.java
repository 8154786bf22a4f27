package dev.tutti.router.method.heads;

import dev.tutti.router.fit.Outcomes;

/** Recorded qualities as the targets of a fit. */
final class Labels {

  private Labels() {}

  /**
   * Qualities as fractions.
   *
   * @throws IllegalArgumentException when one is not in [0, 1]
   */
  static double[][] fractions(Outcomes outcomes) {
    double[][] values = values(outcomes);
    for (int i = 0; i < values.length; i++) {
      for (int m = 0; m < values[i].length; m++) {
        if (values[i][m] < 0 || values[i][m] > 1) {
          throw new IllegalArgumentException(
              "The quality of %s on query %d is %s; this method takes fractions from 0 to 1."
                  .formatted(outcomes.members().get(m), i, values[i][m]));
        }
      }
    }
    return values;
  }

  /** Qualities as they are; NaN stays NaN. */
  static double[][] values(Outcomes outcomes) {
    var values = new double[outcomes.size()][outcomes.members().size()];
    for (int i = 0; i < values.length; i++) {
      for (int m = 0; m < values[i].length; m++) {
        values[i][m] = outcomes.quality().at(i, m);
      }
    }
    return values;
  }
}
