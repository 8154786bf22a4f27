package dev.tutti.cascade.method.frugal;

import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Row;
import dev.tutti.cascade.estimate.Estimates;
import dev.tutti.cascade.estimate.Evidence;
import dev.tutti.cascade.tuning.Front;
import dev.tutti.cascade.tuning.TunedPoints;
import dev.tutti.numerics.Interruption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * All chains of one to three members with all thresholds of a grid, replayed over recorded answers:
 * those are kept that no other beats in both mean cost and mean score. For one thread.
 */
final class ChainSearch {

  /** Thresholds a place, where as many scores differ. */
  static final int STEPS = 40;

  private final int questions;
  private final int members;
  private final double[][] score;
  private final double[][] usd;

  /** Reliability of a member's answer alone, and after another member's: by both and question. */
  private final float[][] first;

  private final float[][][] second;
  private final Front front = new Front();

  /**
   * Over questions that all members answered.
   *
   * @param rows at least one
   */
  ChainSearch(Estimates estimates, RecordedOutcomes data, List<Row> rows) {
    questions = rows.size();
    members = data.members().size();
    score = new double[members][questions];
    usd = new double[members][questions];
    first = new float[members][questions];
    second = new float[members][members][questions];
    IntStream.range(0, questions).parallel().forEach(i -> take(estimates, rows.get(i), i));
  }

  private void take(Estimates estimates, Row row, int i) {
    Evidence evidence = estimates.evidence(row);
    for (int m = 0; m < members; m++) {
      score[m][i] = row.score(m);
      usd[m][i] = row.outcomes().get(m).orElseThrow().usd();
      first[m][i] = (float) estimates.of(evidence, 1 << m)[m];
      for (int other = 0; other < m; other++) {
        double[] both = estimates.of(evidence, 1 << m | 1 << other);
        second[other][m][i] = (float) both[m];
        second[m][other][i] = (float) both[other];
      }
    }
  }

  /**
   * Searches.
   *
   * @param longest most members of a chain, 1 to {@value FrugalChain#LONGEST}
   * @return {@link FrugalChain}s, by rising cost and score
   */
  List<TunedPoints.Point> search(int longest) {
    for (int one = 0; one < members; one++) {
      front.add(
          mean(usd[one]), mean(score[one]), FrugalChain.values(new int[] {one}, new float[0]));
      for (int other = 0; other < members && longest > 1; other++) {
        if (other != one) {
          Interruption.check();
          searchFrom(one, other, longest);
        }
      }
    }
    return front.points();
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  private void searchFrom(int one, int other, int longest) {
    int[] order = byFallingScore(second[one][other]);
    for (float threshold : thresholds(first[one])) {
      double paid = 0;
      double got = 0;
      var left = new int[questions];
      int count = 0;
      for (int i : order) {
        paid += usd[one][i];
        if (first[one][i] > threshold) {
          got += score[one][i];
        } else {
          left[count++] = i;
          paid += usd[other][i];
        }
      }
      double both = got;
      for (int k = 0; k < count; k++) {
        both += score[other][left[k]];
      }
      front.add(
          paid / questions,
          both / questions,
          FrugalChain.values(new int[] {one, other}, new float[] {threshold}));
      if (longest > 2) {
        searchThird(one, other, threshold, Arrays.copyOf(left, count), paid, got);
      }
    }
  }

  /**
   * The third member, and the threshold of the second.
   *
   * @param left questions that are asked of the second, by its falling reliability
   * @param paid for the first and the second
   * @param got from the first
   */
  private void searchThird(
      int one, int other, float threshold, int[] left, double paid, double got) {
    float[] reliability = second[one][other];
    var rest = new double[members];
    var cost = new double[members];
    for (int third = 0; third < members; third++) {
      for (int i : left) {
        rest[third] += score[third][i];
        cost[third] += usd[third][i];
      }
    }
    double taken = got;
    int at = 0;
    float[] grid = thresholds(reliability);
    for (int step = grid.length - 1; step >= 0; step--) {
      for (; at < left.length && reliability[left[at]] > grid[step]; at++) {
        taken += score[other][left[at]];
        for (int third = 0; third < members; third++) {
          rest[third] -= score[third][left[at]];
          cost[third] -= usd[third][left[at]];
        }
      }
      for (int third = 0; third < members; third++) {
        if (third != one && third != other) {
          front.add(
              (paid + cost[third]) / questions,
              (taken + rest[third]) / questions,
              FrugalChain.values(
                  new int[] {one, other, third}, new float[] {threshold, grid[step]}));
        }
      }
    }
  }

  private static int[] byFallingScore(float[] scores) {
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted((a, b) -> Float.compare(scores[b], scores[a]))
        .mapToInt(i -> i)
        .toArray();
  }

  /** Quantiles, rising, no two equal. */
  private static float[] thresholds(float[] scores) {
    float[] sorted = scores.clone();
    Arrays.sort(sorted);
    var thresholds = new float[STEPS];
    int kept = 0;
    for (int step = 0; step < STEPS; step++) {
      float value = sorted[(int) ((step + .5) / STEPS * sorted.length)];
      if (kept == 0 || value > thresholds[kept - 1]) {
        thresholds[kept++] = value;
      }
    }
    return Arrays.copyOf(thresholds, kept);
  }
}
