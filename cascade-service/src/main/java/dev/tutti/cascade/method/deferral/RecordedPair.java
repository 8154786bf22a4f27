package dev.tutti.cascade.method.deferral;

import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.kit.calls.AnswerSignals;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Recorded questions as one pair of members answered them.
 *
 * @param told by question; empty where the first one's answer tells nothing
 * @param target that is learned
 */
record RecordedPair(List<Optional<Told>> told, Target target) {

  private static final int FEWEST = 10;

  /**
   * What the first one's answer told.
   *
   * @param target NaN where it is not known
   */
  record Told(float[] features, AnswerSignals signals, double target) {}

  /**
   * Of these members.
   *
   * @param first place of the one that is asked first
   * @param next place of the other
   * @throws IllegalArgumentException when too few answers tell something
   */
  static RecordedPair of(
      RecordedOutcomes data,
      int first,
      int next,
      AnswerFeatures features,
      QuestionAxes axes,
      Target target) {
    List<Optional<Told>> told =
        data.rows().stream()
            .map(
                row ->
                    row.outcomes()
                        .get(first)
                        .flatMap(
                            its ->
                                features
                                    .of(its.signals(), axes.place(row.embedding()))
                                    .map(
                                        known ->
                                            new Told(
                                                known,
                                                its.signals(),
                                                wanted(its, row, next, target)))))
            .toList();
    var pair = new RecordedPair(told, target);
    int known = pair.known(new int[told.size()], -1).size();
    if (known < FEWEST) {
      throw new IllegalArgumentException(
          "%d questions tell what %s does better than %s by what the latter's answers say of themselves; %d are needed."
              .formatted(known, data.members().get(next), data.members().get(first), FEWEST));
    }
    return pair;
  }

  private static double wanted(Recorded its, Row row, int next, Target target) {
    return row.outcomes()
        .get(next)
        .map(other -> target.of(its, other))
        .orElse(OptionalDouble.empty())
        .orElse(Double.NaN);
  }

  /** What can be learned from, but of the questions of one fold. */
  List<Told> known(int[] folds, int without) {
    return IntStream.range(0, folds.length)
        .filter(i -> folds[i] != without)
        .mapToObj(told::get)
        .flatMap(Optional::stream)
        .filter(its -> !Double.isNaN(its.target()))
        .toList();
  }

  /** Notes what a head says of the answers to one fold's questions; NaN where they tell nothing. */
  void tell(DeferralHead head, int[] folds, int fold, double[] confidence) {
    for (int i = 0; i < folds.length; i++) {
      if (folds[i] == fold && told.get(i).isPresent()) {
        Told its = told.get(i).get();
        confidence[i] =
            target.confidence(head.of(its.features()), its.signals()).orElse(Double.NaN);
      }
    }
  }
}
