package dev.tutti.router.method.bandit;

import dev.tutti.kit.settings.Setting;
import dev.tutti.router.Feedback;
import dev.tutti.router.Observing;
import dev.tutti.router.OnlineState;
import dev.tutti.router.Pool;
import dev.tutti.router.Query;
import dev.tutti.router.Route;
import dev.tutti.router.Router;
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
 * PickLLM: a bandit that does not look at the query and settles on the member with the best reward.
 *
 * <p>Sikeridis et al. 2024, arXiv:2412.12170. Reward of an answer of quality {@code a}, cost {@code
 * c} (US dollars) and latency {@code l} (seconds): {@code PRODUCT} is {@code w_a a - w_c c w_l
 * log10(1 + l)}, as a review prints it (there {@code log10(l)}, which is negative below a second);
 * {@code SUM}, the default, is {@code w_a a - w_c min(1, c / c_max) - w_l log10(1 + l) / log10(1 +
 * l_max)}. Two learners:
 *
 * <ul>
 *   <li>{@code Q_LEARNING}, stateless: {@code Q_m += alpha (R - Q_m)}; with probability {@code
 *       epsilon} anybody is asked, else {@code argmax Q}. {@code Q} starts at {@code w_a}, the most
 *       there can be, so that everybody is tried
 *   <li>{@code LINEAR_REWARD_INACTION}, a learning automaton: for the chosen {@code i} {@code p_i
 *       += b r (1 - p_i)}, for the others {@code p_j -= b r p_j}, with {@code r} the reward between
 *       its bounds, {@code w_a} and, for {@code SUM}, {@code -w_c - w_l}, for {@code PRODUCT}
 *       {@code -w_c c_max w_l log10(1 + l_max)}, held to [0, 1]. {@code p} starts at 1 / K; of
 *       members that could not have been asked ({@link Feedback.Rated#pool}) it stays, and the 1
 *       above is what the others have together. Members are drawn by {@code p}, of which {@code
 *       epsilon} is spread over all, since a probability of 0 never comes back
 * </ul>
 *
 * <p>A call that failed has {@code R = -w_a}, and {@code r = 0}: an automaton that rewards moves
 * nothing for it.
 *
 * <p>The weights, {@code alpha} and {@code b} are not published. The paper learns anew for each
 * session or user; here a router learns for all that is routed through it. Comparisons of two
 * answers carry no reward and are refused. State a member: {@code {Q or p, observations}}. Costs
 * members.
 */
public final class PickLlmRouter implements Router, Observing {

  private final Settings settings;
  private volatile OnlineState state;

  /** Which learner. */
  public enum Learner {
    /** Action values. */
    Q_LEARNING,
    /** Probabilities. */
    LINEAR_REWARD_INACTION
  }

  /** How a reward is put together. */
  public enum RewardShape {
    /** Parts weighed and added. */
    SUM,
    /** Cost times latency, as printed. */
    PRODUCT
  }

  /** What can be set. */
  public record Settings(
      @Setting(help = "which learner") Learner learner,
      @Setting(help = "how a reward is put together") RewardShape reward,
      @Setting(help = "alpha, or b: how far an observation moves", min = 1e-6, max = 1) double rate,
      @Setting(help = "probability that the first is drawn from all", min = 0, max = 1)
          double epsilon,
      @Setting(help = "w_a: weight of quality", min = 1e-6, max = 1000) double qualityWeight,
      @Setting(help = "w_c: weight of cost", min = 0, max = 1000) double costWeight,
      @Setting(help = "w_l: weight of latency", min = 0, max = 1000) double latencyWeight,
      @Setting(help = "c_max: cost that counts as 1", min = 1e-9, max = 1e6, unit = "USD")
          double mostUsd,
      @Setting(help = "l_max: latency that counts as 1", min = 1e-3, max = 1e6, unit = "s")
          double mostSeconds) {

    /** None is published. */
    public Settings() {
      this(Learner.Q_LEARNING, RewardShape.SUM, 0.1, 0.1, 1, 0.2, 0.1, 0.01, 60);
    }
  }

  /** A router that knows nothing. */
  public PickLlmRouter(Settings settings) {
    this(settings, OnlineState.EMPTY);
  }

  /** A router that goes on. */
  public PickLlmRouter(Settings settings, OnlineState state) {
    this.settings = settings;
    this.state = state;
  }

  @Override
  public OnlineState state() {
    return state;
  }

  @Override
  public synchronized void observe(Feedback feedback) {
    state = learn(state, feedback);
  }

  @Override
  public synchronized void restore(OnlineState restored, List<Feedback> log) {
    state = restored;
  }

  @Override
  public synchronized void advance(OnlineState later, List<Feedback> since) {
    state = later;
  }

  @Override
  public boolean learnsFromFailures() {
    return true;
  }

  @Override
  public Kind kind() {
    return Kind.BANDIT_ARM;
  }

  /** All but {@code epsilon}. */
  @Override
  public String basis() {
    return "%s %s rate=%s w_a=%s w_c=%s w_l=%s c_max=%s l_max=%s"
        .formatted(
            settings.learner(),
            settings.reward(),
            settings.rate(),
            settings.qualityWeight(),
            settings.costWeight(),
            settings.latencyWeight(),
            settings.mostUsd(),
            settings.mostSeconds());
  }

  @Override
  public SortedMap<String, Double> shown(double[] arm) {
    String what = settings.learner() == Learner.Q_LEARNING ? "value" : "probability";
    return new TreeMap<>(Map.of(what, arm[0], "observations", arm[1]));
  }

  @Override
  public OnlineState learn(OnlineState known, Feedback feedback) {
    return switch (feedback) {
      case Feedback.Rated rated -> {
        double reward = reward(rated);
        yield learned(known, rated.member(), rated.pool(), reward, normalised(reward));
      }
      case Feedback.Failed failed ->
          learned(known, failed.member(), failed.pool(), -settings.qualityWeight(), 0);
      case Feedback.Compared _ ->
          throw new IllegalArgumentException(
              "pickllm learns from ratings; a comparison of two answers carries no reward.");
    };
  }

  private OnlineState learned(
      OnlineState known, String member, Set<String> pool, double reward, double normalised) {
    var arms = new TreeMap<>(known.arms());
    if (settings.learner() == Learner.Q_LEARNING) {
      double[] old = arms.get(member);
      double q = old == null ? settings.qualityWeight() : old[0];
      arms.put(
          member,
          new double[] {q + settings.rate() * (reward - q), 1 + (old == null ? 0 : old[1])});
    } else {
      inaction(arms, member, pool, settings.rate() * normalised);
    }
    return known.with(arms);
  }

  private static void inaction(
      TreeMap<String, double[]> arms, String chosen, Set<String> asked, double step) {
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
    Set<String> pool = asked.isEmpty() ? Set.copyOf(arms.keySet()) : asked;
    // Who could not be asked keeps what it has; the others share what they had.
    double mass =
        arms.entrySet().stream()
            .filter(arm -> pool.contains(arm.getKey()))
            .mapToDouble(arm -> arm.getValue()[0])
            .sum();
    arms.replaceAll(
        (member, arm) ->
            member.equals(chosen)
                ? new double[] {arm[0] + step * (mass - arm[0]), arm[1] + 1}
                : pool.contains(member) ? new double[] {arm[0] - step * arm[0], arm[1]} : arm);
  }

  /** {@code r}: the reward between the least and the most that there can be. */
  private double normalised(double reward) {
    double least =
        switch (settings.reward()) {
          case SUM -> -settings.costWeight() - settings.latencyWeight();
          case PRODUCT ->
              -settings.costWeight()
                  * settings.mostUsd()
                  * settings.latencyWeight()
                  * StrictMath.log10(1 + settings.mostSeconds());
        };
    return Math.clamp((reward - least) / (settings.qualityWeight() - least), 0.0, 1.0);
  }

  /** {@code R}. */
  double reward(Feedback.Rated rated) {
    double quality = settings.qualityWeight() * rated.quality();
    double latency = StrictMath.log10(1 + rated.seconds());
    return switch (settings.reward()) {
      case SUM ->
          quality
              - settings.costWeight() * Math.min(1, rated.usd() / settings.mostUsd())
              - settings.latencyWeight()
                  * Math.min(1, latency / StrictMath.log10(1 + settings.mostSeconds()));
      case PRODUCT ->
          quality - settings.costWeight() * rated.usd() * settings.latencyWeight() * latency;
    };
  }

  @Override
  public Route route(Query query, Pool pool, RandomGenerator random) {
    OnlineState now = state;
    if (settings.learner() == Learner.Q_LEARNING) {
      return Exploration.greedy(
          pool,
          member ->
              now.arms().containsKey(member) ? now.arms().get(member)[0] : settings.qualityWeight(),
          settings.epsilon(),
          random,
          "value");
    }
    return drawn(shares(now, pool), random);
  }

  /** Probabilities over the pool; a newcomer has the mean of the others'. */
  private Map<String, Double> shares(OnlineState now, Pool pool) {
    int size = pool.members().size();
    // By name, so that sums do not depend on the order of the pool.
    List<Pool.Member> sorted =
        pool.members().stream().sorted(Comparator.comparing(Pool.Member::name)).toList();
    double mean =
        sorted.stream()
            .map(m -> now.arms().get(m.name()))
            .filter(arm -> arm != null)
            .mapToDouble(arm -> arm[0])
            .average()
            .orElse(1);
    var shares = new HashMap<String, Double>();
    double total = 0;
    for (Pool.Member member : sorted) {
      double[] arm = now.arms().get(member.name());
      double p = arm == null ? mean : arm[0];
      shares.put(member.name(), p);
      total += p;
    }
    double sum = total;
    // Nothing known of these but that none was ever good: all alike.
    shares.replaceAll(
        (member, p) ->
            (1 - settings.epsilon()) * (sum > 0 ? p / sum : 1.0 / size)
                + settings.epsilon() / size);
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
