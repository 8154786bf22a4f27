package dev.tutti.decoder;

import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * What a model reads of several texts behind one: all of each but its last token, of which only the
 * probability is wanted. Texts that differ in that token alone are read once.
 *
 * @param branches the texts; the arrays are shared
 * @param heads what is read of them, all different; may be of no tokens
 * @param of index of each text's head; -1 for a text of no tokens
 */
public record BranchHeads(List<int[]> branches, List<int[]> heads, int[] of) {

  /** Of these texts. */
  public static BranchHeads of(List<int[]> branches) {
    Map<IntBuffer, Integer> known = new LinkedHashMap<>();
    var of = new int[branches.size()];
    var heads = new ArrayList<int[]>();
    for (int b = 0; b < of.length; b++) {
      int[] branch = branches.get(b);
      of[b] = -1;
      if (branch.length > 0) {
        int[] head = Arrays.copyOf(branch, branch.length - 1);
        of[b] = known.computeIfAbsent(IntBuffer.wrap(head), _ -> known.size());
        if (of[b] == heads.size()) {
          heads.add(head);
        }
      }
    }
    return new BranchHeads(List.copyOf(branches), List.copyOf(heads), of);
  }

  /**
   * Scores them some at a time.
   *
   * @param most heads at a time, at least 1
   * @param score as {@link DecodeSession#score(List)}
   * @return as that
   */
  public List<double[]> scoredInParts(int most, Function<List<int[]>, List<double[]>> score) {
    var scores = new double[branches.size()][0];
    for (int from = 0; from < heads.size(); from += most) {
      int first = from;
      int[] part =
          IntStream.range(0, of.length)
              .filter(b -> of[b] >= first && of[b] - first < most)
              .toArray();
      List<double[]> told = score.apply(Arrays.stream(part).mapToObj(branches::get).toList());
      for (int i = 0; i < part.length; i++) {
        scores[part[i]] = told.get(i);
      }
    }
    return List.of(scores);
  }

  /**
   * Scores them one after the other, each head in a fork of the session.
   *
   * @return as {@link DecodeSession#score(List)}
   * @throws DecodeException when the model fails
   */
  public List<double[]> scoredApart(DecodeSession session) {
    var scores = new double[branches.size()][0];
    for (int h = 0; h < heads.size(); h++) {
      int[] head = heads.get(h);
      try (DecodeSession fork = session.fork()) {
        double[] before = fork.score(head);
        Distribution last = head.length == 0 ? session.next() : fork.next();
        for (int b = 0; b < scores.length; b++) {
          if (of[b] == h) {
            scores[b] = Arrays.copyOf(before, head.length + 1);
            scores[b][head.length] = last.logProbability(branches.get(b)[head.length]);
          }
        }
      }
    }
    return List.of(scores);
  }
}
