package dev.tutti.router;

import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import dev.tutti.router.fit.Outcomes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Made-up outcomes that have something to learn. */
public final class Recorded {

  /** Numbers of an embedding. */
  public static final int DIMENSIONS = 8;

  private Recorded() {}

  /**
   * Queries of {@code members} kinds, one near each axis; member {@code m} is right on its own kind
   * in 95 % and elsewhere in {@code 20 + 3 m} % of the cases. Answers lie about the true one, those
   * of the specialist near it.
   */
  public static Outcomes specialists(int members, int queries, long seed) {
    var random = new SplittableRandom(seed);
    var x = new ArrayList<float[]>();
    var quality = new ArrayList<float[]>();
    var usd = new ArrayList<float[]>();
    var sets = new ArrayList<String>();
    var distances = new Matrix(queries, Outcomes.pairs(members));
    for (int i = 0; i < queries; i++) {
      int kind = i % members;
      for (int m = 0; m < members; m++) {
        for (int n = m + 1; n < members; n++) {
          distances.values()[i * distances.columns() + Outcomes.pair(m, n, members)] =
              error(m, kind) + error(n, kind);
        }
      }
      x.add(near(kind, random));
      var row = new float[members];
      var cost = new float[members];
      for (int m = 0; m < members; m++) {
        row[m] = random.nextDouble() < (m == kind ? 0.95 : 0.2 + 0.03 * m) ? 1 : 0;
        cost[m] = 0.001f * (m + 1);
      }
      quality.add(row);
      usd.add(cost);
      sets.add("set" + kind);
    }
    return new Outcomes(
        IntStream.range(0, members).mapToObj(m -> "m" + m).toList(),
        Matrix.of(x),
        new Matrix(0, 0),
        Matrix.of(quality),
        Matrix.of(usd),
        sets,
        distances);
  }

  /** Mean squared distance of a member's answers from the true one. */
  private static float error(int member, int kind) {
    return member == kind ? 0.5f : 2.5f - 0.05f * member;
  }

  /** A unit vector near an axis. */
  public static float[] near(int axis, SplittableRandom random) {
    var v = new float[DIMENSIONS];
    double squares = 0;
    for (int d = 0; d < v.length; d++) {
      v[d] = (float) ((d == axis % v.length ? 1 : 0) + 0.15 * random.nextGaussian());
      squares += v[d] * v[d];
    }
    for (int d = 0; d < v.length; d++) {
      v[d] /= (float) Math.sqrt(squares);
    }
    return v;
  }

  /** A query with this embedding. */
  public static Query query(float... embedding) {
    return new Query(List.of(new Query.Message(Query.Role.USER, "?")), embedding);
  }

  /** Outcomes written out: rows of embeddings and of qualities. */
  public static Outcomes outcomes(List<String> members, float[][] x, float[][] quality) {
    return outcomes(members, x, quality, Collections.nCopies(x.length, ""));
  }

  /** The same, with the set of each query. */
  public static Outcomes outcomes(
      List<String> members, float[][] x, float[][] quality, List<String> sets) {
    return new Outcomes(
        members,
        Matrix.of(List.of(x)),
        new Matrix(0, 0),
        Matrix.of(List.of(quality)),
        new Matrix(0, 0),
        sets);
  }

  /** Members a, b, ... whose embeddings say nothing: a row of qualities a query. */
  public static Outcomes blind(float[]... quality) {
    List<String> members =
        IntStream.range(0, quality[0].length).mapToObj(m -> "" + (char) ('a' + m)).toList();
    return outcomes(members, new float[quality.length][1], quality);
  }

  /** Nothing learned yet about these members. */
  public static Parameters parameters(String... members) {
    return Parameters.of(List.of(members));
  }
}
