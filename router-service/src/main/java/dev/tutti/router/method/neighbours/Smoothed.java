package dev.tutti.router.method.neighbours;

/** How far a share of some votes may be from the truth. */
final class Smoothed {

  private Smoothed() {}

  /**
   * Of a Beta distribution after Laplace's two votes, one each way: {@code sqrt(p (1 - p) / (n +
   * 3))} with {@code p = (n q + 1) / (n + 2)}; never 0.
   *
   * @param share {@code q}, in [0, 1]
   * @param votes {@code n}
   */
  static double deviation(double share, double votes) {
    double p = (votes * share + 1) / (votes + 2);
    return Math.sqrt(p * (1 - p) / (votes + 3));
  }
}
