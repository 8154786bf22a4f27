package dev.tutti.decoder.method.span;

import dev.tutti.decoder.span.Ballot;
import dev.tutti.decoder.span.SpanChoice;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What SpecFuse knows of its members before a round; see {@link SpecFuseEnsemble} for the formulas.
 * Immutable; arrays are by member.
 *
 * @param weights as judges, sum 1 over those who are left
 * @param quality sums of the scores of their drafts
 * @param left who has not left
 * @param round number of the next round, from 1
 * @param rate lr
 * @param exit rho
 */
record HedgedVerifiers(
    double[] weights, double[] quality, boolean[] left, int round, double rate, double exit)
    implements SpanChoice.State {

  /** Least part of the greatest entropy at which nobody leaves. */
  private static final double UNDECIDED = .9;

  static HedgedVerifiers begin(double[] weights, double rate, double exit) {
    var left = new boolean[weights.length];
    Arrays.fill(left, true);
    return new HedgedVerifiers(weights, new double[weights.length], left, 1, rate, exit);
  }

  @Override
  public boolean takesPart(int member) {
    return left[member];
  }

  @Override
  public double[] weights(double[] plan) {
    return weights;
  }

  @Override
  public SpanChoice.Choice choose(Ballot ballot) {
    int[] judges =
        IntStream.range(0, weights.length).filter(m -> ballot.scores()[m] != null).toArray();
    if (judges.length == 0) {
      return new SpanChoice.Choice(
          0, new HedgedVerifiers(weights, quality, left, round + 1, rate, exit));
    }
    var v = new double[weights.length][];
    for (int m : judges) {
      v[m] = softmax(ballot.scores()[m]);
    }
    double[] hedged = hedge(ballot, v, judges);
    var scores = new double[ballot.candidates()];
    for (int m : judges) {
      for (int c = 0; c < scores.length; c++) {
        scores[c] += hedged[m] * v[m][c];
      }
    }
    int best = 0;
    for (int c = 1; c < scores.length; c++) {
      best = scores[c] > scores[best] ? c : best;
    }
    double[] grown = quality.clone();
    for (int m : judges) {
      grown[m] += ballot.wrote()[m] < 0 ? 0 : scores[ballot.wrote()[m]];
    }
    boolean[] stay = exits(grown, judges);
    double[] after = hedged.clone();
    IntStream.range(0, after.length).filter(m -> !stay[m]).forEach(m -> after[m] = 0);
    return new SpanChoice.Choice(
        best, new HedgedVerifiers(scaled(after), grown, stay, round + 1, rate, exit));
  }

  /** {@code w_i exp(eta_t r_i)}, scaled. */
  private double[] hedge(Ballot ballot, double[][] v, int[] judges) {
    int k = judges.length;
    if (k < 2 || rate == 0) {
      return weights;
    }
    double eta = rate * Math.sqrt(1.0 / k) / round;
    double[] hedged = weights.clone();
    for (int i : judges) {
      int won = 0;
      for (int j : judges) {
        for (int other : judges) {
          if (j != i
              && other != i
              && of(v[j], ballot.wrote()[i]) >= of(v[j], ballot.wrote()[other])) {
            won++;
          }
        }
      }
      double r = Math.max(1, won) / (double) ((k - 1) * (k - 1));
      hedged[i] *= Math.exp(eta * r);
    }
    return scaled(hedged);
  }

  /** Who wrote nothing has no score. */
  private static double of(double[] scores, int candidate) {
    return candidate < 0 ? 0 : scores[candidate];
  }

  /** Who stays after this round. */
  private boolean[] exits(double[] grown, int[] judges) {
    boolean[] stay = left.clone();
    int k = judges.length;
    if (round < 2 || exit == 0 || k <= 2) {
      return stay;
    }
    double[] p = softmax(Arrays.stream(judges).mapToDouble(m -> grown[m]).toArray());
    double entropy = -Arrays.stream(p).filter(x -> x > 0).map(x -> x * Math.log(x)).sum();
    if (entropy >= UNDECIDED * Math.log(k)) {
      return stay;
    }
    int[] weakest =
        IntStream.range(0, k)
            .boxed()
            .sorted((a, b) -> Double.compare(p[a], p[b]))
            .mapToInt(Integer::intValue)
            .limit(k - 2)
            .filter(i -> p[i] < exit / k)
            .toArray();
    for (int i : weakest) {
      stay[judges[i]] = false;
    }
    return stay;
  }

  private static double[] softmax(double[] values) {
    double max = Arrays.stream(values).max().orElseThrow();
    double[] e = Arrays.stream(values).map(x -> Math.exp(x - max)).toArray();
    return scaled(e);
  }

  private static double[] scaled(double[] values) {
    double sum = Arrays.stream(values).sum();
    return Arrays.stream(values).map(x -> x / sum).toArray();
  }

  /** {@inheritDoc} How many members have not left. */
  @Override
  public Map<String, Double> measures() {
    int count = 0;
    for (boolean it : left) {
      count += it ? 1 : 0;
    }
    return Map.of("members_left", (double) count);
  }
}
