package dev.tutti.decoder.method.token;

import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.NeighbourIndex;
import dev.tutti.numerics.Vectors;
import java.util.Arrays;

/**
 * A member's pieces by how like they are to anchors: {@code R[v, a] = softmax_a(T cos(e(v),
 * e(a)))}, of which the {@value #KEPT} largest are kept and scaled to sum 1. Immutable.
 *
 * @param pieces number of pieces
 * @param width numbers that are kept of each, at least 1
 * @param anchors {@code [piece * width + i]}
 * @param likeness of the same
 */
record RelativeRows(int pieces, int width, int[] anchors, float[] likeness) {

  /** The softmax at 100 is so peaked that hardly more than these are above 0. */
  static final int KEPT = 16;

  /**
   * Of a member.
   *
   * @param embeddings one a piece
   * @param anchorPieces which of the pieces are the anchors; at least one
   * @param temperature T
   */
  static RelativeRows of(Embeddings embeddings, int[] anchorPieces, double temperature) {
    float[][] unit = embeddings.unit();
    var index =
        new NeighbourIndex(Matrix.of(Arrays.stream(anchorPieces).mapToObj(p -> unit[p]).toList()));
    int width = Math.min(KEPT, anchorPieces.length);
    var anchors = new int[unit.length * width];
    var likeness = new float[anchors.length];
    for (int piece = 0; piece < unit.length; piece++) {
      MapCache.requireWanted();
      int[] nearest = index.search(unit[piece], width).rows();
      double[] cosines = new double[width];
      for (int i = 0; i < width; i++) {
        // The index rounds, which the temperature would tell.
        cosines[i] = temperature * Vectors.dot(unit[piece], unit[anchorPieces[nearest[i]]]);
      }
      double[] row = Vectors.softmax(cosines, 1);
      for (int i = 0; i < width; i++) {
        anchors[piece * width + i] = nearest[i];
        likeness[piece * width + i] = (float) row[i];
      }
    }
    return new RelativeRows(unit.length, width, anchors, likeness);
  }

  /** Bytes that it takes. */
  long bytes() {
    return 8L * anchors.length;
  }

  /** {@code relative += weight R[piece, .]}. */
  void add(int piece, double weight, double[] relative) {
    for (int i = piece * width; i < (piece + 1) * width; i++) {
      relative[anchors[i]] += weight * likeness[i];
    }
  }

  /** {@code sum_a R[piece, a] values[a]}. */
  double dot(int piece, double[] values) {
    double sum = 0;
    for (int i = piece * width; i < (piece + 1) * width; i++) {
      sum += likeness[i] * values[anchors[i]];
    }
    return sum;
  }
}
