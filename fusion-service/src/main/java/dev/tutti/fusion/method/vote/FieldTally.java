package dev.tutti.fusion.method.vote;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** The votes on each field of answers that have fields. */
final class FieldTally {

  private static final double ROUNDING = 1e-12;

  /** The value of a field that an answer does not have; no value is spelled so. */
  private static final String ABSENT = "";

  private final Candidates candidates;
  private final List<Optional<SortedMap<String, String>>> answers;

  /**
   * The votes on a field.
   *
   * @param weights behind each of its values
   * @param most the greatest of them
   */
  private record Votes(Map<String, Double> weights, double most) {

    boolean isMost(String value) {
      return weights.getOrDefault(value, 0.0) >= most - ROUNDING;
    }
  }

  private final SortedMap<String, Votes> votes = new TreeMap<>();

  /**
   * Counts.
   *
   * @param answers the fields of each candidate's answer; empty where it has no vote
   * @param weights one a candidate
   */
  FieldTally(
      Candidates candidates,
      List<Optional<SortedMap<String, String>>> answers,
      List<Double> weights) {
    this.candidates = candidates;
    this.answers = answers;
    var paths = new TreeSet<String>();
    answers.forEach(answer -> answer.ifPresent(its -> paths.addAll(its.keySet())));
    for (String path : paths) {
      var its = new HashMap<String, Double>();
      for (int i = 0; i < answers.size(); i++) {
        double weight = weights.get(i);
        answers.get(i).ifPresent(fields -> its.merge(value(fields, path), weight, Double::sum));
      }
      double most = its.values().stream().mapToDouble(v -> v).max().orElseThrow();
      votes.put(path, new Votes(its, most));
    }
  }

  private static String value(SortedMap<String, String> fields, String path) {
    return fields.getOrDefault(path, ABSENT);
  }

  /** How many fields there are in any of the answers. */
  int fields() {
    return votes.size();
  }

  /** In how many fields an answer is as most are; none where it has no vote. */
  long agreeing(int answer) {
    return answers.get(answer).isEmpty()
        ? 0
        : votes.entrySet().stream()
            .filter(
                field -> field.getValue().isMost(value(answers.get(answer).get(), field.getKey())))
            .count();
  }

  /** The sum of the weights behind an answer's values; 0 where it has no vote. */
  double behind(int answer) {
    return answers
        .get(answer)
        .map(
            fields ->
                votes.entrySet().stream()
                    .mapToDouble(
                        field -> field.getValue().weights().get(value(fields, field.getKey())))
                    .sum())
        .orElse(0.0);
  }

  /**
   * The answer with most fields as most answers have them: ties go to the greater sum of its
   * values' weights, then to the higher prior, then to the first.
   */
  int chosen() {
    int chosen = -1;
    long most = -1;
    double behind = 0;
    for (int i = 0; i < answers.size(); i++) {
      if (answers.get(i).isEmpty()) {
        continue;
      }
      long agrees = agreeing(i);
      double weight = behind(i);
      if (chosen < 0 || agrees > most || agrees == most && isBetter(i, weight, chosen, behind)) {
        chosen = i;
        most = agrees;
        behind = weight;
      }
    }
    return chosen;
  }

  private boolean isBetter(int one, double weight, int other, double behind) {
    Answer a = candidates.answers().get(one);
    Answer b = candidates.answers().get(other);
    return Math.abs(weight - behind) <= ROUNDING ? a.prior() > b.prior() : weight > behind;
  }

  /**
   * Every field as most answers have it; where as many have it otherwise, as the chosen answer has
   * it if it is among them, else as the first does.
   */
  SortedMap<String, String> voted(int chosen) {
    List<Integer> order = new ArrayList<>(List.of(chosen));
    IntStream.range(0, answers.size()).forEach(order::add);
    var voted = new TreeMap<String, String>();
    votes.forEach(
        (path, its) -> {
          String value =
              order.stream()
                  .flatMap(i -> answers.get(i).stream())
                  .map(fields -> value(fields, path))
                  .filter(candidate -> its.isMost(candidate))
                  .findFirst()
                  .orElseThrow();
          if (!value.equals(ABSENT)) {
            voted.put(path, value);
          }
        });
    return voted;
  }
}
