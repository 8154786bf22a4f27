package dev.tutti.cascade.cache;

import dev.tutti.numerics.Vectors;
import java.util.List;

/**
 * From which similarity on a kept answer may be given to another question, learned for each answer
 * by itself (Schroeder et al. 2025, vCache, arXiv:2502.03771): right at similarity {@code s} with
 * probability {@code sigma(g (s - t))}, where {@code t} and {@code g} are the likeliest for what
 * was observed. How sure {@code t} is follows by the delta method: {@code var = h' H^-1 h}, {@code
 * h = (-1/g, b0/g^2)}, {@code b0 = -g t}. For each of 50 {@code epsilon} in (0, 1), {@code t' =
 * clip(t + z_(1-epsilon) sd)} and {@code alpha = (1 - epsilon) sigma(g (s - t'))}; the members are
 * asked with probability {@code tau = min 1 - delta / (1 - alpha)}, and the answer is given where
 * that is not above 0. Then at most a share {@code delta} of all answers is wrong, if the curve is
 * right.
 *
 * <p>With fewer than {@value #LEAST} observations the members are asked. Where similarities part
 * right from wrong the variance is the paper's own code's table by number of observations. Two
 * imagined observations, wrong at 0 and right at 1, keep the curve finite, as in that code; a small
 * penalty of the slope does where they part right from wrong.
 *
 * <p>Cost: 25 Newton steps over the observations, microseconds.
 */
final class ServingRule {

  /** So many observations are needed. */
  static final int LEAST = 6;

  private static final double[] EPSILON = new double[50];
  private static final double[] Z = new double[EPSILON.length];
  private static final int[] TABLE_COUNT = {6, 10, 20, 48};
  private static final double[] TABLE_VARIANCE = {0.0354, 0.0194, 0.0131, 0.0153};
  private static final double PENALTY = 1e-3;
  private static final int ROUNDS = 100;
  private static final double FLATTEST = 1e-6;

  static {
    for (int i = 0; i < EPSILON.length; i++) {
      EPSILON[i] = 1e-6 + (1 - 2e-6) * i / (EPSILON.length - 1);
      Z[i] = quantile(1 - EPSILON[i]);
    }
  }

  private ServingRule() {}

  /** Where an answer begins to be right: {@code t}, {@code g} and the deviation of {@code t}. */
  record Curve(double t, double g, double sd) {}

  /**
   * Probability with which the members are asked; 0 gives the answer, 1 asks in any case.
   *
   * @param similarity of the question to the answer's own
   * @param delta greatest share of wrong answers
   */
  static double asking(List<Observation> observed, double similarity, double delta) {
    if (observed.size() < LEAST) {
      return 1;
    }
    Curve curve = fit(observed);
    // The more alike, the less right: nothing to go by.
    return curve.g() <= FLATTEST ? 1 : Math.max(0, tau(curve, similarity, delta));
  }

  /** {@code tau}; below 0 where nobody needs to be asked. */
  static double tau(Curve curve, double similarity, double delta) {
    double least = 1;
    for (int i = 0; i < EPSILON.length; i++) {
      double cautious = Math.clamp(curve.t() + Z[i] * curve.sd(), 0, 1);
      double alpha = (1 - EPSILON[i]) * Vectors.sigmoid(curve.g() * (similarity - cautious));
      least = Math.min(least, 1 - delta / (1 - alpha));
    }
    return least;
  }

  /** The likeliest curve. */
  static Curve fit(List<Observation> observed) {
    int n = observed.size() + 2;
    var s = new double[n];
    var y = new double[n];
    for (int i = 0; i < observed.size(); i++) {
      s[i] = observed.get(i).similarity();
      y[i] = observed.get(i).right() ? 1 : 0;
    }
    s[n - 1] = 1;
    y[n - 1] = 1;
    double b = 0;
    double g = 0;
    double[] h = {0, 0, 0};
    double loss = loss(s, y, b, g);
    for (int round = 0; round < ROUNDS; round++) {
      double db = 0;
      double dg = PENALTY * g;
      h = new double[] {0, 0, PENALTY};
      for (int i = 0; i < n; i++) {
        double p = Vectors.sigmoid(b + g * s[i]);
        double w = p * (1 - p);
        db += p - y[i];
        dg += (p - y[i]) * s[i];
        h[0] += w;
        h[1] += w * s[i];
        h[2] += w * s[i] * s[i];
      }
      double determinant = h[0] * h[2] - h[1] * h[1];
      double stepB = (h[2] * db - h[1] * dg) / determinant;
      double stepG = (h[0] * dg - h[1] * db) / determinant;
      double part = 1;
      double next = loss(s, y, b - stepB, g - stepG);
      while (!(next <= loss) && part > 1e-9) {
        part /= 2;
        next = loss(s, y, b - part * stepB, g - part * stepG);
      }
      if (!(next <= loss)) {
        break;
      }
      b -= part * stepB;
      g -= part * stepG;
      boolean done = loss - next < 1e-12;
      loss = next;
      if (done) {
        break;
      }
    }
    double t = -b / g;
    double variance = isParted(s, y) ? tabled(observed.size()) : variance(h, b, g);
    return new Curve(t, g, Math.sqrt(Math.max(0, variance)));
  }

  private static double loss(double[] s, double[] y, double b, double g) {
    double loss = PENALTY * g * g / 2;
    for (int i = 0; i < s.length; i++) {
      double z = b + g * s[i];
      loss += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - y[i] * z;
    }
    return loss;
  }

  /** Of {@code -b/g}, where {@code h} is the loss's curvature: bb, bg, gg. */
  private static double variance(double[] h, double b, double g) {
    double determinant = h[0] * h[2] - h[1] * h[1];
    double first = -1 / g;
    double second = b / (g * g);
    return (h[2] * first * first - 2 * h[1] * first * second + h[0] * second * second)
        / determinant;
  }

  private static boolean isParted(double[] s, double[] y) {
    double mostWrong = Double.NEGATIVE_INFINITY;
    double leastRight = Double.POSITIVE_INFINITY;
    for (int i = 0; i < s.length; i++) {
      if (y[i] > 0) {
        leastRight = Math.min(leastRight, s[i]);
      } else {
        mostWrong = Math.max(mostWrong, s[i]);
      }
    }
    return mostWrong < leastRight;
  }

  private static double tabled(int count) {
    int last = TABLE_COUNT.length - 1;
    if (count >= TABLE_COUNT[last]) {
      return TABLE_VARIANCE[last];
    }
    int i = 1;
    while (count > TABLE_COUNT[i]) {
      i++;
    }
    double part = (double) (count - TABLE_COUNT[i - 1]) / (TABLE_COUNT[i] - TABLE_COUNT[i - 1]);
    return TABLE_VARIANCE[i - 1] + part * (TABLE_VARIANCE[i] - TABLE_VARIANCE[i - 1]);
  }

  /** Of the standard normal distribution, by bisection: 50 numbers, once. */
  private static double quantile(double p) {
    double low = -8;
    double high = 8;
    for (int i = 0; i < 60; i++) {
      double middle = (low + high) / 2;
      if (below(middle) < p) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return (low + high) / 2;
  }

  /** P(Z below z), by the series of Marsaglia 2004. */
  private static double below(double z) {
    double sum = z;
    double term = z;
    for (int i = 3; Math.abs(term) > 1e-17 && i < 400; i += 2) {
      term *= z * z / i;
      sum += term;
    }
    return 0.5 + sum * Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
  }
}
