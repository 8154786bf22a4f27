package dev.tutti.fusion.method.vote;

import dev.tutti.fusion.method.vote.Ballots.Ballot;
import java.util.ArrayList;
import java.util.List;

/**
 * A conditional logit over the answers of each question (McFadden 1974) whose weights depend on
 * what the question is about: {@code p(a) = softmax_a(sum_i u_i I[y_i = a])} with {@code u = w_0 +
 * sum_t P(t) w_t} over topics t. The loss is {@code -sum log p(right) + ridge/2 |w_0|^2 +
 * shrinkage/2 sum_t |w_t|^2}. Weights may be negative: who errs where others are right speaks
 * against an answer. Found by {@link Descent}.
 */
final class TopicLogit {

  private record Example(int[] answers, boolean[] right, double[] topics) {}

  private final List<Example> examples = new ArrayList<>();
  private final int members;
  private final int topics;

  /**
   * Of the questions that tell whom to believe.
   *
   * @param shares one a ballot: how likely the question is about each topic
   */
  TopicLogit(List<Ballot> ballots, List<double[]> shares, int members, int topics) {
    this.members = members;
    this.topics = topics;
    for (int i = 0; i < ballots.size(); i++) {
      boolean[] right = ballots.get(i).right();
      for (boolean any : right) {
        if (any) {
          examples.add(new Example(ballots.get(i).answers(), right, shares.get(i)));
          break;
        }
      }
    }
  }

  /** How many questions tell whom to believe. */
  int size() {
    return examples.size();
  }

  /**
   * The weights of least loss.
   *
   * @return w_0, then w_t by topic, one a member each
   */
  double[] fit(double ridge, double shrinkage) {
    return Descent.minimum(
        (w, gradient) -> loss(w, ridge, shrinkage, gradient),
        new double[(1 + topics) * members],
        1 + ridge,
        Double.NEGATIVE_INFINITY);
  }

  /** The loss; writes its gradient where one is wanted. */
  double loss(double[] w, double ridge, double shrinkage, double[] gradient) {
    double loss = 0;
    for (int i = 0; i < w.length; i++) {
      double pull = i < members ? ridge : shrinkage;
      loss += pull / 2 * w[i] * w[i];
      if (gradient != null) {
        gradient[i] = pull * w[i];
      }
    }
    var slope = new double[members];
    for (Example example : examples) {
      loss += loss(example, mixed(w, example.topics(), members), gradient == null ? null : slope);
      if (gradient != null) {
        add(gradient, slope, example.topics());
      }
    }
    return loss;
  }

  /** The weights on a question: {@code w_0 + sum_t P(t) w_t}. */
  static double[] mixed(double[] w, double[] topics, int members) {
    var mixed = new double[members];
    for (int m = 0; m < members; m++) {
      mixed[m] = w[m];
      for (int t = 0; t < topics.length; t++) {
        mixed[m] += topics[t] * w[(1 + t) * members + m];
      }
    }
    return mixed;
  }

  private void add(double[] gradient, double[] slope, double[] shares) {
    for (int m = 0; m < members; m++) {
      gradient[m] += slope[m];
      for (int t = 0; t < topics; t++) {
        gradient[(1 + t) * members + m] += shares[t] * slope[m];
      }
    }
  }

  private static double loss(Example example, double[] weights, double[] slope) {
    var odds = new double[example.right().length];
    for (int m = 0; m < weights.length; m++) {
      if (example.answers()[m] >= 0) {
        odds[example.answers()[m]] += weights[m];
      }
    }
    double most = Double.NEGATIVE_INFINITY;
    for (double its : odds) {
      most = Math.max(most, its);
    }
    double all = 0;
    double good = 0;
    for (int a = 0; a < odds.length; a++) {
      odds[a] = Math.exp(odds[a] - most);
      all += odds[a];
      good += example.right()[a] ? odds[a] : 0;
    }
    // Where the right ones are hopeless, a loss that is finite all the same.
    good = Math.max(good, Double.MIN_NORMAL);
    if (slope != null) {
      for (int m = 0; m < weights.length; m++) {
        int a = example.answers()[m];
        slope[m] = a < 0 ? 0 : odds[a] / all - (example.right()[a] ? odds[a] / good : 0);
      }
    }
    return Math.log(all) - Math.log(good);
  }
}
