package dev.tutti.decoder.method.token;

import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.NeighbourIndex;
import dev.tutti.numerics.SingularValues;
import dev.tutti.numerics.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Two models' output embeddings in one space, as VecMap finds it from pieces that both have
 * (Artetxe, Labaka, Agirre 2018, "Generalizing and Improving Bilingual Word Embedding Mappings with
 * a Multi-Step Framework of Linear Transformations"): scale to length 1, take off the mean, scale
 * again; make the dictionary's rows white; turn them onto each other (orthogonal Procrustes: {@code
 * U S V^T = X^T Z}); weigh axes by {@code S^.5}; undo the whitening in the turned axes. Similarity
 * is CSLS with a neighbourhood of 1 on the pivot's side, {@code 2 cos(x, z) - max_x' cos(x', z)}.
 * The term of the source's side is the same for a whole row, and with both no pair would be above
 * 0.
 */
final class EmbeddingMap {

  /** Candidates that are compared by CSLS, the nearest by cosine. */
  private static final int NEAREST = 64;

  /** Below this part of the greatest, a direction is one in which no row lies. */
  private static final double NO_DIRECTION = 1e-9;

  private static final double REWEIGHTING = .5;

  private final float[][] source;
  private final float[][] pivot;

  /**
   * Maps.
   *
   * @param x of the source, one a piece
   * @param z of the pivot, one a piece
   * @param dictionary pairs of pieces that are the same: of the source, and in the same order of
   *     the pivot
   */
  EmbeddingMap(Embeddings x, Embeddings z, int[] dictionaryX, int[] dictionaryZ) {
    double[][] centredX = centred(x.unit());
    double[][] centredZ = centred(z.unit());
    double[][] knownX = rows(centredX, dictionaryX);
    double[][] knownZ = rows(centredZ, dictionaryZ);
    var momentsX = SingularValues.of(product(transposed(knownX), knownX));
    var momentsZ = SingularValues.of(product(transposed(knownZ), knownZ));
    double[][] whiteX = power(momentsX, -.5);
    double[][] whiteZ = power(momentsZ, -.5);
    var turn =
        SingularValues.of(product(transposed(product(knownX, whiteX)), product(knownZ, whiteZ)));
    source = mapped(centredX, whiteX, turn.u(), turn.s(), power(momentsX, .5));
    pivot = mapped(centredZ, whiteZ, turn.v(), turn.s(), power(momentsZ, .5));
  }

  /** {@code X W U S^.5 (U^T W^-1 U)}, each row of length 1. */
  private static float[][] mapped(
      double[][] x, double[][] white, double[][] turn, double[] s, double[][] colour) {
    double[][] weighed = new double[turn.length][s.length];
    for (int d = 0; d < turn.length; d++) {
      for (int k = 0; k < s.length; k++) {
        weighed[d][k] = turn[d][k] * Math.pow(s[k], REWEIGHTING);
      }
    }
    double[][] undone = product(transposed(turn), product(colour, turn));
    double[][] map = product(product(white, weighed), undone);
    return Arrays.stream(x)
        .map(
            row -> {
              var out = new double[s.length];
              for (int d = 0; d < row.length; d++) {
                Vectors.add(out, row[d], map[d]);
              }
              double[] unit = Vectors.unit(out);
              var narrow = new float[unit.length];
              for (int k = 0; k < unit.length; k++) {
                narrow[k] = (float) unit[k];
              }
              return narrow;
            })
        .toArray(float[][]::new);
  }

  /** Of length 1, around their mean, and of length 1 again. */
  private static double[][] centred(float[][] unit) {
    var mean = new double[unit[0].length];
    for (float[] row : unit) {
      Vectors.add(mean, 1.0 / unit.length, Vectors.doubles(row));
    }
    return Arrays.stream(unit)
        .map(
            row -> {
              double[] moved = Vectors.doubles(row);
              Vectors.add(moved, -1, mean);
              return Vectors.unit(moved);
            })
        .toArray(double[][]::new);
  }

  private static double[][] rows(double[][] all, int[] some) {
    return Arrays.stream(some).mapToObj(i -> all[i]).toArray(double[][]::new);
  }

  /** A symmetric matrix to a power; directions in which nothing lies stay 0. */
  private static double[][] power(SingularValues symmetric, double exponent) {
    double[] s = symmetric.s();
    double[][] v = symmetric.v();
    var scaled = new double[v.length][v.length];
    for (int k = 0; k < s.length; k++) {
      double factor = s[k] > NO_DIRECTION * s[0] ? Math.pow(s[k], exponent) : 0;
      for (int d = 0; d < v.length; d++) {
        scaled[d][k] = factor * v[d][k];
      }
    }
    return product(scaled, transposed(v));
  }

  private static double[][] product(double[][] a, double[][] b) {
    var product = new double[a.length][b[0].length];
    for (int i = 0; i < a.length; i++) {
      MapCache.requireWanted();
      for (int k = 0; k < b.length; k++) {
        if (a[i][k] != 0) {
          Vectors.add(product[i], a[i][k], b[k]);
        }
      }
    }
    return product;
  }

  private static double[][] transposed(double[][] a) {
    var turned = new double[a[0].length][a.length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < a[i].length; j++) {
        turned[j][i] = a[i][j];
      }
    }
    return turned;
  }

  /** A pivot's piece, and how similar it is to the one that it is a candidate of. */
  record Candidate(int piece, double similarity) {}

  /**
   * For each piece of the source its candidates, the most similar first.
   *
   * @param most of each
   * @param above that their similarity must be
   */
  List<List<Candidate>> candidates(int most, double above) {
    var sources = new NeighbourIndex(Matrix.of(List.of(source)));
    var nearestToPivot = new double[pivot.length];
    for (int piece = 0; piece < pivot.length; piece++) {
      MapCache.requireWanted();
      int nearest = sources.search(pivot[piece], 1).rows()[0];
      nearestToPivot[piece] = Vectors.dot(source[nearest], pivot[piece]);
    }
    var pivots = new NeighbourIndex(Matrix.of(List.of(pivot)));
    var all = new ArrayList<List<Candidate>>();
    for (float[] x : source) {
      MapCache.requireWanted();
      all.add(
          Arrays.stream(pivots.search(x, NEAREST).rows())
              .mapToObj(
                  piece ->
                      new Candidate(
                          piece, 2 * Vectors.dot(x, pivot[piece]) - nearestToPivot[piece]))
              .filter(candidate -> candidate.similarity() > above)
              .sorted(
                  Comparator.comparingDouble((Candidate c) -> -c.similarity())
                      .thenComparingInt(Candidate::piece))
              .limit(most)
              .toList());
    }
    return all;
  }
}
