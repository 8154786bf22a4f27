package dev.tutti.cascade.method.student;

import java.util.Map;
import java.util.SequencedMap;

/**
 * What a student believes.
 *
 * @param beliefs probability of each answer, the most probable first; they sum to at most 1
 * @param nearest similarity of the most similar question that it has learned from, -1 to 1; NaN
 *     where nobody compares them
 */
record Guess(SequencedMap<String, Double> beliefs, double nearest) {

  String answer() {
    return beliefs.firstEntry().getKey();
  }

  double of(String answer) {
    return beliefs.getOrDefault(answer, 0.0);
  }

  /** By how much the most probable answer is more probable than the next: {@code p(1) - p(2)}. */
  double margin() {
    double first = beliefs.firstEntry().getValue();
    return first - beliefs.values().stream().skip(1).findFirst().orElse(0.0);
  }

  /** Nats; at least 0. */
  double entropy() {
    return beliefs.entrySet().stream()
        .mapToDouble(Map.Entry::getValue)
        .filter(p -> p > 0)
        .map(p -> -p * Math.log(p))
        .sum();
  }
}
