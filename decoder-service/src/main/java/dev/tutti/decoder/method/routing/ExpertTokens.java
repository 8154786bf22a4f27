package dev.tutti.decoder.method.routing;

import dev.tutti.decoder.LearnedEnsemble;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * ETR's expert tokens: for each expert a row beside the output embeddings of the meta model.
 *
 * @param members the meta model, then the experts, by their names in the registry
 * @param rows [expert][width of the meta model's hidden state]
 */
public record ExpertTokens(List<String> members, Matrix rows) implements LearnedEnsemble {

  private static final String ROWS = "rows";

  /** Checks that there is a row for each expert. */
  public ExpertTokens {
    members = List.copyOf(members);
    if (rows.rows() != members.size() - 1) {
      throw new IllegalArgumentException(
          "%d rows for %d experts.".formatted(rows.rows(), members.size() - 1));
    }
  }

  /**
   * What was learned before.
   *
   * @throws IllegalArgumentException when it is of another method
   */
  public ExpertTokens(Parameters parameters) {
    this(parameters.members(), parameters.matrix(ROWS));
  }

  /** The meta model. */
  String meta() {
    return members.getFirst();
  }

  /** The row of an expert; empty where nothing was learned about it. */
  OptionalInt row(String expert) {
    int at = members.subList(1, members.size()).indexOf(expert);
    return at < 0 ? OptionalInt.empty() : OptionalInt.of(at);
  }

  /** These experts only, in this order; each has a row of its own, which depends on no other. */
  Matrix rows(List<String> experts) {
    var some = new ArrayList<float[]>();
    for (String expert : experts) {
      some.add(rows.row(row(expert).orElseThrow()));
    }
    return Matrix.of(some);
  }

  @Override
  public Parameters parameters() {
    return Parameters.of(members).with(ROWS, rows);
  }
}
