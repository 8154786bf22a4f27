package dev.tutti.fusion;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How much each candidate counts, and which one is given.
 *
 * @param weights one a candidate, in [0, 1]; they sum to 1
 * @param answers each candidate's answer as the method compared it; empty where it could not be
 *     read
 * @param chosen place of the candidate whose text is given
 * @param explanation one or two sentences for people
 */
public record Weighing(
    List<Double> weights, List<Optional<String>> answers, int chosen, String explanation) {

  private static final double ROUNDING = 1e-9;

  /** Checks weights, sizes and the chosen place. */
  public Weighing {
    weights = List.copyOf(weights);
    answers = List.copyOf(answers);
    if (weights.isEmpty() || weights.size() != answers.size()) {
      throw new IllegalArgumentException(
          "%d weights for %d answers; one each is needed."
              .formatted(weights.size(), answers.size()));
    }
    double sum = 0;
    for (double weight : weights) {
      if (!(weight >= 0 && weight <= 1 + ROUNDING)) {
        throw new IllegalArgumentException("A weight is %s; 0 to 1 is allowed.".formatted(weight));
      }
      sum += weight;
    }
    if (!(Math.abs(sum - 1) <= ROUNDING)) {
      throw new IllegalArgumentException("The weights sum to %s, not 1.".formatted(sum));
    }
    if (chosen < 0 || chosen >= weights.size()) {
      throw new IllegalArgumentException(
          "Candidate %d of %d is chosen.".formatted(chosen, weights.size()));
    }
  }

  /**
   * Weight of each answer: the sum over the candidates that gave it, in the order in which the
   * answers first appear. An unreadable answer is none.
   */
  public Map<String, Double> votes() {
    var votes = new LinkedHashMap<String, Double>();
    for (int i = 0; i < weights.size(); i++) {
      double weight = weights.get(i);
      answers.get(i).ifPresent(answer -> votes.merge(answer, weight, Double::sum));
    }
    return votes;
  }

  /**
   * Share of the whole weight, unreadable answers included, that is behind the chosen answer; in
   * [0, 1], and 0 where the chosen answer is itself unreadable.
   */
  public double agreement() {
    return answers.get(chosen).map(answer -> Math.min(1, votes().get(answer))).orElse(0.0);
  }
}
