package dev.tutti.router.method.elo;

import dev.tutti.router.Feedback;
import dev.tutti.router.fit.Matrix;
import dev.tutti.router.method.numeric.NeighbourIndex;
import dev.tutti.router.method.numeric.NeighbourIndex.Neighbours;
import dev.tutti.router.method.numeric.Vectors;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Feedback by the similarity of its query. The older part is indexed, the rest compared one by one;
 * when that has grown to a sixteenth of the index, all is indexed anew: by how much there is, so
 * that the same log is always searched alike. Feedback without an embedding, or with one of another
 * length than the first, is not kept. Immutable.
 */
final class FeedbackIndex {

  private static final int LEAST_TAIL = 512;
  private static final int SHARE = 16;

  private final List<Feedback> log;
  private final NeighbourIndex index;
  private final int indexed;

  private record Near(int place, double similarity) {}

  private FeedbackIndex(List<Feedback> log, NeighbourIndex index, int indexed) {
    this.log = log;
    this.index = index;
    this.indexed = indexed;
  }

  static FeedbackIndex of(List<Feedback> log) {
    List<Feedback> kept =
        log.stream()
            .filter(f -> f.embedding().length > 0)
            .filter(f -> f.embedding().length == firstLength(log))
            .toList();
    int indexed = indexedOf(kept.size());
    return new FeedbackIndex(new ArrayList<>(kept), indexOf(kept, indexed), indexed);
  }

  private static int firstLength(List<Feedback> log) {
    return log.stream()
        .mapToInt(f -> f.embedding().length)
        .filter(length -> length > 0)
        .findFirst()
        .orElse(0);
  }

  /** How many of so many are indexed: what growing one by one leads to. */
  private static int indexedOf(int size) {
    int indexed = 0;
    while (size - indexed > tail(indexed)) {
      indexed += tail(indexed) + 1;
    }
    return indexed;
  }

  private static int tail(int indexed) {
    return Math.max(LEAST_TAIL, indexed / SHARE);
  }

  private static NeighbourIndex indexOf(List<Feedback> log, int count) {
    return count == 0
        ? null
        : new NeighbourIndex(
            Matrix.of(log.subList(0, count).stream().map(Feedback::embedding).toList()));
  }

  /** This and one more. */
  FeedbackIndex with(Feedback feedback) {
    int length = feedback.embedding().length;
    if (length == 0 || (!log.isEmpty() && log.getFirst().embedding().length != length)) {
      return this;
    }
    var longer = new ArrayList<Feedback>(log.size() + 1);
    longer.addAll(log);
    longer.add(feedback);
    int count = indexedOf(longer.size());
    return new FeedbackIndex(longer, count == indexed ? index : indexOf(longer, count), count);
  }

  /** The most similar, in order of arrival; none where the query's embedding does not fit. */
  List<Feedback> nearest(float[] embedding, int count) {
    if (log.isEmpty() || log.getFirst().embedding().length != embedding.length) {
      return List.of();
    }
    var near = new ArrayList<Near>();
    if (index != null) {
      Neighbours neighbours = index.search(embedding, count);
      for (int i = 0; i < neighbours.size(); i++) {
        near.add(new Near(neighbours.rows()[i], neighbours.similarities()[i]));
      }
    }
    for (int place = indexed; place < log.size(); place++) {
      near.add(new Near(place, Vectors.dot(log.get(place).embedding(), embedding)));
    }
    return near.stream()
        .sorted(Comparator.comparingDouble(Near::similarity).reversed().thenComparing(Near::place))
        .limit(count)
        .sorted(Comparator.comparingInt(Near::place))
        .map(n -> log.get(n.place()))
        .toList();
  }
}
