package dev.tutti.starter.train.network;

/**
 * Adam (Kingma and Ba, 2015, arXiv:1412.6980) over plain arrays, after clipping the gradient's
 * norm.
 */
public final class Adam {

  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.98;
  private static final double EPSILON = 1e-8;
  private static final double LONGEST_GRADIENT = 1.0;

  private Adam() {}

  /**
   * One update in place.
   *
   * @param step counted from 1
   * @param learningRates one for each weight
   * @throws ArithmeticException where the gradient is not finite; nothing is changed then
   */
  public static void update(
      Weights weights,
      Weights gradients,
      Weights mean,
      Weights square,
      int step,
      double[] learningRates) {
    double norm = norm(gradients);
    if (!Double.isFinite(norm)) {
      throw new ArithmeticException("the gradient's norm is " + norm + " at step " + step);
    }
    double clip = Math.min(1, LONGEST_GRADIENT / (norm + 1e-12));
    double meanCorrection = 1 - Math.pow(BETA1, step);
    double squareCorrection = 1 - Math.pow(BETA2, step);
    for (int w = 0; w < weights.values().length; w++) {
      float[] value = weights.values()[w];
      float[] gradient = gradients.values()[w];
      float[] m = mean.values()[w];
      float[] v = square.values()[w];
      for (int i = 0; i < value.length; i++) {
        double g = gradient[i] * clip;
        m[i] = (float) (BETA1 * m[i] + (1 - BETA1) * g);
        v[i] = (float) (BETA2 * v[i] + (1 - BETA2) * g * g);
        value[i] -=
            (float)
                (learningRates[w]
                    * (m[i] / meanCorrection)
                    / (Math.sqrt(v[i] / squareCorrection) + EPSILON));
      }
    }
  }

  private static double norm(Weights gradients) {
    double sum = 0;
    for (float[] values : gradients.values()) {
      for (float value : values) {
        sum += (double) value * value;
      }
    }
    return Math.sqrt(sum);
  }
}
