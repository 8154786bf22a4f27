package dev.tutti.fusion.method.team;

import java.util.HashMap;
import java.util.Map;

/**
 * How little a team fails together (LLM-TOPLA, Tekin et al. 2024, arXiv:2410.03953): for each focal
 * member f, over the questions that it fails, {@code div_f = 1 - P2 / P1} with {@code P1 = sum_j
 * j/S p_j} and {@code P2 = sum_j j (j - 1) / (S (S - 1)) p_j}, where p_j is the share of them that
 * exactly j of the S fail; the team's is the mean over its members. 1: no two fail together; 0: who
 * fails, fails with all.
 *
 * <p>Where a member failed seldom its own figure is chance: it is pulled towards that of all
 * failures of the team together, which counts as {@code smoothing} of its own. With a smoothing of
 * 0 the formula is exact, and a member that never fails has 1. Linear in the number of different
 * patterns of failing. Immutable.
 */
final class FocalDiversity {

  private final long[] failing;
  private final int[] counts;
  private final double smoothing;

  /**
   * Of recorded questions.
   *
   * @param failing one a question: bit m is set where member m failed
   * @param smoothing at least 0
   */
  FocalDiversity(long[] failing, double smoothing) {
    Map<Long, Integer> different = new HashMap<>();
    for (long mask : failing) {
      if (mask != 0) {
        different.merge(mask, 1, Integer::sum);
      }
    }
    this.failing = different.keySet().stream().mapToLong(mask -> mask).sorted().toArray();
    this.counts = new int[this.failing.length];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = different.get(this.failing[i]);
    }
    this.smoothing = smoothing;
  }

  /**
   * Of a team, in [0, 1].
   *
   * @param team bit m is set where member m belongs to it; two at least
   */
  double of(long team) {
    int size = Long.bitCount(team);
    var failed = new double[Long.SIZE];
    var one = new double[Long.SIZE];
    var two = new double[Long.SIZE];
    double allOne = 0;
    double allTwo = 0;
    for (int i = 0; i < counts.length; i++) {
      long together = failing[i] & team;
      int j = Long.bitCount(together);
      double p1 = counts[i] * (double) j / size;
      double p2 = counts[i] * (double) j * (j - 1) / ((double) size * (size - 1));
      allOne += j * p1;
      allTwo += j * p2;
      for (long rest = together; rest != 0; rest &= rest - 1) {
        int focal = Long.numberOfTrailingZeros(rest);
        failed[focal] += counts[i];
        one[focal] += p1;
        two[focal] += p2;
      }
    }
    double common = allOne == 0 ? 1 : 1 - allTwo / allOne;
    double sum = 0;
    for (long rest = team; rest != 0; rest &= rest - 1) {
      int focal = Long.numberOfTrailingZeros(rest);
      double own = failed[focal] == 0 ? 1 : 1 - two[focal] / one[focal];
      double weight = failed[focal] + smoothing;
      sum += weight == 0 ? own : (failed[focal] * own + smoothing * common) / weight;
    }
    return sum / size;
  }
}
