package dev.tutti.numerics.calibration;

import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Vectors;
import java.util.Arrays;

/**
 * A logistic curve over one score (Platt 1999, without his smoothed labels): {@code p = 1 / (1 +
 * exp(-(bias + slope * score)))}, the likeliest one, found by Newton's method. The slope may have
 * either sign: a score may be worse than chance.
 *
 * <p>Where scores part right from wrong no curve is the likeliest; then {@code slope^2 / 2} is
 * added to the loss, over scores of variance 1. Where all labels or all scores are equal the slope
 * is 0 and nothing is known of it: its error is infinite.
 *
 * @param bias finite
 * @param slope finite
 * @param error standard error of the slope, from the curvature of the loss; above 0
 */
public record Logistic(double bias, double slope, double error) implements Calibration {

  private static final int MOST_ROUNDS = 50;
  private static final double STEEPEST = 30;
  private static final double CLOSE = 1e-14;
  private static final double ROUNDING = 1e-9;

  /** Rounded as it is kept, so that what is fitted is what is read. */
  public Logistic {
    bias = (float) bias;
    slope = (float) slope;
    error = (float) error;
  }

  /** How many standard errors the slope is away from none; 0 where nothing is known of it. */
  public double z() {
    return slope / error;
  }

  @Override
  public double of(double score) {
    // Of an infinite score too, where the slope is 0.
    return Vectors.sigmoid(slope == 0 ? bias : bias + slope * score);
  }

  @Override
  public Matrix kept() {
    return Matrix.row(bias, slope, error);
  }

  static Logistic read(Matrix kept) {
    return new Logistic(kept.at(0, 0), kept.at(0, 1), kept.at(0, 2));
  }

  /** The same probability whatever the score; nothing is known of its slope. */
  public static Logistic constant(double probability) {
    return new Logistic(Math.log(probability / (1 - probability)), 0, Double.POSITIVE_INFINITY);
  }

  /**
   * Fits.
   *
   * @param scores at least one, none NaN or infinite
   * @param labels one a score, in [0, 1]
   * @throws IllegalArgumentException when there is none, or a label is outside
   */
  public static Logistic fit(double[] scores, double[] labels) {
    require(scores, labels);
    int n = scores.length;
    double mean = Arrays.stream(scores).average().orElseThrow();
    double variance = Arrays.stream(scores).map(s -> (s - mean) * (s - mean)).sum() / n;
    double rate = Arrays.stream(labels).average().orElseThrow();
    if (!(variance > 0) || Arrays.stream(labels).allMatch(y -> y == labels[0])) {
      return constant(Math.clamp(rate, 1.0 / (n + 2), (n + 1.0) / (n + 2)));
    }
    double sd = Math.sqrt(variance);
    double[] x = Arrays.stream(scores).map(s -> (s - mean) / sd).toArray();
    double[] line = isSeparated(x, labels) ? null : newton(x, labels, 0);
    if (line == null) {
      line = newton(x, labels, 1);
    }
    return new Logistic(line[0] - line[1] * mean / sd, line[1] / sd, line[2] / sd);
  }

  private static void require(double[] scores, double[] labels) {
    if (scores.length == 0 || scores.length != labels.length) {
      throw new IllegalArgumentException(
          "%d scores and %d labels; at least one, and as many of both, are needed."
              .formatted(scores.length, labels.length));
    }
    for (double label : labels) {
      if (!(label >= 0 && label <= 1)) {
        throw new IllegalArgumentException(
            "A label is %s; a label is 0 (wrong) to 1 (right).".formatted(label));
      }
    }
  }

  /** Whether a score tells right from wrong without a fault: then no slope is steep enough. */
  private static boolean isSeparated(double[] x, double[] y) {
    double leastRight = Double.POSITIVE_INFINITY;
    double mostRight = Double.NEGATIVE_INFINITY;
    double leastWrong = Double.POSITIVE_INFINITY;
    double mostWrong = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < x.length; i++) {
      // A label between 0 and 1 is both.
      if (y[i] > 0) {
        leastRight = Math.min(leastRight, x[i]);
        mostRight = Math.max(mostRight, x[i]);
      }
      if (y[i] < 1) {
        leastWrong = Math.min(leastWrong, x[i]);
        mostWrong = Math.max(mostWrong, x[i]);
      }
    }
    return mostWrong <= leastRight || mostRight <= leastWrong;
  }

  /** Bias, slope and the slope's error; null where the curve grows ever steeper. */
  private static double[] newton(double[] x, double[] y, double penalty) {
    double bias = 0;
    double slope = 0;
    double loss = loss(x, y, bias, slope, penalty);
    for (int round = 0; ; round++) {
      double gradientBias = 0;
      double gradientSlope = penalty * slope;
      double aa = 0;
      double ab = 0;
      double bb = penalty;
      for (int i = 0; i < x.length; i++) {
        double p = Vectors.sigmoid(bias + slope * x[i]);
        double weight = p * (1 - p);
        gradientBias += p - y[i];
        gradientSlope += (p - y[i]) * x[i];
        aa += weight;
        ab += weight * x[i];
        bb += weight * x[i] * x[i];
      }
      double determinant = aa * bb - ab * ab;
      boolean grows = !(determinant > 0) || Math.abs(slope) > STEEPEST || round == MOST_ROUNDS;
      if (penalty == 0 && grows) {
        return null;
      }
      double error = Math.sqrt(aa / determinant);
      double stepBias = (bb * gradientBias - ab * gradientSlope) / determinant;
      double stepSlope = (aa * gradientSlope - ab * gradientBias) / determinant;
      double decrement = stepBias * gradientBias + stepSlope * gradientSlope;
      if (decrement < CLOSE || round == MOST_ROUNDS) {
        return new double[] {bias, slope, error};
      }
      // A whole step may lead too far where the start is; half of it never leads uphill for ever.
      double step = 1;
      double next = loss(x, y, bias - stepBias, slope - stepSlope, penalty);
      while (!(next <= loss + ROUNDING) && step > ROUNDING) {
        step /= 2;
        next = loss(x, y, bias - step * stepBias, slope - step * stepSlope, penalty);
      }
      bias -= step * stepBias;
      slope -= step * stepSlope;
      loss = next;
    }
  }

  private static double loss(double[] x, double[] y, double bias, double slope, double penalty) {
    double loss = penalty * slope * slope / 2;
    for (int i = 0; i < x.length; i++) {
      double z = bias + slope * x[i];
      // ln(1 + e^z) - y z, without overflow.
      loss += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - y[i] * z;
    }
    return loss;
  }
}
