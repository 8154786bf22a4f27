package dev.tutti.cascade.method.agreement;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What samples say, in one spelling.
 *
 * @param stages places of those that answered, in the order in which they were asked for
 * @param answers one each; empty where it cannot be read
 * @param samples how many were asked for and have ended, those that failed among them
 */
record Ballot(List<Integer> stages, List<Optional<String>> answers, int samples) {

  /**
   * What most of them say.
   *
   * @param stage place of the first one that says so; of the first one where none can be read; -1
   *     where nobody answered
   * @param answer what it says; empty where it cannot be read
   * @param share of all samples, in [0, 1]
   */
  record Agreement(int stage, Optional<String> answer, double share) {}

  /** Keeps its own copy. */
  Ballot {
    stages = List.copyOf(stages);
    answers = List.copyOf(answers);
  }

  private Map<String, Integer> counts() {
    Map<String, Integer> counts = new HashMap<>();
    answers.forEach(its -> its.ifPresent(answer -> counts.merge(answer, 1, Integer::sum)));
    return counts;
  }

  /** What most say; of answers that are equally frequent the one that comes first. */
  Agreement agreement() {
    if (stages.isEmpty()) {
      return new Agreement(-1, Optional.empty(), 0);
    }
    Map<String, Integer> counts = counts();
    int most = counts.values().stream().mapToInt(count -> count).max().orElse(0);
    int first =
        IntStream.range(0, answers.size())
            .filter(i -> answers.get(i).filter(answer -> counts.get(answer) == most).isPresent())
            .findFirst()
            .orElse(0);
    return new Agreement(stages.get(first), answers.get(first), share(most, samples));
  }

  private static double share(int count, int samples) {
    return (double) count / samples;
  }

  private List<Integer> falling() {
    var falling = new ArrayList<>(counts().values());
    falling.sort(Comparator.reverseOrder());
    falling.addAll(List.of(0, 0));
    return falling;
  }

  /** Whether nothing that further samples say can change what most say. */
  boolean isLed(int pending) {
    List<Integer> falling = falling();
    return falling.getFirst() > falling.get(1) + pending;
  }

  /**
   * Whether further samples can change neither whether the most frequent answer has this share, nor
   * which it is where it has.
   */
  boolean isSettled(int pending, double threshold) {
    int most = falling().getFirst();
    return share(most, samples + pending) >= threshold
        ? isLed(pending)
        : share(most + pending, samples + pending) < threshold;
  }
}
