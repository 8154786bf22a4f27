package dev.tutti.decoder.method.token;

import dev.tutti.numerics.Adam;
import dev.tutti.numerics.Vectors;

/**
 * The main member's logits whose relative representation is nearest to a given one: {@code min_l
 * KL(r || softmax(l) R)}, over its most probable pieces; what all others contribute stays as it is.
 *
 * @param rows of the main member
 * @param candidates pieces whose logits move
 * @param mass probability of the candidates together, above 0
 * @param rest what the other pieces contribute to the representation, one an anchor
 * @param wanted r, one an anchor
 */
record RelativeSearch(
    RelativeRows rows, int[] candidates, double mass, double[] rest, double[] wanted) {

  /** Nats. Nearer there is rounding, of which Adam would make steps as long as any other. */
  private static final double FOUND = 1e-12;

  /** Steps from the first step length to the last one of the cosine schedule. */
  private static final int SCHEDULE = 10;

  /**
   * {@code KL(r || softmax(l) R)} and its gradient, both divided by the number of anchors.
   *
   * @param logits one a candidate
   * @param gradient added to
   */
  double loss(double[] logits, double[] gradient) {
    double[] q = Vectors.softmax(logits, 1);
    double[] relative = rest.clone();
    for (int i = 0; i < q.length; i++) {
      rows.add(candidates[i], mass * q[i], relative);
    }
    // Rows sum to 1, so the 1 that is taken off changes no gradient, but spares it rounding.
    var excess = new double[wanted.length];
    double loss = 0;
    for (int a = 0; a < excess.length; a++) {
      // An anchor that no piece of the main member is like cannot be reached.
      double ratio = relative[a] > 0 ? wanted[a] / relative[a] : 0;
      excess[a] = ratio - 1;
      loss += ratio > 0 ? wanted[a] * Math.log(ratio) : 0;
    }
    var slope = new double[q.length];
    double mean = 0;
    for (int i = 0; i < q.length; i++) {
      slope[i] = -mass * rows.dot(candidates[i], excess);
      mean += q[i] * slope[i];
    }
    for (int i = 0; i < q.length; i++) {
      gradient[i] += q[i] * (slope[i] - mean) / wanted.length;
    }
    return loss / wanted.length;
  }

  /**
   * Searches by AdamW without decay, whose steps get shorter from {@code rate} to a quarter of it
   * by half a cosine over {@value #SCHEDULE} steps.
   *
   * @param logits where it begins, one a candidate; overwritten
   */
  void search(double[] logits, double rate, int steps) {
    var adam = new Adam(logits, rate, 0);
    for (int step = 0; step < steps; step++) {
      if (loss(logits, adam.gradient()) * wanted.length < FOUND) {
        return;
      }
      adam.step(rate * (.25 + .75 * (1 + Math.cos(Math.PI * step / SCHEDULE)) / 2));
    }
  }
}
