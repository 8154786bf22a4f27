package dev.tutti.numerics;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Made-up embeddings that lie as real ones do. */
public final class RecordedNeighbours {

  private RecordedNeighbours() {}

  /** Clusters in a space of few real dimensions, as embeddings are. */
  public static Matrix like(int count, int columns, long seed) {
    var random = new SplittableRandom(seed);
    int topics = 200;
    var axes = new float[24][columns];
    for (float[] axis : axes) {
      for (int d = 0; d < columns; d++) {
        axis[d] = (float) random.nextGaussian();
      }
    }
    var places = new double[topics][axes.length];
    for (double[] place : places) {
      Arrays.setAll(place, i -> random.nextGaussian());
    }
    var rows = new Matrix(count, columns);
    for (int i = 0; i < count; i++) {
      double[] place = places[random.nextInt(topics)];
      var row = new float[columns];
      for (int a = 0; a < axes.length; a++) {
        double along = place[a] + 0.6 * random.nextGaussian();
        for (int d = 0; d < columns; d++) {
          row[d] += (float) along * axes[a][d];
        }
      }
      double norm = 0;
      for (int d = 0; d < columns; d++) {
        row[d] += (float) (0.5 * random.nextGaussian());
        norm += row[d] * row[d];
      }
      for (int d = 0; d < columns; d++) {
        rows.values()[i * columns + d] = (float) (row[d] / Math.sqrt(norm));
      }
    }
    return rows;
  }
}
