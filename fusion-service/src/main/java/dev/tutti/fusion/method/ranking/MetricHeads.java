package dev.tutti.fusion.method.ranking;

import dev.tutti.fusion.LearnedFusion;
import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.trees.Trees;
import java.util.ArrayList;
import java.util.List;

/**
 * Trees that tell how probable it is that an answer is among the best ones, a head a metric.
 * Immutable.
 *
 * @param members whom they have learned about
 * @param heads log-odds over the answers' features
 */
record MetricHeads(List<String> members, List<Trees> heads) implements LearnedFusion {

  static MetricHeads read(Parameters parameters) {
    var heads = new ArrayList<Trees>();
    int count = (int) parameters.number("heads");
    for (int h = 0; h < count; h++) {
      heads.add(trees(parameters, "head:%d:".formatted(h)));
    }
    return new MetricHeads(parameters.members(), heads);
  }

  @Override
  public Parameters parameters() {
    Parameters parameters = Parameters.of(members).with("heads", heads.size());
    for (int h = 0; h < heads.size(); h++) {
      parameters = with(parameters, "head:%d:".formatted(h), heads.get(h));
    }
    return parameters;
  }

  /** Sum over the metrics of how probable it is that an answer with these features is best. */
  double score(float[] row) {
    return heads.stream().mapToDouble(head -> 1 / (1 + Math.exp(-head.score(row)))).sum();
  }

  /** Trees among parameters, under names that begin so. */
  static Parameters with(Parameters parameters, String prefix, Trees trees) {
    var roots = new double[trees.roots().length];
    for (int i = 0; i < roots.length; i++) {
      roots[i] = trees.roots()[i];
    }
    return parameters
        .with(prefix + "base", trees.base())
        .with(prefix + "nodes", trees.nodes())
        .with(prefix + "roots", Matrix.row(roots))
        .with(prefix + "features", trees.features());
  }

  /** The trees that {@link #with} put there. */
  static Trees trees(Parameters parameters, String prefix) {
    Matrix roots = parameters.matrix(prefix + "roots");
    var starts = new int[roots.columns()];
    for (int i = 0; i < starts.length; i++) {
      starts[i] = (int) roots.at(0, i);
    }
    return new Trees(
        parameters.number(prefix + "base"),
        parameters.matrix(prefix + "nodes"),
        starts,
        (int) parameters.number(prefix + "features"));
  }
}
