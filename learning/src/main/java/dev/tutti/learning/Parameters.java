package dev.tutti.learning;

import dev.tutti.numerics.Matrix;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What was learned, as named matrices; what an {@link Artifact} keeps. Immutable as long as nobody
 * writes to a matrix.
 *
 * @param members whom the columns are about
 * @param matrices by name
 */
public record Parameters(List<String> members, SortedMap<String, Matrix> matrices) {

  /** Copies the containers. */
  public Parameters {
    members = List.copyOf(members);
    matrices = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(matrices));
  }

  /** Nothing yet; {@link #with} adds to it. */
  public static Parameters of(List<String> members) {
    return new Parameters(members, new TreeMap<>());
  }

  /** These, and one more. */
  public Parameters with(String name, Matrix matrix) {
    var more = new TreeMap<>(matrices);
    more.put(name, matrix);
    return new Parameters(members, more);
  }

  /** These, and one more number. */
  public Parameters with(String name, double value) {
    return with(name, Matrix.row(value));
  }

  /**
   * A matrix.
   *
   * @throws IllegalArgumentException when there is none of that name
   */
  public Matrix matrix(String name) {
    Matrix matrix = matrices.get(name);
    if (matrix == null) {
      throw new IllegalArgumentException(
          "The artifact has no '%s'; it has %s.".formatted(name, matrices.keySet()));
    }
    return matrix;
  }

  /** A number. */
  public double number(String name) {
    return matrix(name).at(0, 0);
  }
}
