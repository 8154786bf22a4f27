package dev.tutti.fusion.method.vote;

import dev.tutti.fusion.method.vote.Ballots.Ballot;
import dev.tutti.numerics.Interruption;
import java.util.ArrayList;
import java.util.List;

/**
 * A conditional logit over the answers of each question (McFadden 1974), with weights that are not
 * negative: {@code p(a) = exp(sum_i w_i I[y_i = a]) / sum_b exp(sum_i w_i I[y_i = b])}. Found by
 * accelerated projected gradients (Beck & Teboulle 2009, FISTA) with a step that is halved until it
 * descends, and begun anew where it overshoots.
 */
final class ConditionalLogit {

  private static final int MOST_STEPS = 1_000;
  private static final double CLOSE = 1e-6;

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
    double[] w = center.clone();
    double[] before = w.clone();
    double[] ahead = w.clone();
    double steepness = 1 + ridge;
    double momentum = 1;
    double last = loss(w, center, ridge, new double[members]);
    for (int step = 0; step < MOST_STEPS; step++) {
      Interruption.check();
      var gradient = new double[members];
      double at = loss(ahead, center, ridge, gradient);
      double[] next = moved(ahead, gradient, steepness);
      while (loss(next, center, ridge, null) > bound(at, gradient, ahead, next, steepness)) {
        steepness *= 2;
        next = moved(ahead, gradient, steepness);
      }
      double now = loss(next, center, ridge, null);
      if (now > last && momentum > 1) {
        momentum = 1;
        ahead = w.clone();
        continue;
      }
      before = w;
      w = next;
      last = now;
      if (distance(w, before) < CLOSE) {
        return w;
      }
      double more = (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
      for (int m = 0; m < members; m++) {
        ahead[m] = w[m] + (momentum - 1) / more * (w[m] - before[m]);
      }
      momentum = more;
    }
    return w;
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

  private static double[] moved(double[] from, double[] gradient, double steepness) {
    var to = new double[from.length];
    for (int m = 0; m < to.length; m++) {
      to[m] = Math.max(0, from[m] - gradient[m] / steepness);
    }
    return to;
  }

  /** What a loss of this steepness at most would be. */
  private static double bound(
      double at, double[] gradient, double[] from, double[] to, double steepness) {
    double bound = at;
    for (int m = 0; m < to.length; m++) {
      double way = to[m] - from[m];
      bound += gradient[m] * way + steepness / 2 * way * way;
    }
    return bound + 1e-9 * Math.abs(at);
  }

  private static double distance(double[] a, double[] b) {
    double most = 0;
    for (int i = 0; i < a.length; i++) {
      most = Math.max(most, Math.abs(a[i] - b[i]));
    }
    return most;
  }
}
