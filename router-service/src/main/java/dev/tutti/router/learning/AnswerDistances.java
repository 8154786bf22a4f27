package dev.tutti.router.learning;

import dev.tutti.learning.FitRequest;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.TripletQuality;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import dev.tutti.router.fit.Outcomes;
import java.util.Arrays;
import java.util.List;

/**
 * How far apart recorded answers lie, on their way into a fit, without the answers: of them there
 * is no room for all. For one thread.
 */
final class AnswerDistances {

  /** The rows as they come, as a matrix, and what a method keeps of them. */
  private static final int COPIES = 3;

  private final List<String> members;
  private final long mostBytes;
  private long bytes;

  /** Of answers of these members. */
  AnswerDistances(List<String> members) {
    this(members, Runtime.getRuntime().maxMemory() / 4);
  }

  AnswerDistances(List<String> members, long mostBytes) {
    this.members = List.copyOf(members);
    this.mostBytes = mostBytes;
  }

  /** What they answered to a query, as it was recorded; of one that said nothing there is none. */
  List<String> texts(RecordedQuery query) {
    return said(query).stream().map(Outcome::getResponse).toList();
  }

  private List<Outcome> said(RecordedQuery query) {
    return query.getOutcomesList().stream()
        .filter(outcome -> members.contains(outcome.getMember()))
        .filter(outcome -> !outcome.getResponse().isBlank())
        .toList();
  }

  /**
   * The distances of a query, by {@link Outcomes#pair}.
   *
   * @param vectors one each of {@link #texts}
   * @throws dev.tutti.kit.grpc.FailureException when there is no room for them
   */
  float[] of(RecordedQuery query, List<float[]> vectors) {
    var distances = new float[Outcomes.pairs(members.size())];
    Arrays.fill(distances, Float.NaN);
    bytes += (long) COPIES * Float.BYTES * distances.length;
    if (bytes > mostBytes) {
      throw FitRequest.refused(
          "dataset",
          "How far its answers lie apart needs more than the %d MiB that this service has for it; name fewer members, or a smaller split."
              .formatted(mostBytes >> 20));
    }
    List<Outcome> said = said(query);
    for (int a = 0; a < said.size(); a++) {
      for (int b = 0; b < a; b++) {
        int i = members.indexOf(said.get(a).getMember());
        int j = members.indexOf(said.get(b).getMember());
        distances[Outcomes.pair(i, j, members.size())] =
            (float) TripletQuality.distance(vectors.get(a), vectors.get(b));
      }
    }
    return distances;
  }

  /**
   * The distances of several queries.
   *
   * @param rows a query each
   * @param some whose columns they are to have, in this order; all of them are known here
   */
  Matrix matrix(List<float[]> rows, List<String> some) {
    var matrix = new Matrix(rows.size(), Outcomes.pairs(some.size()));
    for (int row = 0; row < rows.size(); row++) {
      for (int i = 0; i < some.size(); i++) {
        for (int j = i + 1; j < some.size(); j++) {
          int first = members.indexOf(some.get(i));
          int second = members.indexOf(some.get(j));
          matrix.values()[row * matrix.columns() + Outcomes.pair(i, j, some.size())] =
              rows.get(row)[Outcomes.pair(first, second, members.size())];
        }
      }
    }
    return matrix;
  }
}
