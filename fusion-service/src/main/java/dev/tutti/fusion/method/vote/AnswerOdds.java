package dev.tutti.fusion.method.vote;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Weighing;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Candidates weighed by one log-odds an answer: each answer's probability is their softmax. */
public final class AnswerOdds {

  /** Sums of the same weights in another order may differ by this much. */
  private static final double ROUNDING = 1e-9;

  private AnswerOdds() {}

  /** What each candidate says, as answers are compared; empty where it cannot be read. */
  public static List<Optional<String>> answers(AnswerForm canonical, Candidates candidates) {
    List<Answer> members = candidates.answers();
    AnswerForm form = canonical.resolve(members.stream().map(Answer::text).toList());
    return members.stream().map(answer -> answer.compared(form::canonical)).toList();
  }

  /**
   * The weighing: a candidate weighs its answer's probability, divided by how many gave it. Ties go
   * to the answer that the member with the higher prior supports, else to the one that comes first;
   * of those who gave it the one with the highest prior speaks. Where no answer has odds all weigh
   * alike, and the member with the highest prior speaks.
   *
   * @param answers one a candidate
   * @param odds by answer; those that have none weigh nothing
   */
  public static Weighing weigh(
      Candidates candidates, List<Optional<String>> answers, Map<String, Double> odds) {
    List<Answer> members = candidates.answers();
    if (odds.isEmpty()) {
      return new Weighing(
          members.stream().map(_ -> 1.0 / members.size()).toList(),
          answers,
          candidates.bestPrior(),
          "No answer could be read; the member with the highest prior speaks.");
    }
    double most = odds.values().stream().mapToDouble(its -> its).max().orElseThrow();
    double all = odds.values().stream().mapToDouble(its -> Math.exp(its - most)).sum();
    List<Double> probabilities =
        answers.stream()
            .map(answer -> answer.map(odds::get).map(its -> Math.exp(its - most) / all).orElse(0.0))
            .toList();
    int chosen = -1;
    for (int i = 0; i < members.size(); i++) {
      if (probabilities.get(i) >= (1 - ROUNDING) / all
          && (chosen < 0 || members.get(i).prior() > members.get(chosen).prior())) {
        chosen = i;
      }
    }
    var weights = new Double[members.size()];
    for (int i = 0; i < weights.length; i++) {
      Optional<String> answer = answers.get(i);
      weights[i] = probabilities.get(i) / answers.stream().filter(answer::equals).count();
    }
    return new Weighing(
        List.of(weights),
        answers,
        chosen,
        "Of %d different answers '%s' is right with a probability of %.2f."
            .formatted(
                odds.size(),
                MajorityVote.shown(answers.get(chosen).orElseThrow()),
                probabilities.get(chosen)));
  }
}
