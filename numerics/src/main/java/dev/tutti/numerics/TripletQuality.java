package dev.tutti.numerics;

import java.util.Arrays;

/**
 * How good voices are, from how far apart their answers lie, without labels (Guha et al. 2024,
 * Smoothie, arXiv:2412.04692, algorithm 1). Answers are points {@code l_i = z* + e_i} about the
 * true one, with independent Gaussian errors: {@code p(z*, l) ~ exp(-sum_i theta_i |l_i - z*|^2)}.
 * With {@code D_ij} the mean of {@code |l_i - l_j|^2} over questions, three voices tell the error
 * of one, {@code delta_i = (D_ij + D_ik - D_jk) / 2}; it is averaged over all pairs j, k, and
 * {@code theta_i ~ 1 / delta_i}. Where all distances are known {@code delta_i = R_i / (K - 2) - T /
 * ((K - 1)(K - 2))}, {@code R_i = sum_j D_ij}, {@code T = sum_(j<k) D_jk}: the medoid has the
 * least.
 *
 * <p>Voices that err together make a delta too small, below 0 even: it is at least {@value #LEAST},
 * where the authors' code would give the best voice a negative weight.
 */
public final class TripletQuality {

  /** Least error. */
  static final double LEAST = 1e-9;

  private TripletQuality() {}

  /**
   * The mean squared error of each voice, {@code delta}, as it is estimated.
   *
   * @param distances {@code [i][j]}, symmetric; NaN where a pair was never seen together
   * @return NaN for a voice that is in no triple, all of them where there are fewer than three
   */
  public static double[] errors(double[][] distances) {
    int size = distances.length;
    var errors = new double[size];
    for (int i = 0; i < size; i++) {
      double sum = 0;
      int triples = 0;
      for (int j = 0; j < size; j++) {
        for (int k = j + 1; k < size; k++) {
          double error = (distances[i][j] + distances[i][k] - distances[j][k]) / 2;
          if (i != j && i != k && !Double.isNaN(error)) {
            sum += error;
            triples++;
          }
        }
      }
      errors[i] = triples == 0 ? Double.NaN : sum / triples;
    }
    return errors;
  }

  /**
   * The weight of each voice, {@code theta}.
   *
   * @param voices for each member, the first one that says the same: a voice counts once, and who
   *     shares it has its weight
   * @return at least 0, with a sum of 1; 0 for who is in no triple, all alike where nobody is
   */
  public static double[] weights(double[][] distances, int[] voices) {
    int[] own = Arrays.stream(voices).distinct().toArray();
    var between = new double[own.length][own.length];
    for (int i = 0; i < own.length; i++) {
      for (int j = 0; j < own.length; j++) {
        between[i][j] = i == j ? 0 : distances[own[i]][own[j]];
      }
    }
    double[] errors = errors(between);
    var weights = new double[voices.length];
    for (int m = 0; m < weights.length; m++) {
      double error = errors[Arrays.binarySearch(own, voices[m])];
      weights[m] = Double.isNaN(error) ? 0 : LEAST / Math.max(LEAST, error);
    }
    double sum = Arrays.stream(weights).sum();
    return Arrays.stream(weights)
        .map(weight -> sum == 0 ? 1.0 / weights.length : weight / sum)
        .toArray();
  }

  /**
   * For each member the first one whose answers are as good as the same: two of one family would
   * vouch for each other.
   *
   * @param closest distance up to which they are
   */
  public static int[] voices(double[][] distances, double closest) {
    var voices = new int[distances.length];
    for (int m = 0; m < voices.length; m++) {
      voices[m] = m;
      for (int earlier = 0; earlier < m && voices[m] == m; earlier++) {
        if (voices[earlier] == earlier && distances[earlier][m] <= closest) {
          voices[m] = earlier;
        }
      }
    }
    return voices;
  }

  /** {@code |a - b|^2}. */
  public static double distance(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double apart = (double) a[i] - b[i];
      sum += apart * apart;
    }
    return sum;
  }
}
