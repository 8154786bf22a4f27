package dev.tutti.numerics;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * The rows most similar to a query, by scalar product (cosine, for unit vectors).
 *
 * <p>Up to {@value #EXACT} rows all are compared. Beyond that the search is approximate, in three
 * steps: rows lie in lists by their nearest centre (an inverted file, Sivic & Zisserman 2003); the
 * nearest lists are searched in the {@value #REDUCED} principal components, which is what costs
 * time and is laid out for the processor's vector units (a list's numbers component by component);
 * the best of those are compared in full, a byte a number, so that similarities are right to about
 * 0.001 (384 numbers; fewer, larger ones are rounded more). {@code NeighbourBenchmark} tells speed
 * and recall. Built from the rows alone, always alike; immutable.
 */
public final class NeighbourIndex {

  static final int EXACT = 1024;
  private static final int REDUCED = 64;
  private static final int SAMPLE = 20_000;
  private static final int ROUNDS = 6;

  // Rows that are searched, and those of them that are compared in full: so many for each
  // neighbour.
  private static final int LEAST_SEARCHED = 1_200;
  private static final int SEARCHED = 8;
  private static final int LEAST_COMPARED = 64;
  private static final int COMPARED = 2;

  private final Matrix rows;

  /** {@code [dimension][component]}; null where all rows are compared. */
  private float[][] axes;

  private BlockedRows centres;
  private BlockedRows[] lists;
  private int[][] members;
  private ByteRows compared;

  /**
   * Rows and how similar they are, the most similar first; of equally similar ones the earlier row.
   */
  public record Neighbours(int[] rows, double[] similarities) {

    /** How many. */
    public int size() {
      return rows.length;
    }
  }

  /** An index of these rows. */
  public NeighbourIndex(Matrix rows) {
    this.rows = rows;
    if (rows.rows() > EXACT && rows.columns() > REDUCED) {
      build(new SplittableRandom(1));
    }
  }

  /** The {@code k} most similar rows, all where there are no more. */
  public Neighbours search(float[] query, int k) {
    var best = new Best(Math.min(k, rows.rows()));
    if (axes == null) {
      for (int i = 0; i < rows.rows(); i++) {
        best.offer(i, rows.dot(i, query));
      }
      return best.sorted();
    }
    float[] reduced = reduce(query);
    float[] byCentre = centres.dots(reduced);
    int wanted = (int) Math.min(rows.rows(), Math.max(LEAST_COMPARED, (long) COMPARED * k));
    long searched = Math.max(LEAST_SEARCHED, (long) SEARCHED * k);
    var candidates = new Best(wanted);
    int[] nearest = best(byCentre, (int) Math.ceilDiv(searched * lists.length, rows.rows()));
    int offered = 0;
    for (int list : nearest) {
      offered += offer(lists[list].dots(reduced), members[list], candidates);
    }
    if (offered < wanted) {
      var done = new boolean[lists.length];
      for (int list : nearest) {
        done[list] = true;
      }
      for (int list : best(byCentre, lists.length)) {
        if (offered < wanted && !done[list]) {
          offered += offer(lists[list].dots(reduced), members[list], candidates);
        }
      }
    }
    compared.offer(query, candidates.rows(), best);
    return best.sorted();
  }

  /** The places of the highest scores, the highest first. */
  private static int[] best(float[] scores, int count) {
    var best = new Best(Math.min(count, scores.length));
    offer(scores, null, best);
    return best.sorted().rows();
  }

  /** How many were offered. */
  private static int offer(float[] scores, int[] names, Best best) {
    float least = best.least();
    for (int i = 0; i < scores.length; i++) {
      if (scores[i] >= least) {
        best.offer(names == null ? i : names[i], scores[i]);
        least = best.least();
      }
    }
    return scores.length;
  }

  private float[] reduce(float[] query) {
    var reduced = new float[REDUCED];
    for (int d = 0; d < query.length; d++) {
      float value = query[d];
      float[] axis = axes[d];
      for (int c = 0; c < REDUCED; c++) {
        reduced[c] += value * axis[c];
      }
    }
    return reduced;
  }

  private void build(RandomGenerator random) {
    int count = rows.rows();
    int[] some = random.ints(Math.min(count, SAMPLE), 0, count).toArray();
    axes = PrincipalAxes.of(rows, some, REDUCED, random);
    var reduced = new float[count][];
    IntStream.range(0, count).parallel().forEach(i -> reduced[i] = reduce(rows.row(i)));
    int clusters = (int) (2 * Math.sqrt(count));
    compared = new ByteRows(rows);
    var sample = Matrix.of(IntStream.of(some).mapToObj(i -> reduced[i]).toList());
    KMeans means = KMeans.fit(sample, clusters, ROUNDS, random);
    centres = new BlockedRows(means.centres());
    Thread fitting = Thread.currentThread();
    int[] assigned =
        IntStream.range(0, count)
            .parallel()
            .map(
                i -> {
                  Interruption.check(fitting);
                  return means.assign(reduced[i]);
                })
            .toArray();
    lists = new BlockedRows[means.centres().rows()];
    members = new int[lists.length][];
    int[] sizes = new int[lists.length];
    for (int list : assigned) {
      sizes[list]++;
    }
    for (int list = 0; list < lists.length; list++) {
      members[list] = new int[sizes[list]];
      sizes[list] = 0;
    }
    for (int i = 0; i < count; i++) {
      members[assigned[i]][sizes[assigned[i]]++] = i;
    }
    for (int list = 0; list < lists.length; list++) {
      var its = new Matrix(members[list].length, REDUCED);
      for (int i = 0; i < members[list].length; i++) {
        System.arraycopy(reduced[members[list][i]], 0, its.values(), i * REDUCED, REDUCED);
      }
      lists[list] = new BlockedRows(its);
    }
  }
}
