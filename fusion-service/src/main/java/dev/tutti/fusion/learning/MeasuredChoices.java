package dev.tutti.fusion.learning;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tutti.learning.FitQuality;
import dev.tutti.learning.Fitting;
import dev.tutti.learning.Fitting.SetResult;
import dev.tutti.numerics.measure.HeldOut;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What choices among answers are worth on questions that nothing was learned from.
 *
 * @param heldOut score of the answer that was given, question by question; 0 where none was
 * @param comparison the same by set, and how often each member spoke for all, of those that were
 *     answered
 * @param coverage share of the questions that were answered
 * @param bestMember the single member with the best mean, chosen in hindsight
 * @param best its mean score
 * @param oracle mean score of the best answer of each question
 * @param self the same of a majority of one member's samples; empty where there are none
 */
record MeasuredChoices(
    HeldOut heldOut,
    Fitting.Comparison comparison,
    double coverage,
    String bestMember,
    double best,
    double oracle,
    Optional<FitQuality.SelfFusion> self) {

  /**
   * What was chosen for a question.
   *
   * @param query its number
   * @param set of the dataset; may be empty
   * @param scores of each member's answer, in the unit of the recorded outcomes; NaN where it has
   *     none, at least one is there
   * @param chosen the member whose answer is given; -1 for none
   * @param asked how many members are asked for it
   */
  record Choice(long query, String set, float[] scores, int chosen, int asked) {

    double score() {
      return chosen < 0 ? 0 : scores[chosen];
    }

    double best() {
      return IntStream.range(0, scores.length)
          .mapToDouble(m -> scores[m])
          .filter(score -> !Double.isNaN(score))
          .max()
          .orElseThrow();
    }
  }

  static MeasuredChoices of(List<String> members, List<Choice> choices, RecordedSamples samples) {
    var quality = new float[choices.size()];
    var spoke = new TreeMap<String, Double>();
    members.forEach(member -> spoke.put(member, 0.0));
    long answered = choices.stream().filter(choice -> choice.chosen() >= 0).count();
    for (int i = 0; i < quality.length; i++) {
      Choice choice = choices.get(i);
      quality[i] = (float) choice.score();
      if (choice.chosen() >= 0) {
        spoke.merge(members.get(choice.chosen()), 1.0 / answered, Double::sum);
      }
    }
    Map<String, Double> means = means(members, choices);
    String best =
        means.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
    return new MeasuredChoices(
        new HeldOut(choices.stream().mapToLong(Choice::query).toArray(), quality),
        new Fitting.Comparison(
            answered == 0 ? Map.of() : spoke,
            sets(choices),
            List.of(),
            choices.stream().allMatch(choice -> choice.asked() == members.size())),
        (double) answered / quality.length,
        best,
        means.get(best),
        choices.stream().mapToDouble(Choice::best).average().orElseThrow(),
        samples.best(choices));
  }

  private static Map<String, Double> means(List<String> members, List<Choice> choices) {
    var means = new TreeMap<String, Double>();
    for (int m = 0; m < members.size(); m++) {
      int column = m;
      choices.stream()
          .mapToDouble(choice -> choice.scores()[column])
          .filter(score -> !Double.isNaN(score))
          .average()
          .ifPresent(mean -> means.put(members.get(column), mean));
    }
    return means;
  }

  private static List<SetResult> sets(List<Choice> choices) {
    var sets = new ArrayList<SetResult>();
    choices.stream()
        .collect(
            Collectors.groupingBy(
                Choice::set, TreeMap::new, Collectors.summarizingDouble(Choice::score)))
        .forEach((set, its) -> sets.add(new SetResult(set, its.getCount(), its.getAverage())));
    return sets;
  }

  private double mean() {
    return IntStream.range(0, heldOut.quality().length)
        .mapToDouble(i -> heldOut.quality()[i])
        .average()
        .orElseThrow();
  }

  /** Beside what was learned. */
  FitQuality quality() {
    return new FitQuality(mean(), bestMember, best, oracle, self, Optional.empty());
  }

  /** As it is told. */
  ObjectNode json() {
    ObjectNode told =
        JsonNodeFactory.instance
            .objectNode()
            .put("queries", heldOut.quality().length)
            .put("quality", mean())
            .put("coverage", coverage)
            .put("best_member", bestMember)
            .put("best_member_quality", best)
            .put("oracle_quality", oracle);
    self.ifPresentOrElse(
        its ->
            told.putObject("self_fusion")
                .put("member", its.member())
                .put("calls", its.calls())
                .put("queries", its.queries())
                .put("quality", its.quality())
                .put("ensemble_quality", its.ensemble()),
        () -> told.putNull("self_fusion"));
    return told;
  }
}
