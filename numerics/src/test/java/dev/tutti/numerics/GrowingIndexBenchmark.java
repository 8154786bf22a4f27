package dev.tutti.numerics;

import java.util.Arrays;
import java.util.Random;

/**
 * How long a lookup takes among so many rows of 384 numbers in clusters, as questions lie, after
 * the last build and with as many rows waiting as may: {@code java -cp
 * numerics/target/classes:numerics/target/test-classes dev.tutti.numerics.GrowingIndexBenchmark
 * 100000}.
 */
final class GrowingIndexBenchmark {

  private static final int DIMENSION = 384;
  private static final int CLUSTERS = 500;
  private static final int LOOKUPS = 2_000;

  private GrowingIndexBenchmark() {}

  /** Prints milliseconds. */
  public static void main(String[] arguments) {
    int rows = Integer.parseInt(arguments[0]);
    var random = new Random(1);
    var centres = new float[CLUSTERS][];
    for (int c = 0; c < CLUSTERS; c++) {
      centres[c] = unit(random, new float[DIMENSION], 1);
    }
    var index = new GrowingIndex(DIMENSION, Runnable::run);
    long start = System.nanoTime();
    for (int i = 0; i < rows; i++) {
      index.add(i, unit(random, centres[random.nextInt(CLUSTERS)], 0.7));
    }
    System.out.printf("added in %.1f s%n", (System.nanoTime() - start) / 1e9);
    int found = 0;
    var millis = new double[LOOKUPS];
    for (int i = 0; i < LOOKUPS; i++) {
      float[] query = unit(random, centres[random.nextInt(CLUSTERS)], 0.7);
      long began = System.nanoTime();
      found += index.nearest(query, 3).size();
      millis[i] = (System.nanoTime() - began) / 1e6;
    }
    Arrays.sort(millis);
    System.out.printf(
        "%d rows, %d found: median %.2f ms, 99th percentile %.2f ms, most %.2f ms%n",
        index.size(), found, millis[LOOKUPS / 2], millis[LOOKUPS * 99 / 100], millis[LOOKUPS - 1]);
  }

  private static float[] unit(Random random, float[] centre, double spread) {
    var row = new float[DIMENSION];
    double norm = 0;
    for (int i = 0; i < DIMENSION; i++) {
      row[i] = (float) (centre[i] + spread * random.nextGaussian() / Math.sqrt(DIMENSION));
      norm += row[i] * row[i];
    }
    for (int i = 0; i < DIMENSION; i++) {
      row[i] /= (float) Math.sqrt(norm);
    }
    return row;
  }
}
