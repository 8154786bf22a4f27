package dev.tutti.numerics;

import java.util.random.RandomGenerator;

/**
 * Lloyd's k-means, started by k-means++ (Arthur & Vassilvitskii 2007). Rows are compared by
 * Euclidean distance, which for unit vectors orders as cosine does.
 */
public final class KMeans {

  private final Matrix centres;
  private final float[] halfNorms;

  /** Clusters around given centres. */
  public KMeans(Matrix centres) {
    this.centres = centres;
    this.halfNorms = new float[centres.rows()];
    for (int c = 0; c < halfNorms.length; c++) {
      halfNorms[c] = (float) (centres.dot(c, centres.row(c)) / 2);
    }
  }

  /**
   * Finds centres.
   *
   * @param clusters at least 1; no more come out than there are rows
   * @param rounds most rounds; it stops where nothing moves
   */
  public static KMeans fit(Matrix rows, int clusters, int rounds, RandomGenerator random) {
    int count = Math.min(clusters, rows.rows());
    var centres = new Matrix(count, rows.columns());
    var nearest = new double[rows.rows()];
    java.util.Arrays.fill(nearest, 1);
    for (int c = 0; c < count; c++) {
      Interruption.check();
      int chosen = draw(nearest, random);
      float[] centre = rows.row(chosen);
      System.arraycopy(centre, 0, centres.values(), c * rows.columns(), rows.columns());
      double norm = Vectors.dot(centre, centre);
      for (int i = 0; i < rows.rows(); i++) {
        double distance = norm - 2 * rows.dot(i, centre) + squaredNorm(rows, i);
        nearest[i] = c == 0 ? Math.max(0, distance) : Math.min(nearest[i], Math.max(0, distance));
      }
    }
    var means = new KMeans(centres);
    int[] assigned = new int[rows.rows()];
    for (int round = 0; round < rounds; round++) {
      int[] next = means.assign(rows);
      if (round > 0 && java.util.Arrays.equals(assigned, next)) {
        break;
      }
      assigned = next;
      means = new KMeans(moved(rows, assigned, means.centres));
    }
    return means;
  }

  private static double squaredNorm(Matrix rows, int row) {
    double sum = 0;
    for (int i = row * rows.columns(); i < (row + 1) * rows.columns(); i++) {
      sum += (double) rows.values()[i] * rows.values()[i];
    }
    return sum;
  }

  /** A place, with a probability in proportion to its weight; any where all weights are 0. */
  private static int draw(double[] weights, RandomGenerator random) {
    double total = java.util.Arrays.stream(weights).sum();
    if (!(total > 0)) {
      return random.nextInt(weights.length);
    }
    double left = random.nextDouble() * total;
    int place = 0;
    while (place < weights.length - 1 && left >= weights[place]) {
      left -= weights[place++];
    }
    return place;
  }

  private static Matrix moved(Matrix rows, int[] assigned, Matrix old) {
    int columns = rows.columns();
    var sums = new double[old.rows() * columns];
    var counts = new int[old.rows()];
    for (int i = 0; i < assigned.length; i++) {
      counts[assigned[i]]++;
      for (int j = 0; j < columns; j++) {
        sums[assigned[i] * columns + j] += rows.values()[i * columns + j];
      }
    }
    var centres = new Matrix(old.rows(), columns);
    for (int c = 0; c < counts.length; c++) {
      for (int j = 0; j < columns; j++) {
        int at = c * columns + j;
        // A cluster that lost everybody stays where it was.
        centres.values()[at] = counts[c] == 0 ? old.values()[at] : (float) (sums[at] / counts[c]);
      }
    }
    return centres;
  }

  /** The centres, a row each. */
  public Matrix centres() {
    return centres;
  }

  /** The nearest centre, the first of equally near ones. */
  public int assign(float[] vector) {
    int best = 0;
    double most = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < halfNorms.length; c++) {
      double score = centres.dot(c, vector) - halfNorms[c];
      if (score > most) {
        most = score;
        best = c;
      }
    }
    return best;
  }

  /** The nearest centre of each row. */
  public int[] assign(Matrix rows) {
    var assigned = new int[rows.rows()];
    for (int i = 0; i < assigned.length; i++) {
      Interruption.check();
      assigned[i] = assign(rows.row(i));
    }
    return assigned;
  }
}
