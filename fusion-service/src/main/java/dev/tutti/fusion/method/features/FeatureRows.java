package dev.tutti.fusion.method.features;

import dev.tutti.fusion.RecordedAnswers;
import dev.tutti.fusion.RecordedAnswers.Row;
import dev.tutti.numerics.Matrix;
import java.util.Arrays;

/**
 * Recorded answers as a ranker learns from them, one row an answer.
 *
 * @param features of every answer, those of a question one behind the other
 * @param targets how good each is, 0 to 1: the recorded scores, stretched to that range over all of
 *     them where one lies outside
 * @param first row of each question, and one more behind the last
 */
public record FeatureRows(Matrix features, float[] targets, int[] first) {

  /** Of an answer beside its features: target, gradient, weight, odds, and its places in a tree. */
  private static final int BYTES_A_ROW = 64;

  /** While it grows, and as it is kept. */
  private static final int BYTES_A_NODE = 64;

  /** Least rows of a leaf, however it is grown. */
  private static final int ROWS_A_LEAF = 3;

  /**
   * Bytes that growing trees over the features of answers takes at most: the features, once more in
   * bins of a byte, and the nodes.
   *
   * @param answers of members whose number is {@code members}
   * @param copies of the features that are there at once
   * @param trees how many are kept
   * @param depth most splits from a root to a leaf
   */
  public static long bytes(long answers, int members, int copies, int trees, int depth) {
    long columns = AnswerFeatures.columns(members);
    long nodes = Math.min(2L << depth, 2 * Math.ceilDiv(answers, ROWS_A_LEAF));
    return answers * (columns * ((long) Float.BYTES * copies + 1) + BYTES_A_ROW)
        + trees * nodes * BYTES_A_NODE;
  }

  /** The rows of all questions. */
  public static FeatureRows of(RecordedAnswers data, AnswerFeatures features) {
    var first = new int[data.rows().size() + 1];
    float least = Float.POSITIVE_INFINITY;
    float most = Float.NEGATIVE_INFINITY;
    for (int q = 0; q < data.rows().size(); q++) {
      float[] scores = data.rows().get(q).scores();
      first[q + 1] = first[q] + scores.length;
      for (float score : scores) {
        least = Math.min(least, score);
        most = Math.max(most, score);
      }
    }
    boolean inside = least >= 0 && most <= 1;
    float from = inside ? 0 : least;
    float width = inside ? 1 : most - least;
    int columns = features.names().size();
    var matrix = new Matrix(first[first.length - 1], columns);
    var targets = new float[matrix.rows()];
    for (int q = 0; q < data.rows().size(); q++) {
      Row row = data.rows().get(q);
      float[] its = features.of(row.query(), row.candidates()).values();
      System.arraycopy(its, 0, matrix.values(), first[q] * columns, its.length);
      for (int i = 0; i < row.scores().length; i++) {
        targets[first[q] + i] = width > 0 ? (row.scores()[i] - from) / width : 0;
      }
    }
    return new FeatureRows(matrix, targets, first);
  }

  /** How many questions there are. */
  public int questions() {
    return first.length - 1;
  }

  /** Features of a question's answers. */
  public Matrix of(int question) {
    int columns = features.columns();
    return new Matrix(
        first[question + 1] - first[question],
        columns,
        Arrays.copyOfRange(
            features.values(), first[question] * columns, first[question + 1] * columns));
  }

  /**
   * The questions whose number leaves this rest, or all others.
   *
   * @param folds that numbers are divided by, at least 2
   * @param fold the rest
   * @param inside whether it is these, and not the others
   */
  public FeatureRows fold(int folds, int fold, boolean inside) {
    int questions = 0;
    int rows = 0;
    for (int q = 0; q < questions(); q++) {
      if ((q % folds == fold) == inside) {
        questions++;
        rows += first[q + 1] - first[q];
      }
    }
    int columns = features.columns();
    var matrix = new Matrix(rows, columns);
    var some = new float[rows];
    var begins = new int[questions + 1];
    int at = 0;
    for (int q = 0; q < questions(); q++) {
      if ((q % folds == fold) == inside) {
        int count = first[q + 1] - first[q];
        System.arraycopy(
            features.values(),
            first[q] * columns,
            matrix.values(),
            begins[at] * columns,
            count * columns);
        System.arraycopy(targets, first[q], some, begins[at], count);
        begins[at + 1] = begins[at] + count;
        at++;
      }
    }
    return new FeatureRows(matrix, some, begins);
  }
}
