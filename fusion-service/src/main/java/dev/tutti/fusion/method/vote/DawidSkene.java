package dev.tutti.fusion.method.vote;

import dev.tutti.numerics.Interruption;
import java.util.Arrays;

/**
 * How often each of several voters is right, from their answers alone (Dawid & Skene 1979, with one
 * coin a voter): expectation maximisation over who is right how often, {@code a_m = (sum_q
 * T_(q,v_mq) + s a_0) / (n_m + s)}, and what is right, {@code T_qc ~ pi_c prod_m (a_m if v_mq = c,
 * else (1 - a_m) / (C - 1))}, from the shares of the votes on. Ends where no T moves by {@code
 * close}, or after {@value #MOST_ROUNDS} rounds.
 *
 * <p>Known up to a renaming of the answers: it takes three voters at least who err independently
 * and are right more often than chance. It finds them better than they are, in the right order.
 *
 * @param accuracies a_m, one a voter
 * @param shares pi_c, one a class; empty where each question has answers of its own
 * @param truths T, one a question
 * @param rounds how many it took
 */
record DawidSkene(double[] accuracies, double[] shares, double[][] truths, int rounds) {

  /** Where nobody voted enough: s votes of a voter who is right a_0 of the time. */
  private static final double PRIOR_VOTES = 2;

  private static final double PRIOR_ACCURACY = .75;
  private static final int MOST_ROUNDS = 200;

  /**
   * Learns.
   *
   * @param votes a row a question: each voter's class, from 0; -1 where there is none
   * @param classes that are the same in all questions, and whose shares {@code (sum_q T_qc + 1) /
   *     (N + C)} are learned; 0 where each question has answers of its own, numbered from 0: C is
   *     then how many the question with the most has, two at least, each as likely before anybody
   *     voted
   * @param close above 0
   */
  static DawidSkene fit(int[][] votes, int classes, double close) {
    int greatest = Arrays.stream(votes).flatMapToInt(Arrays::stream).max().orElse(-1);
    int options = classes == 0 ? Math.max(2, greatest + 1) : classes;
    double[][] truths =
        Arrays.stream(votes).map(row -> begun(row, options)).toArray(double[][]::new);
    for (int round = 1; ; round++) {
      Interruption.check();
      double[] accuracies = accuracies(votes, truths);
      double[] shares = shares(truths, classes);
      double most = 0;
      for (int q = 0; q < votes.length; q++) {
        double[] next = truth(votes[q], accuracies, shares, options);
        for (int c = 0; c < options; c++) {
          most = Math.max(most, Math.abs(next[c] - truths[q][c]));
        }
        truths[q] = next;
      }
      if (most < close || round == MOST_ROUNDS) {
        return new DawidSkene(accuracies, shares, truths, round);
      }
    }
  }

  /** Shares of the votes. */
  private static double[] begun(int[] row, int classes) {
    var shares = new double[classes];
    long voted = Arrays.stream(row).filter(vote -> vote >= 0).count();
    if (voted == 0) {
      Arrays.fill(shares, 1.0 / shares.length);
    }
    for (int vote : row) {
      if (vote >= 0) {
        shares[vote] += 1.0 / voted;
      }
    }
    return shares;
  }

  private static double[] accuracies(int[][] votes, double[][] truths) {
    var prior = new double[votes[0].length];
    Arrays.fill(prior, PRIOR_ACCURACY);
    return accuracies(votes, truths, prior, PRIOR_VOTES);
  }

  /**
   * How often each voter is right on these questions.
   *
   * @param truths of these questions
   * @param prior what each is taken for before it has voted
   * @param weight so many votes is that worth
   */
  static double[] accuracies(int[][] votes, double[][] truths, double[] prior, double weight) {
    var accuracies = new double[prior.length];
    for (int m = 0; m < prior.length; m++) {
      double right = weight * prior[m];
      double all = weight;
      for (int q = 0; q < votes.length; q++) {
        if (votes[q][m] >= 0) {
          right += truths[q][votes[q][m]];
          all++;
        }
      }
      accuracies[m] = right / all;
    }
    return accuracies;
  }

  private static double[] shares(double[][] truths, int classes) {
    var shares = new double[classes];
    for (int c = 0; c < classes; c++) {
      double sum = 1;
      for (double[] truth : truths) {
        sum += truth[c];
      }
      shares[c] = sum / (truths.length + classes);
    }
    return shares;
  }

  private static double[] truth(int[] row, double[] accuracies, double[] shares, int classes) {
    var odds = new double[classes];
    for (int c = 0; c < classes; c++) {
      odds[c] = shares.length == 0 ? 0 : Math.log(shares[c]);
      for (int m = 0; m < row.length; m++) {
        if (row[m] >= 0) {
          odds[c] += Math.log(row[m] == c ? accuracies[m] : (1 - accuracies[m]) / (classes - 1));
        }
      }
    }
    double most = Arrays.stream(odds).max().orElseThrow();
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      odds[c] = Math.exp(odds[c] - most);
      sum += odds[c];
    }
    for (int c = 0; c < classes; c++) {
      odds[c] /= sum;
    }
    return odds;
  }
}
