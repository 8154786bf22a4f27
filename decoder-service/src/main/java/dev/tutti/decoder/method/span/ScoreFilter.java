package dev.tutti.decoder.method.span;

import dev.tutti.decoder.span.Ballot;
import java.util.Arrays;
import java.util.stream.DoubleStream;

/** Which judgements of a round count. Each candidate keeps one at least. */
public enum ScoreFilter {
  /** All do. */
  NONE {
    @Override
    void drop(Ballot ballot, double[][] scores, double delta) {}
  },
  /**
   * Drops i's judgement of j where {@code |L_ij - med_i L_ij| > 3 x 1.4826 x MAD_i L_ij}, judges
   * centred first.
   */
  MAD {
    @Override
    void drop(Ballot ballot, double[][] scores, double delta) {
      centre(scores);
      for (int c = 0; c < ballot.candidates(); c++) {
        double[] column = column(scores, c);
        double median = median(column);
        double spread =
            median(Arrays.stream(column).map(score -> Math.abs(score - median)).toArray());
        for (double[] judge : scores) {
          if (judge != null && Math.abs(judge[c] - median) > 3 * 1.4826 * spread) {
            judge[c] = Double.NaN;
          }
        }
      }
    }
  },
  /** Nobody judges what it wrote itself, with three judges or more that are centred first. */
  SELF {
    @Override
    void drop(Ballot ballot, double[][] scores, double delta) {
      if (judges(scores) < 3) {
        return;
      }
      centre(scores);
      for (int m = 0; m < scores.length; m++) {
        int own = ballot.wrote()[m];
        if (scores[m] != null && own >= 0) {
          // Where all who judge wrote it, there is nobody else.
          boolean last = column(scores, own).length == 1;
          scores[m][own] = last ? scores[m][own] : Double.NaN;
        }
      }
    }
  },
  /**
   * Drops the highest and the lowest of each candidate, with four judges or more, centred first.
   */
  TRIM {
    @Override
    void drop(Ballot ballot, double[][] scores, double delta) {
      if (judges(scores) < 4) {
        return;
      }
      centre(scores);
      for (int c = 0; c < ballot.candidates(); c++) {
        int high = -1;
        int low = -1;
        for (int m = 0; m < scores.length; m++) {
          if (scores[m] != null) {
            high = high < 0 || scores[m][c] > scores[high][c] ? m : high;
            low = low < 0 || scores[m][c] <= scores[low][c] ? m : low;
          }
        }
        scores[high][c] = Double.NaN;
        scores[low][c] = Double.NaN;
      }
    }
  },
  /**
   * Drops whole judges: those whose mean {@code L} over the candidates is more than delta above the
   * least, since they do not understand what comes before. What is left needs no centring.
   */
  ADAPT {
    @Override
    void drop(Ballot ballot, double[][] scores, double delta) {
      double least = Double.POSITIVE_INFINITY;
      for (double[] judge : scores) {
        least = judge == null ? least : Math.min(least, mean(judge));
      }
      for (int m = 0; m < scores.length; m++) {
        if (scores[m] != null && mean(scores[m]) - least > delta) {
          scores[m] = null;
        }
      }
    }
  };

  /**
   * The judgements that count.
   *
   * @param delta nats, of {@link #ADAPT}
   * @return [member][candidate] log-perplexities, centred where the filter needs it; NaN where a
   *     judgement does not count, null where none of the member's does
   */
  double[][] filter(Ballot ballot, double delta) {
    double[][] scores =
        Arrays.stream(ballot.scores())
            .map(judge -> judge == null ? null : Arrays.stream(judge).map(s -> -s).toArray())
            .toArray(double[][]::new);
    if (judges(scores) > 0) {
      drop(ballot, scores, delta);
    }
    return scores;
  }

  /** Marks what does not count. */
  abstract void drop(Ballot ballot, double[][] scores, double delta);

  /** Takes from each judge its mean over the candidates. */
  private static void centre(double[][] scores) {
    for (double[] judge : scores) {
      if (judge != null) {
        double mean = mean(judge);
        Arrays.setAll(judge, c -> judge[c] - mean);
      }
    }
  }

  private static long judges(double[][] scores) {
    return Arrays.stream(scores).filter(judge -> judge != null).count();
  }

  private static double mean(double[] scores) {
    return Arrays.stream(scores).average().orElseThrow();
  }

  private static double[] column(double[][] scores, int candidate) {
    return Arrays.stream(scores)
        .filter(judge -> judge != null)
        .mapToDouble(judge -> judge[candidate])
        .filter(score -> !Double.isNaN(score))
        .toArray();
  }

  private static double median(double[] values) {
    double[] sorted = DoubleStream.of(values).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
