package dev.tutti.cascade.method.verification;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * What was counted of one member's checks, by bin of the share that say its answer is correct, and
 * when the next member is asked by it.
 *
 * @param counts by bin: questions that the next member answers right and this one does not (needy),
 *     that this one does (good), and that neither does (hopeless)
 * @param gains by bin: the sum of what the next member's answers were worth more
 */
record MetaVerifier(double[][] counts, double[] gains) {

  static final int NEEDY = 0;
  static final int GOOD = 1;
  static final int HOPELESS = 2;

  /** Rewards that are tried: 0 to this, less one. */
  static final int MOST_REWARD = 5_000;

  /** Of the bell over bins, and how many of them it reaches. */
  private static final double SIGMA = 2;

  private static final double REACH = 4;

  /** Of nobody yet. */
  MetaVerifier(int bins) {
    this(new double[bins + 1][3], new double[bins + 1]);
  }

  /**
   * Counts a question.
   *
   * @param score of this member's answer; it is right from .5 on
   * @param next score of the next member's
   */
  void add(int bin, double score, double next) {
    counts[bin][score >= .5 ? GOOD : next >= .5 ? NEEDY : HOPELESS]++;
    gains[bin] += next - score;
  }

  /** What was counted in a bin; over all of them where nothing was. */
  private double[] counted(int bin) {
    return sum(counts[bin]) > 0 ? counts[bin] : all();
  }

  private double[] all() {
    var all = new double[3];
    for (double[] bin : counts) {
      for (int category = 0; category < all.length; category++) {
        all[category] += bin[category];
      }
    }
    return all;
  }

  private static double sum(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum;
  }

  /**
   * Whether the next member is asked at this reward: {@code (r - 100) P_needy > 100 P_good + 99
   * P_hopeless}, which is where the expected reward of asking, (-100, -100, -r - 100) over needy,
   * good and hopeless, is above that of keeping, (-r, 0, -r - 1).
   */
  boolean isRouted(int bin, double reward) {
    double[] its = counted(bin);
    return (reward - 100) * its[NEEDY] > 100 * its[GOOD] + 99 * its[HOPELESS];
  }

  /** The reward above which it is; infinite where it never is. */
  double reward(int bin) {
    double[] its = counted(bin);
    return 100 + (100 * its[GOOD] + 99 * its[HOPELESS]) / its[NEEDY];
  }

  /** The least whole reward at which it is, for each bin where there is one below the most. */
  TreeSet<Integer> rewards() {
    var rewards = new TreeSet<Integer>();
    for (int bin = 0; bin < counts.length; bin++) {
      double least = 1 + Math.floor(reward(bin));
      if (least < MOST_REWARD) {
        rewards.add((int) least);
      }
    }
    return rewards;
  }

  /** Bins by falling mean gain, smoothed over their neighbours; the lower of equals first. */
  List<Integer> byGain() {
    double[] smooth = smoothed();
    List<Integer> bins = new ArrayList<>(IntStream.range(0, smooth.length).boxed().toList());
    bins.sort(Comparator.comparingDouble(bin -> -smooth[bin]));
    return bins;
  }

  /**
   * The mean gain by bin under a bell of sigma 2, which reaches over 8 bins to each side; beyond
   * the first and the last bin their neighbours are seen as in a mirror. A bin where nothing was
   * counted has the mean over all.
   */
  double[] smoothed() {
    int size = gains.length;
    var means = new double[size];
    for (int bin = 0; bin < size; bin++) {
      double number = sum(counts[bin]);
      means[bin] = number > 0 ? gains[bin] / number : sum(gains) / sum(all());
    }
    int reach = (int) (REACH * SIGMA + .5);
    var smooth = new double[size];
    for (int bin = 0; bin < size; bin++) {
      double weights = 0;
      for (int step = -reach; step <= reach; step++) {
        double weight = Math.exp(-step * step / (2 * SIGMA * SIGMA));
        weights += weight;
        smooth[bin] += weight * means[mirrored(bin + step, size)];
      }
      smooth[bin] /= weights;
    }
    return smooth;
  }

  private static int mirrored(int bin, int size) {
    int place = Math.floorMod(bin, 2 * size);
    return place < size ? place : 2 * size - 1 - place;
  }
}
