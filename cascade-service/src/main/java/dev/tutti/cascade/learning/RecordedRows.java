package dev.tutti.cascade.learning;

import dev.tutti.cascade.FittedCascade;
import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Checks;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Query;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.fit.RecordedColumns;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Recorded outcomes on their way into a fit. For one thread. */
final class RecordedRows {

  /** Share of a member's checks of its answer that say it is right. */
  private static final String VERIFIED = "verified";

  /** What they cost; as much as the answer where it is not said. */
  private static final String VERIFIED_COST = "verified_cost";

  private final FitRequest request;
  private final RecordedColumns columns;
  private final FittedCascade<?> method;
  private final List<Taken> learned = new ArrayList<>();
  private final List<Taken> held = new ArrayList<>();
  private final double[] greatestConfidence;
  private final DoubleSummaryStatistics[] costs;

  /**
   * A question as it was read.
   *
   * @param row its costs are NaN where none was recorded
   * @param confidences as they were recorded, one a member; NaN where none was
   */
  private record Taken(Row row, double[] confidences) {}

  RecordedRows(FitRequest request, RecordedColumns columns, FittedCascade<?> method) {
    this.request = request;
    this.columns = columns;
    this.method = method;
    this.greatestConfidence = new double[columns.members().size()];
    Arrays.fill(greatestConfidence, Double.NEGATIVE_INFINITY);
    this.costs = new DoubleSummaryStatistics[greatestConfidence.length];
    Arrays.setAll(costs, _ -> new DoubleSummaryStatistics());
  }

  /** What of a row is to be embedded: the question, and the answers in the members' order. */
  List<String> toEmbed(RecordedQuery row) {
    var texts = new ArrayList<String>();
    if (method.embeds()) {
      texts.add(row.getQuery());
    }
    if (method.embedsAnswers()) {
      columns.outcomes(row).stream()
          .flatMap(Optional::stream)
          .map(Outcome::getResponse)
          .forEach(texts::add);
    }
    texts.removeIf(String::isBlank);
    return texts;
  }

  /**
   * Adds a question, unless nobody's answer to it was recorded.
   *
   * @throws dev.tutti.kit.grpc.FailureException when there is no room for it
   */
  void add(RecordedQuery row, List<float[]> vectors) {
    List<Optional<Outcome>> its = columns.outcomes(row);
    Iterator<float[]> vector = vectors.iterator();
    Optional<float[]> question =
        method.embeds() && !row.getQuery().isBlank() && vector.hasNext()
            ? Optional.of(vector.next())
            : Optional.empty();
    List<Optional<Recorded>> outcomes =
        its.stream().map(outcome -> outcome.map(o -> recorded(o, vector))).toList();
    int answers = (int) outcomes.stream().filter(Optional::isPresent).count();
    if (answers == 0) {
      return;
    }
    columns.count(row, answers, vectors);
    var confidences = new double[its.size()];
    for (int m = 0; m < confidences.length; m++) {
      confidences[m] =
          its.get(m).filter(Outcome::hasConfidence).map(Outcome::getConfidence).orElse(Double.NaN);
      if (confidences[m] > greatestConfidence[m]) {
        greatestConfidence[m] = confidences[m];
      }
      if (its.get(m).filter(Outcome::hasCost).isPresent()) {
        costs[m].accept(its.get(m).get().getCost());
      }
    }
    long number = FitRequest.number(row.getQuery());
    (request.holdsOut(number) ? held : learned)
        .add(
            new Taken(
                new Row(
                    number,
                    row.getSet(),
                    new Query(row.getQuery()),
                    question,
                    method.readsReferences() && !row.getReference().isEmpty()
                        ? Optional.of(columns.kept(row.getReference()))
                        : Optional.empty(),
                    outcomes),
                confidences));
  }

  private Recorded recorded(Outcome outcome, Iterator<float[]> vector) {
    boolean embedded = method.embedsAnswers() && !outcome.getResponse().isBlank();
    return new Recorded(
        columns.kept(outcome.getResponse()),
        RecordedColumns.signals(outcome),
        outcome.getScore(),
        outcome.hasCost() ? outcome.getCost() : Double.NaN,
        outcome.getSamplesList().stream().map(columns::kept).toList(),
        checks(outcome),
        embedded && vector.hasNext() ? Optional.of(vector.next()) : Optional.empty());
  }

  /** Under the names {@code verified} and {@code verified_cost}. */
  private static Optional<Checks> checks(Outcome outcome) {
    Double share = outcome.getNumbersMap().get(VERIFIED);
    if (share == null) {
      return Optional.empty();
    }
    double usd = outcome.getNumbersOrDefault(VERIFIED_COST, Double.NaN);
    if (!(share >= 0 && share <= 1) || usd < 0) {
      throw FitRequest.refused(
          "dataset",
          "An outcome of '%s' has the numbers %s %s and %s %s; a share of 0 to 1 and a cost of at least 0 are allowed."
              .formatted(outcome.getMember(), VERIFIED, share, VERIFIED_COST, usd));
    }
    return Optional.of(new Checks(share, usd));
  }

  /**
   * The questions of one side.
   *
   * @throws dev.tutti.kit.grpc.FailureException when there are none
   */
  RecordedOutcomes side(boolean heldOut) {
    List<Taken> side =
        RecordedColumns.require(heldOut ? held : learned, heldOut ? learned : held, heldOut);
    return new RecordedOutcomes(columns.members(), side.stream().map(this::whole).toList());
  }

  /** With what can be told only once all questions were seen. */
  private Row whole(Taken taken) {
    Row row = taken.row();
    var outcomes = new ArrayList<Optional<Recorded>>();
    for (int m = 0; m < row.outcomes().size(); m++) {
      int member = m;
      outcomes.add(
          row.outcomes().get(m).map(its -> whole(member, its, taken.confidences()[member])));
    }
    return new Row(
        row.number(), row.set(), row.query(), row.embedding(), row.reference(), outcomes);
  }

  private Recorded whole(int member, Recorded its, double confidence) {
    double usd = Double.isNaN(its.usd()) ? mean(member) : its.usd();
    return new Recorded(
        its.text(),
        signals(member, its.signals(), confidence),
        its.score(),
        usd,
        its.samples(),
        its.checks()
            .map(checks -> Double.isNaN(checks.usd()) ? new Checks(checks.share(), usd) : checks),
        its.embedding());
  }

  /** What a member's answers cost on average, where the cost of one was not recorded. */
  private double mean(int member) {
    if (costs[member].getCount() == 0) {
      throw FitRequest.refused(
          "dataset",
          "No cost of '%s' is recorded; a cascade is tuned by what answers cost. Name members whose costs are."
              .formatted(columns.members().get(member)));
    }
    return costs[member].getAverage();
  }

  /**
   * The recorded signals; the recorded confidence is the log-probability of the answer where none
   * else is and no confidence of the member is above 0.
   */
  private AnswerSignals signals(int member, AnswerSignals its, double confidence) {
    if (its.sumLogprob().isPresent()
        || Double.isNaN(confidence)
        || greatestConfidence[member] > 0) {
      return its;
    }
    return new AnswerSignals(
        its.meanLogprob(),
        OptionalDouble.of(confidence),
        its.minLogprob(),
        its.meanDistanceToUniform(),
        its.minDistanceToUniform(),
        its.optionMargin(),
        its.optionEntropy(),
        its.tokenLogprobs());
  }
}
