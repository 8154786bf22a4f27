package dev.tutti.fusion.method.heads;

import dev.tutti.fusion.LearnedFusion;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.LinearHeads;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Vectors;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How likely each member is to answer a question right, told by a logistic head a member on the
 * question's embedding, and how many of the likeliest vote best together. Immutable.
 *
 * @param members whom it has learned about
 * @param heads one a member
 * @param means mean score of each member, in [0, 1]; 0 too for one that was never asked
 * @param weighted how many are asked whose votes count as likely as they are right, at least 1
 * @param plain how many are asked whose votes count alike, at least 1
 */
public record MemberHeads(
    List<String> members, LinearHeads heads, double[] means, int weighted, int plain)
    implements LearnedFusion {

  private static final String HEADS = "heads";
  private static final String MEANS = "means";
  private static final String SIZES = "sizes";

  /** Checks the sizes. */
  public MemberHeads {
    members = List.copyOf(members);
    if (heads.weights().rows() != members.size()
        || means.length != members.size()
        || Math.min(weighted, plain) < 1
        || Math.max(weighted, plain) > members.size()) {
      throw new IllegalArgumentException(
          "%d heads and %d means of %d members, of whom %d or %d are asked, do not fit together."
              .formatted(heads.weights().rows(), means.length, members.size(), weighted, plain));
    }
  }

  /** What was learned before. */
  public MemberHeads(Parameters parameters) {
    this(
        parameters.members(),
        new LinearHeads(parameters.matrix(HEADS)),
        Vectors.doubles(parameters.matrix(MEANS).row(0)),
        (int) parameters.matrix(SIZES).at(0, 0),
        (int) parameters.matrix(SIZES).at(0, 1));
  }

  /**
   * How likely each of {@link #members} is right, in [0, 1]; 0 for one that never was.
   *
   * @param query embedding of the question; the members' means stand in for it where it is empty
   * @throws IllegalArgumentException when the embedding has not as many numbers as those of the fit
   */
  public double[] confidences(Optional<float[]> query) {
    if (query.isEmpty()) {
      return means.clone();
    }
    int columns = heads.weights().columns() - 1;
    if (query.get().length != columns) {
      throw new IllegalArgumentException(
          "The question's embedding has %d numbers; those of the fit have %d."
              .formatted(query.get().length, columns));
    }
    double[] confidences = Arrays.stream(heads.apply(query.get())).map(Vectors::sigmoid).toArray();
    for (int m = 0; m < confidences.length; m++) {
      // Nothing pulls the head of one that was never asked away from a half.
      confidences[m] = means[m] == 0 ? 0 : confidences[m];
    }
    return confidences;
  }

  /** The same of whom datasets know by these names; 0 for one that was not learned about. */
  double[] confidences(List<String> knownAs, Optional<float[]> query) {
    double[] all = confidences(query);
    return knownAs.stream()
        .mapToInt(members::indexOf)
        .mapToDouble(column -> column < 0 ? 0 : all[column])
        .toArray();
  }

  @Override
  public Parameters parameters() {
    return Parameters.of(members)
        .with(HEADS, heads.weights())
        .with(MEANS, Matrix.row(means))
        .with(SIZES, Matrix.row(weighted, plain));
  }
}
