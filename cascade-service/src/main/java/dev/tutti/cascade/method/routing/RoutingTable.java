package dev.tutti.cascade.method.routing;

import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.cascade.estimate.Estimates;
import dev.tutti.cascade.estimate.Evidence;
import dev.tutti.cascade.tuning.TunedPoints;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * What every set of members tells of recorded questions, and plans replayed over them. Immutable.
 */
final class RoutingTable {

  private final int members;
  private final int longest;
  private final double[][] score;
  private final double[][] usd;
  private final double[] drawn;

  /** By set, question by question, the quality of each member. */
  private final SortedMap<Integer, float[]> quality;

  /**
   * Of numbers by question and member.
   *
   * @param drawn by question, in [0, 1)
   * @param quality by set, the empty one too
   */
  RoutingTable(
      double[][] score, double[][] usd, double[] drawn, SortedMap<Integer, float[]> quality) {
    this.members = score[0].length;
    this.longest = quality.keySet().stream().mapToInt(Integer::bitCount).max().orElseThrow();
    this.score = score;
    this.usd = usd;
    this.drawn = drawn;
    this.quality = quality;
  }

  /**
   * Of questions that all members answered.
   *
   * @param sets that may answer, the empty one too
   */
  static RoutingTable of(
      Estimates estimates, List<Row> rows, List<Evidence> evidence, List<Integer> sets) {
    int members = estimates.members().size();
    var score = new double[rows.size()][members];
    var usd = new double[rows.size()][members];
    var drawn = new double[rows.size()];
    var quality = new TreeMap<Integer, float[]>();
    for (int i = 0; i < score.length; i++) {
      for (int m = 0; m < members; m++) {
        score[i][m] = rows.get(i).score(m);
        usd[i][m] = rows.get(i).outcomes().get(m).orElseThrow().usd();
      }
      drawn[i] = drawn(rows.get(i).query().text());
    }
    for (int set : sets) {
      var its = new float[score.length * members];
      IntStream.range(0, score.length)
          .parallel()
          .forEach(
              i -> {
                double[] q = estimates.of(evidence.get(i), set);
                for (int m = 0; m < members; m++) {
                  its[i * members + m] = (float) q[m];
                }
              });
      quality.put(set, its);
    }
    return new RoutingTable(score, usd, drawn, quality);
  }

  /** A number in [0, 1), as if drawn; equal texts have the same. */
  static double drawn(String text) {
    return new SplittableRandom(text.hashCode()).nextDouble();
  }

  /** The sets, the empty one first. */
  List<Integer> sets() {
    return List.copyOf(quality.keySet());
  }

  int questions() {
    return score.length;
  }

  int members() {
    return members;
  }

  int longest() {
    return longest;
  }

  double quality(int set, int question, int member) {
    return quality.get(set)[question * members + member];
  }

  /** By member. */
  double[] quality(int set, int question) {
    float[] its = quality.get(set);
    var row = new double[members];
    for (int m = 0; m < members; m++) {
      row[m] = its[question * members + m];
    }
    return row;
  }

  /** What a plan costs and is worth, by question. */
  record Replayed(double[] usd, double[] score) {

    double meanUsd() {
      return IntStream.range(0, usd.length).mapToDouble(i -> usd[i]).average().orElseThrow();
    }

    TunedPoints.Point point(float lambda) {
      return new TunedPoints.Point(
          meanUsd(),
          IntStream.range(0, score.length).mapToDouble(i -> score[i]).average().orElseThrow(),
          new float[] {lambda, lambda, 0});
    }
  }

  Replayed replay(RoutingPlan plan) {
    var paid = new double[score.length];
    var got = new double[score.length];
    IntStream.range(0, score.length)
        .parallel()
        .forEach(
            i -> {
              double[] exAnte = quality(0, i);
              int answered = 0;
              for (int next = plan.next(exAnte, exAnte, 0, (1 << members) - 1);
                  next != RoutingPlan.STOP; ) {
                answered |= 1 << next;
                paid[i] += usd[i][next];
                boolean full = Integer.bitCount(answered) == longest;
                next =
                    full
                        ? RoutingPlan.STOP
                        : plan.next(
                            exAnte, quality(answered, i), answered, (1 << members) - 1 & ~answered);
              }
              got[i] = score[i][best(quality(answered, i), answered)];
            });
    return new Replayed(paid, got);
  }

  /** The best of those that answered, the first of equals. */
  static int best(double[] quality, int answered) {
    int best = -1;
    for (int m = 0; m < quality.length; m++) {
      if ((answered >> m & 1) == 1 && (best < 0 || quality[m] > quality[best])) {
        best = m;
      }
    }
    return best;
  }

  /**
   * Two plans, the dearer for as many questions as a budget allows.
   *
   * @param cheap within the budget
   * @param dear beyond it
   */
  TunedPoints.Point mixed(
      Replayed cheap, float cheapLambda, Replayed dear, float dearLambda, double budget) {
    int n = score.length;
    int[] order =
        IntStream.range(0, n)
            .boxed()
            .sorted((a, b) -> Double.compare(drawn[a], drawn[b]))
            .mapToInt(i -> i)
            .toArray();
    double paid = cheap.meanUsd() * n;
    double got = 0;
    for (double its : cheap.score()) {
      got += its;
    }
    float share = 0;
    double bestPaid = paid;
    double bestGot = got;
    for (int k = 0; k < n; k++) {
      int i = order[k];
      paid += dear.usd()[i] - cheap.usd()[i];
      got += dear.score()[i] - cheap.score()[i];
      float above = Math.nextUp((float) drawn[i]);
      // Equal numbers, and those that a float does not part, go together.
      boolean parts = k + 1 == n || above <= drawn[order[k + 1]];
      if (parts && paid <= budget * n) {
        share = above;
        bestPaid = paid;
        bestGot = got;
      }
    }
    return new TunedPoints.Point(
        bestPaid / n, bestGot / n, new float[] {cheapLambda, dearLambda, share});
  }
}
