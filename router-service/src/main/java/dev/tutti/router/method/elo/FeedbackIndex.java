package dev.tutti.router.method.elo;

import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.NeighbourIndex;
import dev.tutti.numerics.NeighbourIndex.Neighbours;
import dev.tutti.numerics.Vectors;
import dev.tutti.router.Feedback;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Feedback by the similarity of its query. Feedback on equal embeddings is on one query. The older
 * queries are indexed, the rest compared one by one; when those have grown to a sixteenth of the
 * index, all are indexed anew: by how many there are, so that the same log is always searched
 * alike. Feedback without an embedding, or with one of another length than the first, takes its
 * place and is never found. Immutable.
 */
final class FeedbackIndex {

  private static final int LEAST_TAIL = 512;
  private static final int SHARE = 16;

  private final List<Feedback> log;

  /** Of every embedding; 0 as long as there is none. */
  private final int length;

  /** Each embedding once, as they came. */
  private final List<float[]> queries;

  private final int[] hashes;

  /** Where in the log the feedback on each query is. */
  private final List<int[]> places;

  private final NeighbourIndex index;
  private final int indexed;

  private record Near(int query, double similarity) {}

  private FeedbackIndex(
      List<Feedback> log,
      int length,
      List<float[]> queries,
      int[] hashes,
      List<int[]> places,
      NeighbourIndex index,
      int indexed) {
    this.log = log;
    this.length = length;
    this.queries = queries;
    this.hashes = hashes;
    this.places = places;
    this.index = index;
    this.indexed = indexed;
  }

  static FeedbackIndex of(List<Feedback> log) {
    return new FeedbackIndex(List.of(), 0, List.of(), new int[0], List.of(), null, 0).with(log);
  }

  private static int[] appended(int[] numbers, int number) {
    int[] longer = Arrays.copyOf(numbers, numbers.length + 1);
    longer[numbers.length] = number;
    return longer;
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

  private static NeighbourIndex indexOf(List<float[]> queries, int count) {
    return count == 0 ? null : new NeighbourIndex(Matrix.of(queries.subList(0, count)));
  }

  /** How much there is. */
  int size() {
    return log.size();
  }

  /** The last of this alone. */
  FeedbackIndex last(int count) {
    return of(log.subList(log.size() - count, log.size()));
  }

  /** This and more, in order. */
  FeedbackIndex with(List<Feedback> more) {
    var longer = new ArrayList<Feedback>(log.size() + more.size());
    longer.addAll(log);
    longer.addAll(more);
    int its = length == 0 ? firstLength(more) : length;
    var known = new ArrayList<>(queries);
    var where = new ArrayList<>(places);
    int[] marks = Arrays.copyOf(hashes, hashes.length + more.size());
    for (int place = log.size(); place < longer.size(); place++) {
      float[] embedding = longer.get(place).embedding();
      if (embedding.length == 0 || embedding.length != its) {
        continue;
      }
      int hash = Arrays.hashCode(embedding);
      int query = 0;
      while (query < known.size()
          && !(marks[query] == hash && Arrays.equals(known.get(query), embedding))) {
        query++;
      }
      if (query < known.size()) {
        where.set(query, appended(where.get(query), place));
      } else {
        marks[query] = hash;
        known.add(embedding);
        where.add(new int[] {place});
      }
    }
    int count = indexedOf(known.size());
    return new FeedbackIndex(
        longer,
        its,
        known,
        Arrays.copyOf(marks, known.size()),
        where,
        count == indexed ? index : indexOf(known, count),
        count);
  }

  /**
   * All feedback on the most similar queries, in order of arrival; none where the query's embedding
   * does not fit.
   *
   * @param count how many queries
   */
  List<Feedback> nearest(float[] embedding, int count) {
    if (length == 0 || length != embedding.length) {
      return List.of();
    }
    var near = new ArrayList<Near>();
    if (index != null) {
      Neighbours neighbours = index.search(embedding, count);
      for (int i = 0; i < neighbours.size(); i++) {
        near.add(new Near(neighbours.rows()[i], neighbours.similarities()[i]));
      }
    }
    for (int query = indexed; query < queries.size(); query++) {
      near.add(new Near(query, Vectors.dot(queries.get(query), embedding)));
    }
    return near.stream()
        .sorted(Comparator.comparingDouble(Near::similarity).reversed().thenComparing(Near::query))
        .limit(count)
        .flatMapToInt(n -> IntStream.of(places.get(n.query())))
        .sorted()
        .mapToObj(log::get)
        .toList();
  }
}
