package dev.tutti.router.evaluation;

import dev.tutti.numerics.Interruption;
import dev.tutti.numerics.measure.OffPolicy;
import dev.tutti.router.Pool;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a policy would have earned, and what the log's own did, where an answer earns its quality
 * less what it cost.
 *
 * @param decisions that both are about
 * @param unknown decisions about which nobody knows what the policy would have done; left out
 * @param logged what the log's own policy earned per decision
 * @param target what the other would have earned
 */
public record PolicyEvaluation(
    int decisions, int unknown, OffPolicy.Answer logged, OffPolicy.Answer target) {

  private static final long FOLDS_SEED = 1;

  /**
   * Evaluates.
   *
   * @param usdWeight quality that a US dollar is worth; at least 0
   * @throws java.util.concurrent.CancellationException when the thread is interrupted
   */
  public static PolicyEvaluation of(List<LoggedChoice> log, Policy policy, double usdWeight) {
    var known = new ArrayList<LoggedChoice>();
    var probabilities = new ArrayList<Map<String, Double>>();
    for (LoggedChoice choice : log) {
      Interruption.check();
      Optional<Map<String, Double>> its = policy.probabilities(choice);
      if (its.isPresent()) {
        known.add(choice);
        probabilities.add(its.get());
      }
    }
    int unknown = log.size() - known.size();
    if (known.size() < 2) {
      var nothing =
          new OffPolicy.Refused(
              "There are %d rated decisions on which the policy can be asked; it takes at least %.0f."
                  .formatted(known.size(), OffPolicy.LEAST_EFFECTIVE));
      return new PolicyEvaluation(known.size(), unknown, nothing, nothing);
    }
    RewardEstimates estimates = RewardEstimates.of(known, FOLDS_SEED);
    var own = new ArrayList<OffPolicy.Logged>();
    var other = new ArrayList<OffPolicy.Logged>();
    var places = new IdentityHashMap<OffPolicy.Logged, Integer>();
    for (int i = 0; i < known.size(); i++) {
      LoggedChoice choice = known.get(i);
      double reward = choice.quality() - usdWeight * choice.usd();
      own.add(
          new OffPolicy.Logged(
              choice.member(), reward, choice.propensities(), choice.propensities()));
      other.add(
          new OffPolicy.Logged(
              choice.member(), reward, choice.propensities(), probabilities.get(i)));
      places.put(other.get(i), i);
    }
    OffPolicy.Answer target =
        OffPolicy.evaluate(
            other,
            (decision, member) -> {
              int place = places.get(decision);
              return estimates.quality(place, member)
                  - usdWeight * usd(known.get(place).pool(), member);
            });
    return new PolicyEvaluation(known.size(), unknown, OffPolicy.evaluate(own), target);
  }

  private static double usd(Pool pool, String member) {
    return pool.members().stream()
        .filter(m -> m.name().equals(member))
        .mapToDouble(Pool.Member::usd)
        .findFirst()
        .orElse(0);
  }
}
