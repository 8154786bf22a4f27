package dev.tutti.numerics;

/**
 * Adam (Kingma & Ba 2015, arXiv:1412.6980) over one array of numbers, with decoupled weight decay
 * (Loshchilov & Hutter 2019). Not thread-safe.
 */
public final class Adam {

  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  private final double[] values;
  private final double[] gradient;
  private final double[] first;
  private final double[] second;
  private final double rate;
  private final double decay;
  private long steps;

  /**
   * Minimises over these values, in place.
   *
   * @param rate length of a step
   * @param decay of the values, per step and rate
   */
  public Adam(double[] values, double rate, double decay) {
    this.values = values;
    this.gradient = new double[values.length];
    this.first = new double[values.length];
    this.second = new double[values.length];
    this.rate = rate;
    this.decay = decay;
  }

  /** Where the caller adds up the gradient of the next step. */
  public double[] gradient() {
    return gradient;
  }

  /** A step; the gradient is 0 again after it. */
  public void step() {
    step(rate);
  }

  /** A step of another length, where a schedule says so. */
  public void step(double rate) {
    steps++;
    double scale1 = 1 - Math.pow(BETA1, steps);
    double scale2 = 1 - Math.pow(BETA2, steps);
    for (int i = 0; i < values.length; i++) {
      first[i] = BETA1 * first[i] + (1 - BETA1) * gradient[i];
      second[i] = BETA2 * second[i] + (1 - BETA2) * gradient[i] * gradient[i];
      double direction = first[i] / scale1 / (Math.sqrt(second[i] / scale2) + EPSILON);
      values[i] -= rate * (direction + decay * values[i]);
      gradient[i] = 0;
    }
  }
}
