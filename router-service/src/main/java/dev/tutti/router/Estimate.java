package dev.tutti.router;

/**
 * How well each member is expected to answer a query.
 *
 * @param quality one number a member, finite
 * @param deviation its standard deviation as the estimator sees it, finite and not negative; 0
 *     where the estimator does not tell
 * @param scale what the numbers of {@code quality} are
 */
public record Estimate(double[] quality, double[] deviation, Scale scale) {

  /** What an estimated quality means, and so how two members compare. */
  public enum Scale {
    /** Expected quality in the unit of the recorded outcomes, e.g. the probability of success. */
    OUTCOME {
      @Override
      double beats(double a, double aDeviation, double b, double bDeviation) {
        double spread = Math.sqrt(aDeviation * aDeviation + bDeviation * bDeviation);
        if (spread == 0) {
          return a > b ? 1 : a < b ? 0 : 0.5;
        }
        return normal((a - b) / spread);
      }
    },
    /**
     * Probability of being the best of all: a softmax of strengths, so that of two members one is
     * preferred with the share that it has of both (Bradley-Terry).
     */
    PREFERENCE {
      @Override
      double beats(double a, double aDeviation, double b, double bDeviation) {
        return a + b > 0 ? a / (a + b) : 0.5;
      }
    };

    /** Probability that a member of quality {@code a} beats one of quality {@code b}. */
    abstract double beats(double a, double aDeviation, double b, double bDeviation);
  }

  /** Checks the numbers. */
  public Estimate {
    if (quality.length != deviation.length) {
      throw new IllegalArgumentException(
          "There are %d qualities and %d deviations.".formatted(quality.length, deviation.length));
    }
    for (int i = 0; i < quality.length; i++) {
      if (!Double.isFinite(quality[i]) || !(deviation[i] >= 0) || deviation[i] > Double.MAX_VALUE) {
        throw new IllegalArgumentException(
            "Estimate %d is %s with a deviation of %s; both must be finite, the latter not negative."
                .formatted(i, quality[i], deviation[i]));
      }
    }
  }

  /** Probability that member {@code a} answers better than member {@code b}. */
  public double beats(int a, int b) {
    return scale.beats(quality[a], deviation[a], quality[b], deviation[b]);
  }

  /** An estimate without deviations. */
  public static Estimate of(double[] quality, Scale scale) {
    return new Estimate(quality, new double[quality.length], scale);
  }

  /**
   * Distribution function of the standard normal distribution, by the logistic approximation of
   * Bowling et al. 2009 (error below 0.00014).
   */
  static double normal(double z) {
    return 1 / (1 + Math.exp(-(0.07056 * z * z * z + 1.5976 * z)));
  }
}
