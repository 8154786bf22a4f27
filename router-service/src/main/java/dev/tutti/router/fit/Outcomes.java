package dev.tutti.router.fit;

import dev.tutti.numerics.Matrix;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The outcome matrix that a fit learns from: what each member did with each recorded query.
 *
 * @param members the columns, no name twice
 * @param embeddings a row a query, of unit length
 * @param features {@link TextFeatures} of each query; {@code 0 x 0} where the texts are not there
 * @param quality a row a query, a column a member; NaN where the member was not run, which is never
 *     a 0
 * @param usd what each call cost, in US dollars; NaN where unknown; {@code 0 x 0} where no cost is
 *     known at all
 * @param sets which benchmark each query is of; empty strings where nobody knows
 * @param distances how far apart two members' answers lie, embedded, squared: a row a query, a
 *     {@link #pair} of members a column; NaN where one of the two said nothing; {@code 0 x 0} where
 *     answers were not looked at
 */
public record Outcomes(
    List<String> members,
    Matrix embeddings,
    Matrix features,
    Matrix quality,
    Matrix usd,
    List<String> sets,
    Matrix distances) {

  /** Outcomes whose answers were not looked at. */
  public Outcomes(
      List<String> members,
      Matrix embeddings,
      Matrix features,
      Matrix quality,
      Matrix usd,
      List<String> sets) {
    this(members, embeddings, features, quality, usd, sets, new Matrix(0, 0));
  }

  /** Checks that everything is of one size, and that there is something to learn from. */
  public Outcomes {
    members = List.copyOf(members);
    sets = List.copyOf(sets);
    if (embeddings.rows() == 0 || members.isEmpty()) {
      throw new IllegalArgumentException(
          "There is nothing to learn from: %d queries, %d members."
              .formatted(embeddings.rows(), members.size()));
    }
    if (members.stream().distinct().count() != members.size()) {
      throw new IllegalArgumentException("A member is there twice: %s.".formatted(members));
    }
    requireSize("quality", quality, embeddings.rows(), members.size());
    if (features.rows() != 0) {
      requireSize("features", features, embeddings.rows(), TextFeatures.COUNT);
    }
    if (usd.rows() != 0) {
      requireSize("usd", usd, embeddings.rows(), members.size());
    }
    if (distances.rows() != 0) {
      requireSize("distances", distances, embeddings.rows(), pairs(members.size()));
    }
    if (sets.size() != embeddings.rows()) {
      throw new IllegalArgumentException(
          "%d queries have %d sets.".formatted(embeddings.rows(), sets.size()));
    }
    for (float value : embeddings.values()) {
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException("An embedding holds %s.".formatted(value));
      }
    }
    for (float value : quality.values()) {
      if (Float.isInfinite(value)) {
        throw new IllegalArgumentException("A quality is %s.".formatted(value));
      }
    }
  }

  /** How many pairs so many members make. */
  public static int pairs(int members) {
    return members * (members - 1) / 2;
  }

  /**
   * Column of a pair in {@link #distances}: (0, 1), (0, 2), .., (1, 2), ..
   *
   * @param first and {@code second}: different places among the members, in any order
   * @param members how many there are
   */
  public static int pair(int first, int second, int members) {
    int i = Math.min(first, second);
    int j = Math.max(first, second);
    return i * (2 * members - i - 1) / 2 + j - i - 1;
  }

  private static void requireSize(String name, Matrix matrix, int rows, int columns) {
    if (matrix.rows() != rows || matrix.columns() != columns) {
      throw new IllegalArgumentException(
          "%s is %d x %d; it must be %d x %d."
              .formatted(name, matrix.rows(), matrix.columns(), rows, columns));
    }
  }

  /**
   * What a head sees of each query: its embedding, and its text's features where they are there.
   */
  public Matrix inputs() {
    if (features.rows() == 0) {
      return embeddings;
    }
    var inputs = new Matrix(size(), embeddings.columns() + features.columns());
    for (int i = 0; i < size(); i++) {
      int at = i * inputs.columns();
      int d = embeddings.columns();
      System.arraycopy(embeddings.values(), i * d, inputs.values(), at, d);
      System.arraycopy(
          features.values(), i * features.columns(), inputs.values(), at + d, features.columns());
    }
    return inputs;
  }

  /** Number of queries. */
  public int size() {
    return embeddings.rows();
  }

  /** These queries only. */
  public Outcomes rows(int[] rows) {
    return new Outcomes(
        members,
        pick(embeddings, rows),
        features.rows() == 0 ? features : pick(features, rows),
        pick(quality, rows),
        usd.rows() == 0 ? usd : pick(usd, rows),
        IntStream.of(rows).mapToObj(sets::get).toList(),
        distances.rows() == 0 ? distances : pick(distances, rows));
  }

  private static Matrix pick(Matrix matrix, int[] rows) {
    return Matrix.of(IntStream.of(rows).mapToObj(matrix::row).toList());
  }

  /**
   * Mean quality of each member over the queries that it was run on; NaN for one that never was.
   */
  public double[] meanQuality() {
    var sums = new double[members.size()];
    var counts = new int[members.size()];
    for (int i = 0; i < size(); i++) {
      for (int m = 0; m < sums.length; m++) {
        float q = quality.at(i, m);
        if (!Float.isNaN(q)) {
          sums[m] += q;
          counts[m]++;
        }
      }
    }
    return IntStream.range(0, sums.length).mapToDouble(m -> sums[m] / counts[m]).toArray();
  }

  /** As {@link #meanQuality}, with a number for those who were never run. */
  public double[] meanQualityOr(double unknown) {
    return DoubleStream.of(meanQuality()).map(q -> Double.isNaN(q) ? unknown : q).toArray();
  }

  /**
   * What orders the members from the smallest to the largest: their mean cost; mean quality where
   * somebody's cost is not known.
   */
  public double[] sizes() {
    if (usd.rows() == 0) {
      return meanQualityOr(0);
    }
    double[] mean =
        IntStream.range(0, members.size())
            .mapToDouble(
                m ->
                    IntStream.range(0, size())
                        .mapToDouble(i -> usd.at(i, m))
                        .filter(cost -> !Double.isNaN(cost))
                        .average()
                        .orElse(Double.NaN))
            .toArray();
    return DoubleStream.of(mean).anyMatch(Double::isNaN) ? meanQualityOr(0) : mean;
  }

  /**
   * The queries on which everybody was run.
   *
   * @throws IllegalArgumentException when there is none
   */
  public int[] complete() {
    int[] rows =
        IntStream.range(0, size())
            .filter(i -> IntStream.range(0, members.size()).noneMatch(m -> isMissing(i, m)))
            .toArray();
    if (rows.length == 0) {
      throw new IllegalArgumentException("There is no query on which all of them were run.");
    }
    return rows;
  }

  private boolean isMissing(int row, int member) {
    return Float.isNaN(quality.at(row, member));
  }

  /** The names in {@link #sets}, each once, in order. */
  public List<String> setNames() {
    return sets.stream().distinct().sorted().toList();
  }

  /** SHA-256 of everything here, as hex: equal data, equal fingerprint. */
  public String fingerprint() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(String.join("\n", members).getBytes(StandardCharsets.UTF_8));
      digest.update(String.join("\n", sets).getBytes(StandardCharsets.UTF_8));
      var matrices = new ArrayList<>(List.of(embeddings, features, quality, usd));
      if (distances.rows() != 0) {
        matrices.add(distances);
      }
      for (Matrix matrix : matrices) {
        ByteBuffer bytes = ByteBuffer.allocate(8 + Float.BYTES * matrix.values().length);
        bytes.putInt(matrix.rows()).putInt(matrix.columns());
        bytes.asFloatBuffer().put(matrix.values());
        digest.update(bytes.array());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
