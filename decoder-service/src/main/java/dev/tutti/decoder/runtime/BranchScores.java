package dev.tutti.decoder.runtime;

import dev.tutti.decoder.BranchHeads;
import dev.tutti.decoder.Distribution;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Scores texts that go on from the same one, several in a pass. Shorter rows are filled up behind
 * their end, which nothing before it sees.
 */
final class BranchScores {

  /** Most rows of a pass; more of them save next to nothing, and each takes a copy of the cache. */
  private static final int MOST_ROWS = 16;

  /** Most bytes that these copies take. */
  private static final long MOST_COPIED = 256 << 20;

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

  /** Most rows of a pass behind this text; at least 1. */
  static int mostRows(KeyValueCache cache) {
    return Math.clamp(MOST_COPIED / Math.max(1, cache.bytes()), 1, MOST_ROWS);
  }

  /**
   * Log-probabilities of each token of each branch.
   *
   * @param texts none with more logits than a pass may have
   * @param lead last tokens of the text before, which the cache does not hold
   * @param first what the model holds for the first token of each; empty where there is a lead
   */
  List<double[]> of(BranchHeads texts, int[] lead, Optional<Distribution> first) {
    var scores = new ArrayList<double[]>();
    for (int[] branch : texts.branches()) {
      var own = new double[branch.length];
      if (branch.length > 0 && first.isPresent()) {
        own[0] = first.get().logProbability(branch[0]);
      }
      scores.add(own);
    }
    List<int[]> rows =
        texts.heads().stream()
            .map(head -> IntStream.concat(Arrays.stream(lead), Arrays.stream(head)).toArray())
            .toList();
    // Alike lengths go together, so that little is filled up.
    List<Integer> longestFirst =
        IntStream.range(0, rows.size())
            .filter(r -> rows.get(r).length > 0)
            .boxed()
            .sorted(Comparator.comparingInt(r -> -rows.get(r).length))
            .toList();
    for (int from = 0; from < longestFirst.size(); ) {
      int length = rows.get(longestFirst.get(from)).length;
      int most = Math.clamp(mostLogits / ((long) length * vocabulary), 1, mostRows(cache));
      int to = Math.min(longestFirst.size(), from + most);
      read(longestFirst.subList(from, to), length, rows, lead.length, texts, scores);
      from = to;
    }
    return scores;
  }

  private void read(
      List<Integer> which,
      int length,
      List<int[]> all,
      int lead,
      BranchHeads texts,
      List<double[]> scores) {
    // Filled up with token 0; what it stands for does not matter.
    int[][] rows = which.stream().map(r -> Arrays.copyOf(all.get(r), length)).toArray(int[][]::new);
    var scratch = new Distribution(vocabulary);
    var logits = new float[vocabulary];
    pass.run(
        cache,
        rows,
        (row, at, values) -> {
          int head = which.get(row);
          if (at < all.get(head).length) {
            values.get(logits);
            scratch.setLogits(logits);
            int following = at + 1 - lead;
            for (int b = 0; b < scores.size(); b++) {
              if (texts.of()[b] == head) {
                int token = texts.branches().get(b)[following];
                scores.get(b)[following] = scratch.logProbability(token);
              }
            }
          }
        });
  }
}
