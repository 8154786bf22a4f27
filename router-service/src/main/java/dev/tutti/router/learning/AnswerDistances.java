package dev.tutti.router.learning;

import dev.tutti.learning.FitRequest;
import dev.tutti.learning.fit.RecordedColumns;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.TripletQuality;
import dev.tutti.registry.v1.Outcome;
import dev.tutti.registry.v1.RecordedQuery;
import dev.tutti.router.fit.Outcomes;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * How far apart recorded answers lie, on their way into a fit, without the answers: of them there
 * is no room for all. For one thread.
 */
final class AnswerDistances {

  /** The rows as they come, as a matrix, and what a method keeps of them. */
  private static final int COPIES = 3;

  private final RecordedColumns columns;
  private final int size;
  private final long mostBytes;
  private long bytes;

  /** Of answers of these members. */
  AnswerDistances(RecordedColumns columns) {
    this(columns, Runtime.getRuntime().maxMemory() / 4);
  }

  AnswerDistances(RecordedColumns columns, long mostBytes) {
    this.columns = columns;
    this.size = columns.members().size();
    this.mostBytes = mostBytes;
  }

  /** What was answered to a query, as it was recorded; of one that said nothing there is none. */
  List<String> texts(RecordedQuery query) {
    return columns.outcomes(query).stream()
        .flatMap(Optional::stream)
        .map(Outcome::getResponse)
        .filter(text -> !text.isBlank())
        .toList();
  }

  /**
   * The distances of a query, by {@link Outcomes#pair}.
   *
   * @param vectors one each of {@link #texts}
   * @throws dev.tutti.kit.grpc.FailureException when there is no room for them
   */
  float[] of(RecordedQuery query, List<float[]> vectors) {
    var distances = new float[Outcomes.pairs(size)];
    Arrays.fill(distances, Float.NaN);
    bytes += (long) COPIES * Float.BYTES * distances.length;
    if (bytes > mostBytes) {
      throw FitRequest.refused(
          "dataset",
          "How far its answers lie apart needs more than the %d MiB that this service has for it; name fewer members, or a smaller split."
              .formatted(mostBytes >> 20));
    }
    Iterator<float[]> next = vectors.iterator();
    List<Optional<float[]>> said =
        columns.outcomes(query).stream()
            .map(
                its ->
                    its.filter(outcome -> !outcome.getResponse().isBlank()).map(_ -> next.next()))
            .toList();
    for (int i = 0; i < size; i++) {
      for (int j = i + 1; j < size; j++) {
        if (said.get(i).isPresent() && said.get(j).isPresent()) {
          distances[Outcomes.pair(i, j, size)] =
              (float) TripletQuality.distance(said.get(i).get(), said.get(j).get());
        }
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
          int first = columns.members().indexOf(some.get(i));
          int second = columns.members().indexOf(some.get(j));
          matrix.values()[row * matrix.columns() + Outcomes.pair(i, j, some.size())] =
              rows.get(row)[Outcomes.pair(first, second, size)];
        }
      }
    }
    return matrix;
  }
}
