package dev.tutti.decoder.search;

import dev.tutti.decoder.span.Likelihood;
import dev.tutti.decoder.span.Span;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Steps that follow the same one, which are read together. */
final class Siblings {

  private Siblings() {}

  /** Reads the steps behind a node; empty where it cannot go there. */
  interface Reader {
    Optional<List<Optional<Likelihood>>> read(Node parent, List<Span> steps);
  }

  /**
   * The probability of the least probable token of each node's last step.
   *
   * @return one a node, in [0, 1]; 0 where it cannot be read
   */
  static double[] each(List<Node> nodes, Reader reader) {
    Map<Node, List<Integer>> byParent = new LinkedHashMap<>();
    for (int n = 0; n < nodes.size(); n++) {
      byParent.computeIfAbsent(nodes.get(n).parent(), _ -> new ArrayList<>()).add(n);
    }
    var least = new double[nodes.size()];
    byParent.forEach(
        (parent, which) ->
            reader
                .read(parent, which.stream().map(n -> nodes.get(n).step()).toList())
                .ifPresent(
                    read ->
                        IntStream.range(0, read.size())
                            .forEach(
                                i ->
                                    least[which.get(i)] =
                                        read.get(i).map(l -> Math.exp(l.least())).orElse(0.0))));
    return least;
  }
}
