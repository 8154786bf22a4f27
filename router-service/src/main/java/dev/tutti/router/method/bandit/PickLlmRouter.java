package dev.tutti.router.method.bandit;

import dev.tutti.kit.settings.Setting;
import dev.tutti.router.Feedback;
import dev.tutti.router.Observing;
import dev.tutti.router.OnlineState;
import dev.tutti.router.Pool;
import dev.tutti.router.Query;
import dev.tutti.router.Route;
import dev.tutti.router.Router;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
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
 *   <li>{@code Q_LEARNING}, stateless ({@link QLearning}). {@code Q} starts at {@code w_a}
 *   <li>{@code LINEAR_REWARD_INACTION}, a learning automaton ({@link LinearRewardInaction}), with
 *       {@code r} the reward between its bounds, {@code w_a} and, for {@code SUM}, {@code -w_c -
 *       w_l}, for {@code PRODUCT} {@code -w_c c_max w_l log10(1 + l_max)}, held to [0, 1]
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
  private final RewardLearner learner;
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
    this.learner =
        switch (settings.learner()) {
          case Q_LEARNING ->
              new QLearning(settings.rate(), settings.epsilon(), settings.qualityWeight());
          case LINEAR_REWARD_INACTION ->
              new LinearRewardInaction(settings.rate(), settings.epsilon());
        };
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
    return new TreeMap<>(Map.of(learner.arm(), arm[0], "observations", arm[1]));
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
    learner.learn(arms, member, pool, reward, normalised);
    return known.with(arms);
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
    return learner.route(state.arms(), pool, random);
  }
}
