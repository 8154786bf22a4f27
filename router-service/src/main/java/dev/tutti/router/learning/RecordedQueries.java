package dev.tutti.router.learning;

import dev.tutti.kit.grpc.Failure;
import dev.tutti.learning.FitRequest;
import dev.tutti.learning.fit.RecordedColumns;
import dev.tutti.numerics.Matrix;
import dev.tutti.registry.v1.Dataset;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import dev.tutti.router.fit.Outcomes;
import dev.tutti.router.fit.TextFeatures;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Recorded queries on their way into a fit, without their texts. For one thread. */
final class RecordedQueries {

  /** Most queries, whatever the heap. */
  static final int MOST = 100_000;

  /**
   * What a fit holds at once: the rows as they come, as matrices, with features beside them, and
   * what a method keeps of them; of half the heap.
   */
  private static final int COPIES = 5;

  private static final int BYTES_A_ROW = 2_000;

  private final FitRequest request;
  private final List<String> wanted;
  private final boolean priced;
  private final Optional<AnswerDistances> answers;
  private final List<Row> rows = new ArrayList<>();
  private final TreeSet<String> seen = new TreeSet<>();

  /** What a member made of a query; NaN for a cost that is not known. */
  private record Result(float score, float usd) {}

  private record Row(
      long query,
      boolean held,
      float[] embedding,
      float[] features,
      String set,
      Map<String, Result> outcomes,
      float[] distances) {}

  /**
   * None yet.
   *
   * @param priced whether costs are US dollars a call, and so of use here
   * @param answers whether answers are looked at, too
   */
  RecordedQueries(FitRequest request, boolean priced, boolean answers, Dataset data) {
    this.request = request;
    this.wanted = request.parameters().members();
    this.priced = priced;
    this.answers =
        answers
            ? Optional.of(new AnswerDistances(new RecordedColumns(request, data)))
            : Optional.empty();
  }

  /** What of a query is to be embedded: itself, then what was answered. */
  List<String> texts(RecordedQuery query) {
    var texts = new ArrayList<>(List.of(query.getQuery()));
    answers.ifPresent(its -> texts.addAll(its.texts(query)));
    return texts;
  }

  /**
   * Makes sure that there is room.
   *
   * @param queries how many there will be
   * @throws dev.tutti.kit.grpc.FailureException {@link Failure.InvalidArgument} where there is none
   */
  static void requireRoom(long queries) {
    long heap = Runtime.getRuntime().maxMemory();
    long most = Math.min(MOST, heap / 2 / (COPIES * BYTES_A_ROW));
    if (queries > most) {
      throw new Failure.InvalidArgument(
              "parameters.dataset",
              "DATASET_TOO_LARGE",
              "There are %d queries; this service's heap of %d MiB has room for a fit to %d."
                  .formatted(queries, heap >> 20, most))
          .exception();
    }
  }

  /**
   * Adds a query.
   *
   * @param vectors one each of {@link #texts}
   */
  void add(RecordedQuery query, List<float[]> vectors) {
    long number = FitRequest.number(query.getQuery());
    var outcomes = new HashMap<String, Result>();
    for (Outcome outcome : query.getOutcomesList()) {
      if (wanted.isEmpty() || wanted.contains(outcome.getMember())) {
        seen.add(outcome.getMember());
        outcomes.put(
            outcome.getMember(),
            new Result(
                (float) outcome.getScore(),
                priced && outcome.hasCost() ? (float) outcome.getCost() : Float.NaN));
      }
    }
    rows.add(
        new Row(
            number,
            request.holdsOut(number),
            vectors.getFirst(),
            TextFeatures.of(query.getQuery()),
            query.getSet(),
            outcomes,
            answers
                .map(its -> its.of(query, vectors.subList(1, vectors.size())))
                .orElse(new float[0])));
  }

  /**
   * The queries of one side.
   *
   * @throws dev.tutti.kit.grpc.FailureException when there are none, or nobody was ever run on them
   *     who is wanted
   */
  Outcomes outcomes(boolean held) {
    List<String> members = wanted.isEmpty() ? List.copyOf(seen) : wanted;
    for (String member : members) {
      if (!seen.contains(member)) {
        throw FitRequest.refused(
            "members",
            "'%s' was run on none of the queries; those who were: %s."
                .formatted(member, String.join(", ", seen)));
      }
    }
    List<Row> side = rows.stream().filter(r -> r.held() == held).toList();
    if (side.isEmpty()) {
      throw FitRequest.refused(
          rows.isEmpty() ? "dataset" : "holdout",
          rows.isEmpty()
              ? "There are no recorded outcomes in this split of the dataset."
              : "Of %d queries %s are held out.".formatted(rows.size(), held ? "none" : "all"));
    }
    var quality = new Matrix(side.size(), members.size());
    var usd = new Matrix(side.size(), members.size());
    boolean anyPrice = false;
    for (int i = 0; i < side.size(); i++) {
      for (int m = 0; m < members.size(); m++) {
        Result result = side.get(i).outcomes().get(members.get(m));
        int at = i * members.size() + m;
        quality.values()[at] = result == null ? Float.NaN : result.score();
        usd.values()[at] = result == null ? Float.NaN : result.usd();
        anyPrice |= !Float.isNaN(usd.values()[at]);
      }
    }
    return new Outcomes(
        members,
        Matrix.of(side.stream().map(Row::embedding).toList()),
        Matrix.of(side.stream().map(Row::features).toList()),
        quality,
        anyPrice ? usd : new Matrix(0, 0),
        side.stream().map(Row::set).toList(),
        answers
            .map(its -> its.matrix(side.stream().map(Row::distances).toList(), members))
            .orElse(new Matrix(0, 0)));
  }

  /** A number for each held-out query, equal for equal texts. */
  long[] heldOut() {
    return rows.stream().filter(Row::held).mapToLong(Row::query).toArray();
  }
}
