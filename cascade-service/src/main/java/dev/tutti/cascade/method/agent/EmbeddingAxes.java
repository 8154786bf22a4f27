package dev.tutti.cascade.method.agent;

import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.PrincipalAxes;
import dev.tutti.numerics.Shuffle;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Embeddings along the axes in which they differ most, in so few numbers that a small network
 * learns from few episodes; scaled so that their mean square is 1 over what they were learned from.
 *
 * @param mean of the embeddings, one row
 * @param axes a row a number that is kept
 */
record EmbeddingAxes(Matrix mean, Matrix axes) {

  /** More embeddings tell nothing more of the axes. */
  private static final int MOST = 5_000;

  private static final String MEAN = " mean";
  private static final String AXES = " axes";

  /**
   * Finds the axes.
   *
   * @param vectors at least one, all of one width
   * @param count of axes; all where there are fewer
   */
  static EmbeddingAxes of(List<float[]> vectors, int count, RandomGenerator random) {
    int width = vectors.getFirst().length;
    List<float[]> some =
        Arrays.stream(Shuffle.of(vectors.size(), random))
            .limit(MOST)
            .mapToObj(vectors::get)
            .toList();
    var mean = new Matrix(1, width);
    for (float[] vector : some) {
      for (int i = 0; i < width; i++) {
        mean.values()[i] += vector[i] / some.size();
      }
    }
    List<float[]> centred =
        some.stream()
            .map(
                vector -> {
                  float[] off = vector.clone();
                  for (int i = 0; i < width; i++) {
                    off[i] -= mean.values()[i];
                  }
                  return off;
                })
            .toList();
    int kept = Math.min(count, width);
    int[] all = IntStream.range(0, centred.size()).toArray();
    float[][] found = PrincipalAxes.of(Matrix.of(centred), all, kept, random);
    var axes = new Matrix(kept, width);
    for (int a = 0; a < kept; a++) {
      for (int i = 0; i < width; i++) {
        axes.values()[a * width + i] = found[i][a];
      }
    }
    double square = 0;
    for (float[] vector : centred) {
      for (int a = 0; a < kept; a++) {
        double along = axes.dot(a, vector);
        square += along * along / kept / centred.size();
      }
    }
    float scale = square > 0 ? (float) (1 / Math.sqrt(square)) : 1;
    for (int i = 0; i < axes.values().length; i++) {
      axes.values()[i] *= scale;
    }
    return new EmbeddingAxes(mean, axes);
  }

  static EmbeddingAxes read(Parameters parameters, String name) {
    return new EmbeddingAxes(parameters.matrix(name + MEAN), parameters.matrix(name + AXES));
  }

  Parameters write(Parameters parameters, String name) {
    return parameters.with(name + MEAN, mean).with(name + AXES, axes);
  }

  /** An embedding along the axes; empty where it is another model's, of another width. */
  Optional<float[]> along(float[] vector) {
    if (vector.length != axes.columns()) {
      return Optional.empty();
    }
    float[] off = vector.clone();
    for (int i = 0; i < off.length; i++) {
      off[i] -= mean.values()[i];
    }
    var along = new float[axes.rows()];
    for (int a = 0; a < along.length; a++) {
      along[a] = (float) axes.dot(a, off);
    }
    return Optional.of(along);
  }
}
