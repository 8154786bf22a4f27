package dev.tutti.decoder.runtime;

import dev.tutti.decoder.Distribution;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Scores texts that go on from the same one, several in a pass. Shorter rows are filled up behind
 * their end, which nothing before it sees.
 */
final class BranchScores {

  /** Most rows of a pass; more of them save next to nothing, and each takes a copy of the cache. */
  private static final int MOST_ROWS = 16;

  private final GraphPass pass;
  private final KeyValueCache cache;
  private final int vocabulary;
  private final int mostLogits;

  /**
   * Behind a text.
   *
   * @param cache of the text
   * @param mostLogits of one pass
   */
  BranchScores(GraphPass pass, KeyValueCache cache, int vocabulary, int mostLogits) {
    this.pass = pass;
    this.cache = cache;
    this.vocabulary = vocabulary;
    this.mostLogits = mostLogits;
  }

  /**
   * Log-probabilities of each token of each branch.
   *
   * @param first what the model holds for the first token of each
   * @param branches none with more logits than a pass may have
   */
  List<double[]> of(Distribution first, List<int[]> branches) {
    var scores = new ArrayList<double[]>();
    for (int[] branch : branches) {
      var own = new double[branch.length];
      if (branch.length > 0) {
        own[0] = first.logProbability(branch[0]);
      }
      scores.add(own);
    }
    // Alike lengths go together, so that little is filled up.
    List<Integer> longestFirst =
        IntStream.range(0, branches.size())
            .filter(b -> branches.get(b).length > 1)
            .boxed()
            .sorted(Comparator.comparingInt(b -> -branches.get(b).length))
            .toList();
    for (int from = 0; from < longestFirst.size(); ) {
      int length = branches.get(longestFirst.get(from)).length - 1;
      int rows = Math.clamp(mostLogits / ((long) length * vocabulary), 1, MOST_ROWS);
      int to = Math.min(longestFirst.size(), from + rows);
      read(longestFirst.subList(from, to), length, branches, scores);
      from = to;
    }
    return scores;
  }

  private void read(List<Integer> which, int length, List<int[]> branches, List<double[]> scores) {
    // Filled up with token 0; what it stands for does not matter.
    int[][] rows =
        which.stream().map(b -> Arrays.copyOf(branches.get(b), length)).toArray(int[][]::new);
    var scratch = new Distribution(vocabulary);
    var logits = new float[vocabulary];
    pass.run(
        cache,
        rows,
        (row, at, values) -> {
          int[] branch = branches.get(which.get(row));
          if (at + 1 < branch.length) {
            values.get(logits);
            scratch.setLogits(logits);
            scores.get(which.get(row))[at + 1] = scratch.logProbability(branch[at + 1]);
          }
        });
  }
}
