package dev.tutti.fusion.learning;

import dev.tutti.learning.FitQuality.SelfFusion;
import dev.tutti.learning.FitRequest;
import dev.tutti.numerics.answer.AnswerForm;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a majority of one member's recorded samples would have been worth on the questions that are
 * held out, with as many samples as the ensemble asks members a question, on average and rounded
 * up. For one thread.
 *
 * <p>Samples have no scores of their own. The answer that most of them give has the score of a
 * recorded answer to the question that says the same; where there is none, and scores are 0 and 1,
 * it is held against the recorded reference; else its score is not known, and the question does not
 * count.
 */
final class RecordedSamples {

  /**
   * What majorities would have been worth.
   *
   * @param scores of the first sample alone, of the first two, and so on; NaN where not known
   */
  private record Scored(long query, float[] scores) {}

  private final FitRequest request;
  private final List<String> members;
  private final Map<String, List<Scored>> scored = new LinkedHashMap<>();

  RecordedSamples(FitRequest request, List<String> members) {
    this.request = request;
    this.members = members;
  }

  /** Adds a question, if it is held out. */
  void add(RecordedQuery row) {
    long query = FitRequest.number(row.getQuery());
    if (!request.holdsOut(query)) {
      return;
    }
    for (Outcome outcome : row.getOutcomesList()) {
      if (members.contains(outcome.getMember()) && outcome.getSamplesCount() > 0) {
        int most = Math.min(members.size(), outcome.getSamplesCount());
        scored
            .computeIfAbsent(outcome.getMember(), _ -> new ArrayList<>())
            .add(new Scored(query, scores(outcome.getSamplesList().subList(0, most), row)));
      }
    }
  }

  private static float[] scores(List<String> samples, RecordedQuery row) {
    AnswerForm form = AnswerForm.AUTO.resolve(samples);
    var told = new HashMap<String, Float>();
    row.getOutcomesList().stream()
        .filter(Outcome::hasResponse)
        .forEach(
            its ->
                form.canonical(its.getResponse())
                    .ifPresent(said -> told.putIfAbsent(said, (float) its.getScore())));
    boolean rightOrWrong =
        row.getOutcomesList().stream().allMatch(its -> its.getScore() == 0 || its.getScore() == 1);
    boolean referred = !row.getReference().isEmpty() && rightOrWrong;
    Optional<String> right = referred ? form.canonical(row.getReference()) : Optional.empty();
    var votes = new LinkedHashMap<String, Integer>();
    var scores = new float[samples.size()];
    for (int i = 0; i < scores.length; i++) {
      form.canonical(samples.get(i)).ifPresent(said -> votes.merge(said, 1, Integer::sum));
      // The first one of equals; none where nothing can be read, and that says the same as nobody.
      Optional<String> voted =
          votes.entrySet().stream()
              .reduce((one, other) -> other.getValue() > one.getValue() ? other : one)
              .map(Map.Entry::getKey);
      scores[i] =
          voted
              .map(told::get)
              .orElse(!referred ? Float.NaN : voted.isPresent() && voted.equals(right) ? 1f : 0f);
    }
    return scores;
  }

  /**
   * The member whose samples do best, with as many as the ensemble asks for.
   *
   * @param choices what the ensemble gave, question by question
   * @return empty where no member has as many samples of any of these questions
   */
  Optional<SelfFusion> best(List<MeasuredChoices.Choice> choices) {
    var given = new HashMap<Long, Double>();
    choices.forEach(choice -> given.put(choice.query(), choice.score()));
    int calls = calls(choices);
    return scored.entrySet().stream()
        .flatMap(its -> of(its.getKey(), its.getValue(), calls, given).stream())
        .max(Comparator.comparingDouble(SelfFusion::quality));
  }

  /** How many are asked a question, rounded up in favour of the samples. */
  private int calls(List<MeasuredChoices.Choice> choices) {
    double mean =
        choices.stream().mapToInt(MeasuredChoices.Choice::asked).average().orElse(members.size());
    return (int) Math.ceil(mean - 1e-9);
  }

  /** On questions alone that the ensemble was measured on too. */
  private static Optional<SelfFusion> of(
      String member, List<Scored> all, int calls, Map<Long, Double> given) {
    List<Scored> its =
        all.stream()
            .filter(one -> given.containsKey(one.query()))
            .filter(one -> one.scores().length >= calls && !Float.isNaN(one.scores()[calls - 1]))
            .toList();
    return its.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new SelfFusion(
                member,
                calls,
                its.size(),
                its.stream().mapToDouble(one -> one.scores()[calls - 1]).average().orElseThrow(),
                its.stream().mapToDouble(one -> given.get(one.query())).average().orElseThrow()));
  }
}
