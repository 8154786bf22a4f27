package dev.tutti.numerics.measure;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * How much of the gap between a weak and a strong model is recovered at which share of strong calls
 * (Ong et al. 2024, RouteLLM, arXiv:2406.18665).
 *
 * <p>Queries are sent to the strong model by falling {@code w}; with {@code c} the share that is
 * sent, {@code PGR(c) = (r(c) - r_weak) / (r_strong - r_weak)}. APGR is the area below it; CPT(p)
 * the least {@code c} with {@code PGR >= p}, linear between the points. Exact: a point a query in
 * place of the ten thresholds of the published code. Queries of equal {@code w} are sent in random
 * order, by expectation: the curve is straight across them.
 */
public final class PairCurve {

  private final double[] recovered;

  /**
   * A curve.
   *
   * @param w for each query, how likely the strong model is the better
   * @param weak for each query, the weak model's score
   * @param strong the strong model's
   * @throws IllegalArgumentException when both do equally well, so that there is no gap
   */
  public PairCurve(double[] w, double[] weak, double[] strong) {
    int n = w.length;
    Integer[] order =
        IntStream.range(0, n)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> w[i]).reversed())
            .toArray(Integer[]::new);
    double gap = 0;
    for (int i = 0; i < n; i++) {
      gap += strong[i] - weak[i];
    }
    if (gap == 0) {
      throw new IllegalArgumentException("Both models do equally well: there is no gap.");
    }
    recovered = new double[n + 1];
    double sum = 0;
    for (int from = 0; from < n; ) {
      int to = from;
      double gain = 0;
      while (to < n && w[order[to]] == w[order[from]]) {
        gain += strong[order[to]] - weak[order[to]];
        to++;
      }
      for (int i = from; i < to; i++) {
        recovered[i + 1] = (sum + gain * (i + 1 - from) / (to - from)) / gap;
      }
      sum += gain;
      from = to;
    }
  }

  /** Area below the curve. */
  public double apgr() {
    double area = 0;
    for (int i = 1; i < recovered.length; i++) {
      area += (recovered[i - 1] + recovered[i]) / 2;
    }
    return area / (recovered.length - 1);
  }

  /** Least share of strong calls, from 0 to 1, that recovers this part of the gap. */
  public double cpt(double part) {
    for (int i = 1; i < recovered.length; i++) {
      if (recovered[i] >= part) {
        double before = recovered[i - 1];
        double step = recovered[i] == before ? 0 : (part - before) / (recovered[i] - before);
        return (i - 1 + step) / (recovered.length - 1);
      }
    }
    return 1;
  }
}
