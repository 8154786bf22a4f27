package dev.tutti.cascade.method.deferral;

import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.PrincipalAxes;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Questions' embeddings along the directions in which those that were learned from lie longest: few
 * answers tell nothing of hundreds of dimensions.
 *
 * @param axes a row an axis; none where no embedding is looked at
 */
record QuestionAxes(Matrix axes) {

  private static final int MOST = 16;

  static final QuestionAxes NONE = new QuestionAxes(new Matrix(0, 0));

  /** Of the questions whose embedding is known; none where that is none. */
  static QuestionAxes of(RecordedOutcomes data, RandomGenerator random) {
    List<float[]> known = data.rows().stream().flatMap(row -> row.embedding().stream()).toList();
    if (known.isEmpty()) {
      return NONE;
    }
    Matrix rows = Matrix.of(known);
    int count = Math.min(MOST, rows.columns());
    float[][] byDimension =
        PrincipalAxes.of(rows, IntStream.range(0, rows.rows()).toArray(), count, random);
    var axes = new Matrix(count, rows.columns());
    for (int a = 0; a < count; a++) {
      for (int d = 0; d < rows.columns(); d++) {
        axes.values()[a * rows.columns() + d] = byDimension[d][a];
      }
    }
    return new QuestionAxes(axes);
  }

  /**
   * A question's place along them; empty where its embedding is not known, or is of another model.
   */
  Optional<float[]> place(Optional<float[]> embedding) {
    return embedding
        .filter(its -> its.length == axes.columns())
        .map(
            its -> {
              var place = new float[axes.rows()];
              for (int a = 0; a < place.length; a++) {
                place[a] = (float) axes.dot(a, its);
              }
              return place;
            });
  }
}
