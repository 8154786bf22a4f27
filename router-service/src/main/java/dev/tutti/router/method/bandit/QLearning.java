package dev.tutti.router.method.bandit;

import dev.tutti.router.Pool;
import dev.tutti.router.Route;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * Action values without states: {@code Q_m += alpha (R - Q_m)}; with probability {@code epsilon}
 * anybody is asked, else {@code argmax Q}.
 *
 * @param rate {@code alpha}
 * @param epsilon probability that the first is drawn from all
 * @param begin {@code Q} of whom nobody knows: the most there can be, so that everybody is tried
 */
record QLearning(double rate, double epsilon, double begin) implements RewardLearner {

  @Override
  public String arm() {
    return "value";
  }

  @Override
  public void learn(
      TreeMap<String, double[]> arms,
      String member,
      Set<String> pool,
      double reward,
      double share) {
    double[] old = arms.getOrDefault(member, new double[] {begin, 0});
    arms.put(member, new double[] {old[0] + rate * (reward - old[0]), 1 + old[1]});
  }

  @Override
  public Route route(SortedMap<String, double[]> arms, Pool pool, RandomGenerator random) {
    return Exploration.greedy(
        pool,
        member -> arms.containsKey(member) ? arms.get(member)[0] : begin,
        epsilon,
        random,
        arm());
  }
}
