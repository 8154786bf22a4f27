package dev.tutti.cascade.replay;

import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Row;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Accuracy of two members over the share of questions that the first one defers, those first that a
 * rule defers first; each task counts alike. Its area is the mean accuracy over all shares, and
 * that of a rule that defers by chance lies in the middle of both members' accuracies.
 */
public final class DeferralCurve {

  private static final int RESAMPLES = 500;

  private final double[] weights;
  private final double[] first;
  private final double[] second;
  private final int[] order;
  private final List<int[]> tasks;

  /**
   * Of a rule.
   *
   * @param data of two members
   * @param urgency of deferring a question: the greatest is deferred first, of equals the earlier
   */
  public DeferralCurve(RecordedOutcomes data, ToDoubleFunction<Row> urgency) {
    int n = data.rows().size();
    weights = StarterCascades.weights(data);
    first = data.rows().stream().mapToDouble(row -> given(row, 0)).toArray();
    second = data.rows().stream().mapToDouble(row -> given(row, 1)).toArray();
    double[] its = data.rows().stream().mapToDouble(urgency).toArray();
    order =
        IntStream.range(0, n)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> -its[i]))
            .mapToInt(i -> i)
            .toArray();
    var bySet = new TreeMap<String, List<Integer>>();
    for (int i = 0; i < n; i++) {
      bySet.computeIfAbsent(data.rows().get(i).set(), _ -> new ArrayList<>()).add(i);
    }
    tasks = bySet.values().stream().map(DeferralCurve::ints).toList();
  }

  private static int[] ints(List<Integer> places) {
    return places.stream().mapToInt(i -> i).toArray();
  }

  private static double given(Row row, int member) {
    // Who cannot answer is as one that is wrong.
    return row.outcomes().get(member).map(its -> its.score()).orElse(0.0);
  }

  /** The mean accuracy over all shares that are deferred. */
  public double area() {
    var once = new int[order.length];
    Arrays.fill(once, 1);
    return area(once);
  }

  private double area(int[] counts) {
    double accuracy = 0;
    double total = 0;
    for (int i = 0; i < counts.length; i++) {
      accuracy += counts[i] * weights[i] * first[i];
      total += counts[i] * weights[i];
    }
    double area = 0;
    for (int i : order) {
      double width = counts[i] * weights[i];
      double next = accuracy + width * (second[i] - first[i]);
      area += width * (accuracy + next) / 2;
      accuracy = next;
    }
    return area / total / total;
  }

  /** The area where chance defers: in the middle of both members' accuracies. */
  public double chance() {
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      sum += weights[i] * (first[i] + second[i]) / 2;
    }
    return sum;
  }

  /**
   * Standard error of the mean difference of curves' areas over the same questions, by the
   * bootstrap within the tasks; seeded.
   *
   * @param ones one a pair of members, each over the same questions in the same order
   * @param others as many
   */
  public static double standardError(List<DeferralCurve> ones, List<DeferralCurve> others) {
    var random = new SplittableRandom(1);
    var differences = new double[RESAMPLES];
    DeferralCurve any = ones.getFirst();
    for (int sample = 0; sample < RESAMPLES; sample++) {
      var counts = new int[any.order.length];
      for (int[] task : any.tasks) {
        for (int i = 0; i < task.length; i++) {
          counts[task[random.nextInt(task.length)]]++;
        }
      }
      for (int c = 0; c < ones.size(); c++) {
        differences[sample] +=
            (ones.get(c).area(counts) - others.get(c).area(counts)) / ones.size();
      }
    }
    double mean = DoubleStream.of(differences).average().orElseThrow();
    return Math.sqrt(
        DoubleStream.of(differences).map(d -> (d - mean) * (d - mean)).sum() / (RESAMPLES - 1));
  }
}
