package dev.tutti.router.method.bandit;

import dev.tutti.router.Pool;
import dev.tutti.router.Route;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * A learning automaton: for the chosen {@code i} {@code p_i += b r (1 - p_i)}, for the others
 * {@code p_j -= b r p_j}. {@code p} starts at 1 / K; of members that could not have been asked
 * ({@link dev.tutti.router.Feedback.Rated#pool}) it stays, and the 1 above is what the others have
 * together. Members are drawn by {@code p}.
 *
 * @param rate {@code b}
 * @param epsilon spread over all, since a probability of 0 never comes back
 */
record LinearRewardInaction(double rate, double epsilon) implements RewardLearner {

  @Override
  public String arm() {
    return "probability";
  }

  @Override
  public void learn(
      TreeMap<String, double[]> arms,
      String member,
      Set<String> asked,
      double reward,
      double share) {
    admit(arms, member, asked);
    double step = rate * share;
    Set<String> pool = asked.isEmpty() ? Set.copyOf(arms.keySet()) : asked;
    // Who could not be asked keeps what it has; the others share what they had.
    double mass =
        arms.entrySet().stream()
            .filter(arm -> pool.contains(arm.getKey()))
            .mapToDouble(arm -> arm.getValue()[0])
            .sum();
    arms.replaceAll(
        (name, arm) ->
            name.equals(member)
                ? new double[] {arm[0] + step * (mass - arm[0]), arm[1] + 1}
                : pool.contains(name) ? new double[] {arm[0] - step * arm[0], arm[1]} : arm);
  }

  private static void admit(TreeMap<String, double[]> arms, String chosen, Set<String> asked) {
    var newcomers = new TreeSet<>(asked);
    newcomers.add(chosen);
    newcomers.removeAll(arms.keySet());
    if (!newcomers.isEmpty()) {
      // 1 / K each: newcomers get an even share of everybody's.
      double share = 1.0 / (arms.size() + newcomers.size());
      double kept = share * arms.size();
      arms.replaceAll((member, arm) -> new double[] {arm[0] * kept, arm[1]});
      newcomers.forEach(member -> arms.put(member, new double[] {share, 0}));
    }
  }

  @Override
  public Route route(SortedMap<String, double[]> arms, Pool pool, RandomGenerator random) {
    return drawn(shares(arms, pool), random);
  }

  /** Probabilities over the pool; a newcomer has the mean of the others'. */
  private Map<String, Double> shares(SortedMap<String, double[]> arms, Pool pool) {
    int size = pool.members().size();
    // By name, so that sums do not depend on the order of the pool.
    List<Pool.Member> sorted =
        pool.members().stream().sorted(Comparator.comparing(Pool.Member::name)).toList();
    double mean =
        sorted.stream()
            .map(m -> arms.get(m.name()))
            .filter(arm -> arm != null)
            .mapToDouble(arm -> arm[0])
            .average()
            .orElse(1);
    var shares = new HashMap<String, Double>();
    double total = 0;
    for (Pool.Member member : sorted) {
      double[] arm = arms.get(member.name());
      double p = arm == null ? mean : arm[0];
      shares.put(member.name(), p);
      total += p;
    }
    double sum = total;
    // Nothing known of these but that none was ever good: all alike.
    shares.replaceAll(
        (member, p) -> (1 - epsilon) * (sum > 0 ? p / sum : 1.0 / size) + epsilon / size);
    return shares;
  }

  private static Route drawn(Map<String, Double> shares, RandomGenerator random) {
    var order =
        new ArrayList<>(
            shares.entrySet().stream()
                .sorted(
                    Map.Entry.<String, Double>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey()))
                .toList());
    double left = random.nextDouble();
    int place = 0;
    while (place < order.size() - 1 && left >= order.get(place).getValue()) {
      left -= order.get(place++).getValue();
    }
    order.addFirst(order.remove(place));
    List<Route.Choice> choices =
        order.stream()
            .map(e -> new Route.Choice(e.getKey(), e.getValue(), Math.min(1, e.getValue())))
            .toList();
    return new Route(
        choices,
        "%s: drawn with probability %.3f."
            .formatted(choices.getFirst().member(), choices.getFirst().propensity()));
  }
}
