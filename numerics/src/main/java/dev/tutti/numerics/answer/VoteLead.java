package dev.tutti.numerics.answer;

/** How safe the lead of an answer is before all have voted. */
public final class VoteLead {

  private VoteLead() {}

  /**
   * The probability that the leading answer is the more frequent one of the two most frequent, had
   * voters like these been asked without end: {@code P(Beta(a + 1, b + 1) > 1/2) = sum_(i <= a) C(a
   * + b + 1, i) / 2^(a + b + 1)} (Aggarwal et al. 2023, adaptive consistency, arXiv:2305.11860).
   * Looking again and again makes an error more likely than one less it.
   *
   * @param most votes of the leader, a, at least 0
   * @param next votes of the next one, b, 0 where there is none; both together 1,000 at most
   */
  public static double probability(int most, int next) {
    if (most < 0 || next < 0 || most + next > 1000) {
      throw new IllegalArgumentException(
          "The votes are %d and %d; 0 to 1000 together are allowed.".formatted(most, next));
    }
    int all = most + next + 1;
    double term = Math.pow(2, -all);
    double sum = 0;
    for (int i = 0; i <= most; i++) {
      sum += term;
      term *= (double) (all - i) / (i + 1);
    }
    return Math.min(1, sum);
  }
}
