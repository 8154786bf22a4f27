package dev.tutti.router.evaluation;

import dev.tutti.numerics.Interruption;
import dev.tutti.numerics.measure.OffPolicy;
import dev.tutti.router.Pool;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What a policy would have earned, and what the log's own did, where an answer earns its quality
 * less what it cost.
 *
 * @param decisions that both are about
 * @param unknown decisions about which nobody knows what the policy would have done; left out
 * @param logged what the log's own policy earned per decision
 * @param target what the other would have earned
 * @param single what the best single member would have, chosen in hindsight by its self-normalised
 *     estimate; empty where the log supports no member alone
 */
public record PolicyEvaluation(
    int decisions,
    int unknown,
    OffPolicy.Answer logged,
    OffPolicy.Answer target,
    Optional<Single> single) {

  /** A member that is always asked first. */
  public record Single(String member, OffPolicy.Supported answer) {}

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
      return new PolicyEvaluation(known.size(), unknown, nothing, nothing, Optional.empty());
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
    return new PolicyEvaluation(
        known.size(), unknown, OffPolicy.evaluate(own), target, single(own));
  }

  private static Optional<Single> single(List<OffPolicy.Logged> log) {
    var members = new TreeSet<String>();
    log.forEach(decision -> members.addAll(decision.logged().keySet()));
    var singles = new ArrayList<Single>();
    for (String member : members) {
      Interruption.check();
      List<OffPolicy.Logged> alone =
          log.stream()
              .map(
                  its ->
                      new OffPolicy.Logged(
                          its.chosen(), its.reward(), its.logged(), Map.of(member, 1.0)))
              .toList();
      if (OffPolicy.evaluate(alone) instanceof OffPolicy.Supported answer) {
        singles.add(new Single(member, answer));
      }
    }
    return singles.stream()
        .max(Comparator.comparingDouble(single -> single.answer().snips().mean()));
  }

  private static double usd(Pool pool, String member) {
    return pool.members().stream()
        .filter(m -> m.name().equals(member))
        .mapToDouble(Pool.Member::usd)
        .findFirst()
        .orElse(0);
  }
}
