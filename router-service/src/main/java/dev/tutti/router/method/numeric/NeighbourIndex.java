package dev.tutti.router.method.numeric;

import dev.tutti.router.fit.Interruption;
import dev.tutti.router.fit.Matrix;
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

  /**
   * Rows in a byte a number, laid out column by column: products with all of them run on the vector
   * units, and a quarter as much memory is read as of floats.
   */
  private static final class BlockedRows {

    /** Columns; divides {@link #REDUCED}. */
    private static final int AT_ONCE = 8;

    private final int count;
    private final byte[] columns;

    /** What a byte of each column stands for. */
    private final float[] units;

    BlockedRows(Matrix rows) {
      count = rows.rows();
      columns = new byte[count * rows.columns()];
      units = new float[rows.columns()];
      for (int c = 0; c < units.length; c++) {
        float most = Float.MIN_NORMAL;
        for (int i = 0; i < count; i++) {
          most = Math.max(most, Math.abs(rows.at(i, c)));
        }
        units[c] = most / Byte.MAX_VALUE;
        for (int i = 0; i < count; i++) {
          columns[c * count + i] = (byte) Math.round(rows.at(i, c) / units[c]);
        }
      }
    }

    /** Products, but for a rounding of about a hundredth; lists of different units compare. */
    float[] dots(float[] vector) {
      float most = Float.MIN_NORMAL;
      for (int c = 0; c < units.length; c++) {
        most = Math.max(most, Math.abs(vector[c] * units[c]));
      }
      // 64 products of 127 and 32,767 fit an int.
      float unit = most / Short.MAX_VALUE;
      var factors = new int[units.length];
      for (int c = 0; c < units.length; c++) {
        factors[c] = Math.round(vector[c] * units[c] / unit);
      }
      var sums = new int[count];
      for (int c = 0; c < units.length; c += AT_ONCE) {
        add(sums, columns, c * count, factors, c);
      }
      var dots = new float[count];
      for (int i = 0; i < count; i++) {
        dots[i] = sums[i] * unit;
      }
      return dots;
    }

    /** Eight columns in one go: a list is short, and every loop over it costs something more. */
    private static void add(int[] sums, byte[] columns, int at, int[] factors, int first) {
      int n = sums.length;
      int f0 = factors[first];
      int f1 = factors[first + 1];
      int f2 = factors[first + 2];
      int f3 = factors[first + 3];
      int f4 = factors[first + 4];
      int f5 = factors[first + 5];
      int f6 = factors[first + 6];
      int f7 = factors[first + 7];
      for (int i = 0; i < n; i++) {
        int column = at + i;
        sums[i] +=
            f0 * columns[column]
                + f1 * columns[column + n]
                + f2 * columns[column + 2 * n]
                + f3 * columns[column + 3 * n]
                + f4 * columns[column + 4 * n]
                + f5 * columns[column + 5 * n]
                + f6 * columns[column + 6 * n]
                + f7 * columns[column + 7 * n];
      }
    }
  }

  /**
   * Rows in a byte a number, one after the other: a row of 384 numbers is six lines of the cache
   * instead of twenty-four, and its products run on the vector units. See above for how exact that
   * is.
   */
  private static final class ByteRows {

    // 384 products of 127 and of this fit an int.
    private static final int LEVELS = 8_191;

    private final int columns;
    private final byte[] values;

    /** What a byte of each row stands for. */
    private final float[] units;

    ByteRows(Matrix rows) {
      columns = rows.columns();
      values = new byte[rows.values().length];
      units = new float[rows.rows()];
      for (int row = 0; row < units.length; row++) {
        units[row] = greatest(rows.values(), row * columns, columns) / Byte.MAX_VALUE;
        for (int i = row * columns; i < (row + 1) * columns; i++) {
          values[i] = (byte) Math.round(rows.values()[i] / units[row]);
        }
      }
    }

    void offer(float[] query, int[] candidates, Best best) {
      float unit = greatest(query, 0, columns) / LEVELS;
      var levels = new int[columns];
      for (int i = 0; i < columns; i++) {
        levels[i] = Math.round(query[i] / unit);
      }
      for (int row : candidates) {
        best.offer(row, dot(levels, values, row * columns) * unit * units[row]);
      }
    }

    private static int dot(int[] levels, byte[] values, int at) {
      int sum = 0;
      for (int i = 0; i < levels.length; i++) {
        sum += levels[i] * values[at + i];
      }
      return sum;
    }

    private static float greatest(float[] values, int at, int count) {
      float greatest = Float.MIN_NORMAL;
      for (int i = at; i < at + count; i++) {
        greatest = Math.max(greatest, Math.abs(values[i]));
      }
      return greatest;
    }
  }

  /** The best so many of what was offered: a heap with the worst on top. */
  private static final class Best {
    private final int[] names;
    private final double[] scores;
    private int size;

    Best(int capacity) {
      names = new int[capacity];
      scores = new double[capacity];
    }

    float least() {
      return size < names.length ? Float.NEGATIVE_INFINITY : (float) scores[0];
    }

    void offer(int name, double score) {
      if (size < names.length) {
        int at = size++;
        while (at > 0 && worse(name, score, (at - 1) / 2)) {
          move((at - 1) / 2, at);
          at = (at - 1) / 2;
        }
        names[at] = name;
        scores[at] = score;
      } else if (size > 0 && !worse(name, score, 0)) {
        sink(name, score);
      }
    }

    private void sink(int name, double score) {
      int at = 0;
      while (true) {
        int child = 2 * at + 1;
        if (child >= size) {
          break;
        }
        if (child + 1 < size && worse(names[child + 1], scores[child + 1], child)) {
          child++;
        }
        if (worse(name, score, child)) {
          break;
        }
        move(child, at);
        at = child;
      }
      names[at] = name;
      scores[at] = score;
    }

    private boolean worse(int name, double score, int than) {
      return score < scores[than] || (score == scores[than] && name > names[than]);
    }

    private void move(int from, int to) {
      names[to] = names[from];
      scores[to] = scores[from];
    }

    int[] rows() {
      return java.util.Arrays.copyOf(names, size);
    }

    /** Empties the heap. */
    Neighbours sorted() {
      var rows = new int[size];
      var similarities = new double[size];
      for (int place = size - 1; place >= 0; place--) {
        rows[place] = names[0];
        similarities[place] = scores[0];
        size--;
        sink(names[size], scores[size]);
      }
      return new Neighbours(rows, similarities);
    }
  }
}
