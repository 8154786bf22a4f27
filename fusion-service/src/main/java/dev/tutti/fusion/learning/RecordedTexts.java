package dev.tutti.fusion.learning;

import dev.tutti.fusion.Candidates;
import dev.tutti.fusion.Candidates.Answer;
import dev.tutti.fusion.Evidence;
import dev.tutti.fusion.FittedSelector;
import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.RecordedAnswers.Row;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Query;
import dev.tutti.learning.FitRequest;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.DatasetMember;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.LongUnaryOperator;

/** Recorded answers on their way into a fit, with their texts. For one thread. */
final class RecordedTexts {

  /** An answer beside its text, a row beside its answers. */
  private static final int BYTES_AN_ITEM = 160;

  private final FitRequest request;
  private final Set<Evidence.Kind> evidence;
  private final List<String> members;
  private final LongUnaryOperator learning;
  private final long mostBytes;
  private final List<Row> learned = new ArrayList<>();
  private final List<Row> held = new ArrayList<>();
  // Short answers repeat: option letters, numbers.
  private final Map<String, String> kept = new HashMap<>();
  private long bytes;
  private long answersLearned;

  /**
   * For a fit of this method; texts take a quarter of the heap at most, and half of it together
   * with what learning from them takes.
   */
  static <S extends Record> RecordedTexts of(
      FittedSelector<S> method, FitRequest request, Dataset data) {
    int members = members(request, data).size();
    S settings = request.settings(method);
    return new RecordedTexts(
        request,
        method.evidence(),
        data,
        answers -> method.bytes(answers, members, settings),
        Runtime.getRuntime().maxMemory() / 4);
  }

  /**
   * For a fit.
   *
   * @param learning bytes that learning from so many answers takes beside their texts
   * @param mostBytes of the texts, and half of that of all
   */
  RecordedTexts(
      FitRequest request,
      Set<Evidence.Kind> evidence,
      Dataset data,
      LongUnaryOperator learning,
      long mostBytes) {
    this.request = request;
    this.evidence = evidence;
    this.learning = learning;
    this.mostBytes = mostBytes;
    this.members = members(request, data);
  }

  private static List<String> members(FitRequest request, Dataset data) {
    return request.parameters().members().isEmpty()
        ? data.getMembersList().stream().map(DatasetMember::getMember).toList()
        : request.parameters().members();
  }

  /** What of a row is to be embedded. */
  List<String> toEmbed(RecordedQuery row) {
    var texts = new ArrayList<String>();
    if (evidence.contains(Evidence.Kind.QUERY) || evidence.contains(Evidence.Kind.EMBEDDINGS)) {
      texts.add(row.getQuery());
    }
    if (evidence.contains(Evidence.Kind.EMBEDDINGS)) {
      outcomes(row).forEach(outcome -> texts.add(outcome.getResponse()));
    }
    texts.removeIf(String::isBlank);
    return texts;
  }

  /** Of members that are learned about, in their order. */
  private List<Outcome> outcomes(RecordedQuery row) {
    return members.stream()
        .flatMap(m -> row.getOutcomesList().stream().filter(o -> o.getMember().equals(m)).limit(1))
        .filter(Outcome::hasResponse)
        .toList();
  }

  /**
   * Adds a question, unless nobody's answer to it was recorded.
   *
   * @throws dev.tutti.kit.grpc.FailureException when there is no room for it
   */
  void add(RecordedQuery row, List<float[]> vectors) {
    List<Outcome> outcomes = outcomes(row);
    if (outcomes.isEmpty()) {
      return;
    }
    var answers = new ArrayList<Answer>();
    var scores = new float[outcomes.size()];
    for (int i = 0; i < scores.length; i++) {
      Outcome its = outcomes.get(i);
      scores[i] = (float) its.getScore();
      answers.add(
          new Answer(
              its.getMember(), 0, 1, kept(its.getResponse()), Optional.empty(), its.getMember()));
    }
    long number = FitRequest.number(row.getQuery());
    bytes +=
        BYTES_AN_ITEM * (1L + scores.length)
            + 2L * row.getQuery().length()
            + vectors.stream().mapToLong(v -> (long) Float.BYTES * v.length).sum();
    answersLearned += request.holdsOut(number) ? 0 : scores.length;
    requireRoom();
    (request.holdsOut(number) ? held : learned)
        .add(
            new Row(
                number,
                row.getSet(),
                row.getLabelsMap(),
                new Query(row.getQuery()),
                new Candidates(answers, evidence(row, outcomes, vectors)),
                scores));
  }

  private String kept(String text) {
    String known = kept.putIfAbsent(text, text);
    if (known == null) {
      bytes += 2L * text.length() + BYTES_AN_ITEM;
      return text;
    }
    return known;
  }

  private void requireRoom() {
    requireRoom("texts", bytes, mostBytes);
    requireRoom("texts and features", bytes + learning.applyAsLong(answersLearned), 2 * mostBytes);
  }

  private static void requireRoom(String what, long bytes, long most) {
    if (bytes > most) {
      throw FitRequest.refused(
          "dataset",
          "Its answers' %s need more than the %d MiB that this service has for a fit; name fewer members, or a smaller split."
              .formatted(what, most >> 20));
    }
  }

  private Evidence evidence(RecordedQuery row, List<Outcome> outcomes, List<float[]> vectors) {
    var embeddings = new ArrayList<Optional<float[]>>();
    Optional<float[]> query = Optional.empty();
    Iterator<float[]> next = vectors.iterator();
    if (evidence.contains(Evidence.Kind.QUERY) || evidence.contains(Evidence.Kind.EMBEDDINGS)) {
      query = row.getQuery().isBlank() ? Optional.empty() : Optional.of(next.next());
    }
    if (evidence.contains(Evidence.Kind.EMBEDDINGS)) {
      for (Outcome outcome : outcomes) {
        embeddings.add(
            outcome.getResponse().isBlank() ? Optional.empty() : Optional.of(next.next()));
      }
    }
    List<AnswerSignals> signals =
        evidence.contains(Evidence.Kind.LOGPROBS)
            ? outcomes.stream().map(RecordedTexts::signals).toList()
            : List.of();
    return new Evidence(query, embeddings, new LinkedHashMap<>(), signals);
  }

  /** What was recorded under the names by which completions tell it. */
  private static AnswerSignals signals(Outcome outcome) {
    return new AnswerSignals(
        number(outcome, "mean_logprob"),
        number(outcome, "sum_logprob"),
        number(outcome, "min_logprob"),
        number(outcome, "mean_distance_to_uniform"),
        number(outcome, "min_distance_to_uniform"));
  }

  private static OptionalDouble number(Outcome outcome, String name) {
    Double value = outcome.getNumbersMap().get(name);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  /**
   * The questions of one side.
   *
   * @throws dev.tutti.kit.grpc.FailureException when there are none
   */
  RecordedAnswers side(boolean heldOut) {
    List<Row> side = heldOut ? held : learned;
    int all = held.size() + learned.size();
    if (side.isEmpty()) {
      throw FitRequest.refused(
          all == 0 ? "dataset" : "holdout",
          all == 0
              ? "There are no recorded answers in this split of the dataset."
              : "Of %d queries %s are held out.".formatted(all, heldOut ? "none" : "all"));
    }
    return new RecordedAnswers(members, side);
  }
}
