package dev.tutti.numerics;

import java.util.function.ToDoubleFunction;

/** Slopes as anyone would measure them: what gradients that were worked out are held against. */
public final class FiniteDifferences {

  private static final double STEP = 1e-5;

  private FiniteDifferences() {}

  /** By what a loss changes with each number, from a step to either side. */
  public static double[] slopes(ToDoubleFunction<double[]> loss, double[] at) {
    var slopes = new double[at.length];
    for (int j = 0; j < at.length; j++) {
      double[] more = at.clone();
      double[] less = at.clone();
      more[j] += STEP;
      less[j] -= STEP;
      slopes[j] = (loss.applyAsDouble(more) - loss.applyAsDouble(less)) / (2 * STEP);
    }
    return slopes;
  }
}
