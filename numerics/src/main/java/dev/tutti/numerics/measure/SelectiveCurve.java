package dev.tutti.numerics.measure;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * What answering only where one is sure does: the share of wrong answers (risk) by the share of
 * questions that are answered (coverage), the surest first (El-Yaniv & Wiener 2010). Whoever is as
 * sure as the last one that is answered is answered too.
 */
public final class SelectiveCurve {

  private final double[] sure;
  private final double[] wrong;

  private SelectiveCurve(double[] sure, double[] wrong) {
    this.sure = sure;
    this.wrong = wrong;
  }

  /**
   * The curve of these answers.
   *
   * @param confidences one a question, at least one, no NaN
   * @param scores how good each answer is, 0 to 1
   */
  public static SelectiveCurve of(double[] confidences, double[] scores) {
    if (confidences.length == 0 || confidences.length != scores.length) {
      throw new IllegalArgumentException(
          "%d confidences for %d scores; one each is needed, and one at least."
              .formatted(confidences.length, scores.length));
    }
    int[] order =
        IntStream.range(0, confidences.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -confidences[i]))
            .mapToInt(i -> i)
            .toArray();
    var sure = new double[order.length];
    var wrong = new double[order.length];
    double sum = 0;
    for (int i = 0; i < order.length; i++) {
      double score = scores[order[i]];
      if (!(score >= 0 && score <= 1) || Double.isNaN(confidences[order[i]])) {
        throw new IllegalArgumentException(
            "A score is %s at the confidence %s; 0 to 1 is allowed, and no NaN."
                .formatted(score, confidences[order[i]]));
      }
      sum += 1 - score;
      sure[i] = confidences[order[i]];
      wrong[i] = sum;
    }
    return new SelectiveCurve(sure, wrong);
  }

  /**
   * The least confidence that is answered where so many are.
   *
   * @param coverage above 0 and at most 1
   */
  public double threshold(double coverage) {
    return sure[last(coverage)];
  }

  /**
   * Share of wrong answers among those that are answered then.
   *
   * @param coverage above 0 and at most 1
   */
  public double risk(double coverage) {
    int last = last(coverage);
    return wrong[last] / (last + 1);
  }

  private int last(double coverage) {
    if (!(coverage > 0 && coverage <= 1)) {
      throw new IllegalArgumentException(
          "The coverage is %s; above 0 and at most 1 is allowed.".formatted(coverage));
    }
    // Less what a product of two doubles may be too much.
    int last = Math.max(0, (int) Math.ceil(coverage * sure.length - 1e-9) - 1);
    while (last + 1 < sure.length && sure[last + 1] == sure[last]) {
      last++;
    }
    return last;
  }
}
