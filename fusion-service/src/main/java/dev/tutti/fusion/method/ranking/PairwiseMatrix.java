package dev.tutti.fusion.method.ranking;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * What comparisons of candidates by pairs gave, and how they rank the candidates (Jiang et al.
 * 2023, LLM-Blender, arXiv:2306.02561, section 3.3). {@code M_ij} tells how much better i is than
 * j, where i was shown first; whoever compares may prefer a place, so a pair counts only where both
 * {@code M_ij} and {@code M_ji} are known.
 */
final class PairwiseMatrix {

  private final double[][] logits;

  /** Of so many candidates, of whom nothing is known yet. */
  PairwiseMatrix(int candidates) {
    logits = new double[candidates][candidates];
    for (double[] row : logits) {
      Arrays.fill(row, Double.NaN);
    }
  }

  /**
   * Keeps {@code M_ij}.
   *
   * @param logit above 0 where i is better; NaN where it is not known
   */
  void put(int i, int j, double logit) {
    logits[i][j] = logit;
  }

  /** How many candidates there are. */
  int size() {
    return logits.length;
  }

  /** {@code M_ij - M_ji}; 0 where one of them is not known. */
  double difference(int i, int j) {
    double difference = logits[i][j] - logits[j][i];
    return Double.isNaN(difference) ? 0 : difference;
  }

  /** Max logits: {@code s_i = mean over j of M_ij - M_ji}; 0 for a single candidate. */
  double[] maxLogits() {
    return scores((i, j) -> difference(i, j));
  }

  /** Max wins: {@code s_i = mean over j of I[M_ij > 0] + I[M_ji < 0]}. */
  double[] maxWins() {
    return scores(
        (i, j) ->
            Double.isNaN(logits[i][j]) || Double.isNaN(logits[j][i])
                ? 0
                : (logits[i][j] > 0 ? 1 : 0) + (logits[j][i] < 0 ? 1 : 0));
  }

  private interface Term {
    double of(int i, int j);
  }

  private double[] scores(Term term) {
    var scores = new double[size()];
    for (int i = 0; i < size(); i++) {
      for (int j = 0; j < size(); j++) {
        scores[i] += i == j ? 0 : term.of(i, j) / (size() - 1);
      }
    }
    return scores;
  }

  /**
   * Candidates by their scores, the best one first; those that are even by their priors, then in
   * their order.
   */
  static List<Integer> ranked(double[] scores, IntToDoubleFunction prior) {
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted(
            Comparator.comparingDouble((Integer i) -> scores[i])
                .thenComparingDouble(prior::applyAsDouble)
                .reversed())
        .toList();
  }
}
