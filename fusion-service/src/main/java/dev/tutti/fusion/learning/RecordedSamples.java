package dev.tutti.fusion.learning;

import dev.tutti.fusion.FitQuality.SelfFusion;
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
import java.util.OptionalDouble;

/**
 * What a majority of one member's recorded samples would have been worth on the questions that are
 * held out, with as many samples as there are members. For one thread.
 *
 * <p>Samples have no scores of their own. The answer that most of them give has the score of a
 * recorded answer to the question that says the same; where there is none, and scores are 0 and 1,
 * it is held against the recorded reference; else its score is not known, and the question does not
 * count.
 */
final class RecordedSamples {

  private record Scored(long query, double score) {}

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
      if (members.contains(outcome.getMember()) && outcome.getSamplesCount() >= members.size()) {
        List<String> samples = outcome.getSamplesList().subList(0, members.size());
        score(samples, row)
            .ifPresent(
                score ->
                    scored
                        .computeIfAbsent(outcome.getMember(), _ -> new ArrayList<>())
                        .add(new Scored(query, score)));
      }
    }
  }

  private static OptionalDouble score(List<String> samples, RecordedQuery row) {
    AnswerForm form = AnswerForm.AUTO.resolve(samples);
    var votes = new LinkedHashMap<String, Integer>();
    samples.forEach(text -> form.canonical(text).ifPresent(a -> votes.merge(a, 1, Integer::sum)));
    // The first one of equals.
    Optional<String> voted =
        votes.entrySet().stream()
            .reduce((one, other) -> other.getValue() > one.getValue() ? other : one)
            .map(Map.Entry::getKey);
    List<Outcome> answers = row.getOutcomesList().stream().filter(Outcome::hasResponse).toList();
    Optional<Outcome> same =
        answers.stream().filter(its -> form.canonical(its.getResponse()).equals(voted)).findFirst();
    if (same.isPresent()) {
      return OptionalDouble.of(same.get().getScore());
    }
    boolean rightOrWrong =
        row.getOutcomesList().stream().allMatch(its -> its.getScore() == 0 || its.getScore() == 1);
    return row.getReference().isEmpty() || !rightOrWrong
        ? OptionalDouble.empty()
        : OptionalDouble.of(
            voted.isPresent() && form.canonical(row.getReference()).equals(voted) ? 1 : 0);
  }

  /**
   * The member whose samples do best.
   *
   * @param choices what the ensemble gave, question by question
   * @return empty where no member has as many samples of any question
   */
  Optional<SelfFusion> best(List<MeasuredChoices.Choice> choices) {
    var given = new HashMap<Long, Double>();
    choices.forEach(choice -> given.put(choice.query(), choice.score()));
    return scored.entrySet().stream()
        .map(its -> of(its.getKey(), its.getValue(), given))
        .max(Comparator.comparingDouble(SelfFusion::quality));
  }

  private SelfFusion of(String member, List<Scored> its, Map<Long, Double> given) {
    return new SelfFusion(
        member,
        members.size(),
        its.size(),
        its.stream().mapToDouble(Scored::score).average().orElseThrow(),
        its.stream()
            .mapToDouble(one -> given.getOrDefault(one.query(), 0.0))
            .average()
            .orElseThrow());
  }
}
