package dev.tutti.fusion.method.vote;

import dev.tutti.numerics.text.TextSimilarity;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Votes for long texts, which hardly ever are equal: an answer has a share of each vote, as much as
 * their words overlap ({@link TextSimilarity#overlap}). Whom more than half of the weight is behind
 * word for word wins, whatever the others say, as {@code 1 - overlap} is a metric.
 */
final class SoftVotes {

  /** A text of so many words is long. */
  static final int LONG = 8;

  /** The same words in another order are another answer. */
  private static final double ALMOST = 0.999;

  private SoftVotes() {}

  /** Whether more than half of these answers are long, all that are still to come included. */
  static boolean apply(List<Optional<String>> answers, int pending) {
    return 2 * (longOnes(answers) + pending) > answers.size() + pending;
  }

  private static long longOnes(List<Optional<String>> answers) {
    return answers.stream()
        .flatMap(Optional::stream)
        .filter(answer -> words(answer).size() >= LONG)
        .count();
  }

  /** How much of its vote each answer gives to each; 0 where one cannot be read. */
  static double[][] shares(List<Optional<String>> answers) {
    double[][] similar =
        TextSimilarity.overlap(answers.stream().map(answer -> words(answer.orElse(""))).toList());
    for (int i = 0; i < similar.length; i++) {
      for (int j = 0; j < similar.length; j++) {
        similar[i][j] = shared(answers.get(i), answers.get(j), similar[i][j]);
      }
    }
    return similar;
  }

  /** The weight behind each answer: {@code sum_j w_j s_ij}. */
  static List<Double> of(double[][] shares, List<Double> weights) {
    return Arrays.stream(shares)
        .map(its -> IntStream.range(0, its.length).mapToDouble(j -> weights.get(j) * its[j]).sum())
        .toList();
  }

  private static double shared(Optional<String> one, Optional<String> other, double similar) {
    if (one.isEmpty() || other.isEmpty()) {
      return 0;
    }
    return one.equals(other) ? 1 : Math.min(ALMOST, similar);
  }

  private static List<String> words(String canonical) {
    return List.of(canonical.split(" "));
  }

  static String explanation(String winner, double most) {
    return "Long answers share votes by the words they have in common; '%s' has %.2f of the weight."
        .formatted(MajorityVote.shown(winner), most);
  }
}
