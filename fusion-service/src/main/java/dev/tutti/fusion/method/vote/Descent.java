package dev.tutti.fusion.method.vote;

import dev.tutti.numerics.Interruption;

/**
 * The least of a convex loss by accelerated projected gradients (Beck & Teboulle 2009, FISTA), with
 * a step that is halved until it descends, and begun anew where it overshoots.
 */
final class Descent {

  private static final int MOST_STEPS = 1_000;
  private static final double CLOSE = 1e-6;

  private final Loss loss;
  private final double least;

  /** What is to be least. */
  interface Loss {
    /** The loss; writes its gradient where one is wanted, which may be null. */
    double at(double[] w, double[] gradient);
  }

  private Descent(Loss loss, double least) {
    this.loss = loss;
    this.least = least;
  }

  /**
   * Where it is least.
   *
   * @param begin not below {@code least}
   * @param curvature the first guess of the loss's, above 0
   * @param least bound of every number
   */
  static double[] minimum(Loss loss, double[] begin, double curvature, double least) {
    return new Descent(loss, least).from(begin, curvature);
  }

  private double[] from(double[] begin, double curvature) {
    double[] w = begin.clone();
    double[] ahead = w.clone();
    double steepness = curvature;
    double momentum = 1;
    double last = loss.at(w, null);
    for (int step = 0; step < MOST_STEPS; step++) {
      Interruption.check();
      var gradient = new double[w.length];
      double at = loss.at(ahead, gradient);
      double[] next = moved(ahead, gradient, steepness);
      double now = loss.at(next, null);
      while (now > bound(at, gradient, ahead, next, steepness)) {
        steepness *= 2;
        next = moved(ahead, gradient, steepness);
        now = loss.at(next, null);
      }
      if (now > last && momentum > 1) {
        momentum = 1;
        ahead = w.clone();
        continue;
      }
      double[] before = w;
      w = next;
      last = now;
      if (distance(w, before) < CLOSE) {
        return w;
      }
      double more = (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
      for (int i = 0; i < w.length; i++) {
        ahead[i] = w[i] + (momentum - 1) / more * (w[i] - before[i]);
      }
      momentum = more;
    }
    return w;
  }

  private double[] moved(double[] from, double[] gradient, double steepness) {
    var to = new double[from.length];
    for (int i = 0; i < to.length; i++) {
      to[i] = Math.max(least, from[i] - gradient[i] / steepness);
    }
    return to;
  }

  /** What a loss of this steepness at most would be. */
  private static double bound(
      double at, double[] gradient, double[] from, double[] to, double steepness) {
    double bound = at;
    for (int i = 0; i < to.length; i++) {
      double way = to[i] - from[i];
      bound += gradient[i] * way + steepness / 2 * way * way;
    }
    return bound + 1e-9 * Math.abs(at);
  }

  private static double distance(double[] a, double[] b) {
    double most = 0;
    for (int i = 0; i < a.length; i++) {
      most = Math.max(most, Math.abs(a[i] - b[i]));
    }
    return most;
  }
}
