package dev.tutti.decoder.method.token;

import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.StepCombiner;
import java.util.ArrayList;
import java.util.List;

/**
 * Weighs each vote of a step by how sure it is: {@code w_m exp(-H_m / T)}, scaled to sum 1, where
 * {@code H_m} is the entropy of the member's distribution.
 *
 * @param temperature T in nats, above 0
 * @param mean combines the votes as they are weighed then
 */
record SureVotes(double temperature, StepCombiner mean) implements StepCombiner {

  static final String HELP =
      "Members count by exp(-entropy / this) at each step, so that who is sure counts more; 0 lets"
          + " it not count.";

  /** The combiner of a method with this setting: the mean as it is where the temperature is 0. */
  static StepCombiner of(double temperature, StepCombiner mean) {
    return temperature == 0 ? mean : new SureVotes(temperature, mean);
  }

  @Override
  public void combine(List<Vote> votes, double[] combined) {
    var weights = new double[votes.size()];
    double least = Double.POSITIVE_INFINITY;
    for (Vote vote : votes) {
      least = Math.min(least, entropy(vote));
    }
    double sum = 0;
    for (int v = 0; v < weights.length; v++) {
      Vote vote = votes.get(v);
      weights[v] = vote.weight() * Math.exp((least - entropy(vote)) / temperature);
      sum += weights[v];
    }
    var weighed = new ArrayList<Vote>(weights.length);
    for (int v = 0; v < weights.length; v++) {
      Vote vote = votes.get(v);
      weighed.add(new Vote(vote.member(), weights[v] / sum, vote.ratings(), vote.heard()));
    }
    mean.combine(weighed, combined);
  }

  private static double entropy(Vote vote) {
    return vote.heard().distribution().map(Distribution::entropy).orElse(0.0);
  }
}
