package dev.tutti.numerics.calibration;

import dev.tutti.numerics.Matrix;

/** What a score is worth as a probability, learned from labels. Immutable. */
public sealed interface Calibration permits Logistic, Isotonic {

  /** Fewer labels are too few for steps: {@link #isotonic} then fits a curve. */
  int FEWEST_STEPS = 50;

  /**
   * The probability.
   *
   * @param score a number, not NaN
   * @return in [0, 1]; equal scores, equal probabilities
   */
  double of(double score);

  /** Everything that was learned, as {@link #read} takes it. */
  Matrix kept();

  /** What {@link #kept} kept; it does bit for bit the same. */
  static Calibration read(Matrix kept) {
    return kept.rows() == 1 ? Logistic.read(kept) : Isotonic.read(kept);
  }

  /**
   * Monotone steps, in the direction of the logistic curve; of fewer than {@value #FEWEST_STEPS}
   * labels, that curve.
   *
   * @param scores numbers, none NaN or infinite
   * @param labels one a score, in [0, 1]
   */
  static Calibration isotonic(double[] scores, double[] labels) {
    Logistic curve = Logistic.fit(scores, labels);
    return scores.length < FEWEST_STEPS ? curve : Isotonic.fit(scores, labels, curve.slope() >= 0);
  }
}
