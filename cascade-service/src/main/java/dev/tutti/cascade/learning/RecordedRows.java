package dev.tutti.cascade.learning;

import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Query;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.fit.RecordedColumns;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Recorded outcomes on their way into a fit. For one thread. */
final class RecordedRows {

  private final FitRequest request;
  private final RecordedColumns columns;
  private final boolean embeds;
  private final List<Row> learned = new ArrayList<>();
  private final List<Row> held = new ArrayList<>();

  RecordedRows(FitRequest request, RecordedColumns columns, boolean embeds) {
    this.request = request;
    this.columns = columns;
    this.embeds = embeds;
  }

  /** What of a row is to be embedded. */
  List<String> toEmbed(RecordedQuery row) {
    return embeds && !row.getQuery().isBlank() ? List.of(row.getQuery()) : List.of();
  }

  /**
   * Adds a question, unless nobody's answer to it was recorded.
   *
   * @throws dev.tutti.kit.grpc.FailureException when there is no room for it
   */
  void add(RecordedQuery row, List<float[]> vectors) {
    List<Optional<Recorded>> outcomes =
        columns.outcomes(row).stream().map(outcome -> outcome.map(this::recorded)).toList();
    int answers = (int) outcomes.stream().filter(Optional::isPresent).count();
    if (answers == 0) {
      return;
    }
    columns.count(row, answers, vectors);
    long number = FitRequest.number(row.getQuery());
    (request.holdsOut(number) ? held : learned)
        .add(
            new Row(
                number,
                row.getSet(),
                new Query(row.getQuery()),
                vectors.stream().findFirst(),
                outcomes));
  }

  private Recorded recorded(Outcome outcome) {
    return new Recorded(
        columns.kept(outcome.getResponse()),
        signals(outcome),
        outcome.getScore(),
        outcome.getCost(),
        outcome.getSamplesList().stream().map(columns::kept).toList());
  }

  /**
   * The recorded signals; a recorded confidence of at most 0 is the log-probability of the answer
   * where none else is.
   */
  private static AnswerSignals signals(Outcome outcome) {
    AnswerSignals its = RecordedColumns.signals(outcome);
    if (its.sumLogprob().isPresent() || !outcome.hasConfidence() || outcome.getConfidence() > 0) {
      return its;
    }
    return new AnswerSignals(
        its.meanLogprob(),
        OptionalDouble.of(outcome.getConfidence()),
        its.minLogprob(),
        its.meanDistanceToUniform(),
        its.minDistanceToUniform(),
        its.optionMargin(),
        its.optionEntropy(),
        its.tokenLogprobs());
  }

  /**
   * The questions of one side.
   *
   * @throws dev.tutti.kit.grpc.FailureException when there are none
   */
  RecordedOutcomes side(boolean heldOut) {
    return new RecordedOutcomes(
        columns.members(),
        RecordedColumns.require(heldOut ? held : learned, heldOut ? learned : held, heldOut));
  }
}
