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
import dev.tutti.learning.fit.RecordedColumns;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongUnaryOperator;

/** Recorded answers on their way into a fit, with their texts. For one thread. */
final class RecordedTexts {

  private final FitRequest request;
  private final Set<Evidence.Kind> evidence;
  private final RecordedColumns columns;
  private final LongUnaryOperator learning;
  private final List<Row> learned = new ArrayList<>();
  private final List<Row> held = new ArrayList<>();
  private long answersLearned;

  /** For a fit of this method. */
  static <S extends Record> RecordedTexts of(
      FittedSelector<?, S, ?> method, FitRequest request, Dataset data) {
    var columns = new RecordedColumns(request, data);
    S settings = request.settings(method);
    return new RecordedTexts(
        request,
        method.evidence(),
        columns,
        answers -> method.bytes(answers, columns.members().size(), settings));
  }

  /**
   * For a fit.
   *
   * @param learning bytes that learning from so many answers takes beside their texts
   */
  RecordedTexts(
      FitRequest request,
      Set<Evidence.Kind> evidence,
      RecordedColumns columns,
      LongUnaryOperator learning) {
    this.request = request;
    this.evidence = evidence;
    this.columns = columns;
    this.learning = learning;
  }

  /** Who is learned about. */
  List<String> members() {
    return columns.members();
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
    return columns.outcomes(row).stream()
        .flatMap(Optional::stream)
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
              its.getMember(),
              0,
              1,
              columns.kept(its.getResponse()),
              Optional.empty(),
              its.getMember()));
    }
    long number = FitRequest.number(row.getQuery());
    columns.count(row, scores.length, vectors);
    answersLearned += request.holdsOut(number) ? 0 : scores.length;
    columns.requireRoom(learning.applyAsLong(answersLearned));
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
            ? outcomes.stream().map(RecordedColumns::signals).toList()
            : List.of();
    return new Evidence(query, embeddings, new LinkedHashMap<>(), signals);
  }

  /**
   * The questions of one side.
   *
   * @throws dev.tutti.kit.grpc.FailureException when there are none
   */
  RecordedAnswers side(boolean heldOut) {
    return new RecordedAnswers(
        columns.members(),
        RecordedColumns.require(heldOut ? held : learned, heldOut ? learned : held, heldOut));
  }
}
