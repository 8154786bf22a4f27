package dev.tutti.fusion.method.vote;

import dev.tutti.fusion.method.vote.Ballots.Ballot;
import java.util.ArrayList;
import java.util.List;

/**
 * A conditional logit over the answers of each question (McFadden 1974), with weights that are not
 * negative: {@code p(a) = exp(sum_i w_i I[y_i = a]) / sum_b exp(sum_i w_i I[y_i = b])}. Found by
 * {@link Descent}.
 */
final class ConditionalLogit {

  private final List<Ballot> rows = new ArrayList<>();
  private final List<boolean[]> right = new ArrayList<>();
  private final int members;

  /** Of the questions that tell whom to believe. */
  ConditionalLogit(Iterable<Ballot> ballots, int members) {
    this.members = members;
    for (Ballot row : ballots) {
      boolean[] its = row.right();
      for (boolean any : its) {
        if (any) {
          rows.add(row);
          right.add(its);
          break;
        }
      }
    }
  }

  /** How many questions tell whom to believe. */
  int size() {
    return rows.size();
  }

  /**
   * The weights of least loss {@code -sum log p(right) + ridge/2 |w - center|^2}.
   *
   * @param center also where it begins; not negative
   * @return one a member, at least 0
   */
  double[] fit(double[] center, double ridge) {
    return Descent.minimum((w, gradient) -> loss(w, center, ridge, gradient), center, 1 + ridge, 0);
  }

  /** The loss; adds its gradient where one is wanted. */
  double loss(double[] w, double[] center, double ridge, double[] gradient) {
    double loss = 0;
    for (int m = 0; m < members; m++) {
      double off = w[m] - center[m];
      loss += ridge / 2 * off * off;
      if (gradient != null) {
        gradient[m] = ridge * off;
      }
    }
    for (int i = 0; i < rows.size(); i++) {
      loss += loss(rows.get(i), right.get(i), w, gradient);
    }
    return loss;
  }

  private static double loss(Ballot row, boolean[] right, double[] w, double[] gradient) {
    var odds = new double[right.length];
    double most = 0;
    for (int m = 0; m < w.length; m++) {
      if (row.answers()[m] >= 0) {
        odds[row.answers()[m]] += w[m];
        most = Math.max(most, odds[row.answers()[m]]);
      }
    }
    double all = 0;
    double good = 0;
    for (int a = 0; a < odds.length; a++) {
      odds[a] = Math.exp(odds[a] - most);
      all += odds[a];
      good += right[a] ? odds[a] : 0;
    }
    // Where the right ones are hopeless, a loss that is finite all the same.
    good = Math.max(good, Double.MIN_NORMAL);
    if (gradient != null) {
      for (int m = 0; m < w.length; m++) {
        int a = row.answers()[m];
        if (a >= 0) {
          gradient[m] += odds[a] / all - (right[a] ? odds[a] / good : 0);
        }
      }
    }
    return Math.log(all) - Math.log(good);
  }
}
