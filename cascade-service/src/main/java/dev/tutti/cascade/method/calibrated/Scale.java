package dev.tutti.cascade.method.calibrated;

/**
 * How a probability is stretched before a logistic curve is fitted over it: models are mostly sure,
 * and what tells them apart lies close to 1 (Zellinger & Thomson 2025, arXiv:2501.09345).
 */
public enum Scale {
  /** {@code -ln(1 - p)}: of what a model gave its own answer. */
  ONE_SIDED,
  /** The same above 1/2, mirrored below it: of a "yes", which may be a "no". */
  TWO_SIDED;

  /** Nearer to 1 and to 0 the logarithm takes over, as rounding eats what is left. */
  private static final double NEAR = -1e-5;

  private static final double FAR = -10;

  private static final double HALF = Math.log(2);

  /**
   * Stretched.
   *
   * @param logprob logarithm of the probability, at most 0
   * @return infinite at 0 and 1
   */
  double of(double logprob) {
    double one = logprob > NEAR ? -Math.log(-logprob) : -Math.log(-Math.expm1(logprob));
    if (this == ONE_SIDED) {
      return logprob < FAR ? Math.exp(logprob) : one;
    }
    return logprob >= -HALF ? one - HALF : HALF + logprob;
  }
}
