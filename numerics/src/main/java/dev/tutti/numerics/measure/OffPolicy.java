package dev.tutti.numerics.measure;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * What another policy would have earned, from decisions that were logged with their probabilities.
 *
 * <p>With {@code w_i = pi(a_i | x_i) / mu(a_i | x_i)}, how much likelier the new policy {@code pi}
 * takes the logged choice than the logging policy {@code mu} did:
 *
 * <ul>
 *   <li>IPS (Horvitz & Thompson 1952): {@code mean w_i r_i}; unbiased
 *   <li>SNIPS (Swaminathan & Joachims 2015): {@code sum w_i r_i / sum w_i}; slightly biased,
 *       steadier
 *   <li>DR (Dudik et al. 2011, arXiv:1103.4601): {@code mean [sum_a pi(a | x_i) q(x_i, a) + w_i
 *       (r_i - q(x_i, a_i))]} with a model {@code q} of the reward; right if either {@code mu} or
 *       {@code q} is
 * </ul>
 *
 * <p>Intervals are normal approximations at 95 %, SNIPS's by the delta method. The effective sample
 * size is {@code (sum w)^2 / sum w^2} (Kish 1965).
 *
 * <p>It refuses where the log does not support an answer: a choice that {@code pi} may take had no
 * chance under {@code mu} (more than {@value #MOST_UNSUPPORTED} of {@code pi}'s probability in
 * all), or the effective sample is below {@value #LEAST_EFFECTIVE}.
 */
public final class OffPolicy {

  /** Most probability of the new policy, on average, on choices that the old one never took. */
  public static final double MOST_UNSUPPORTED = 0.01;

  /** Least effective sample size. */
  public static final double LEAST_EFFECTIVE = 30;

  private static final double TOLERANCE = 1e-6;
  private static final double NORMAL_95 = 1.959963984540054;

  private OffPolicy() {}

  /**
   * A decision of the log and what the new policy would do there. Decisions whose first member did
   * not answer, so that another one did, are left out: what was earned is not what {@code chosen}
   * earned.
   *
   * @param chosen who was ranked first, and answered
   * @param reward what it earned; finite
   * @param logged with which probability each member could have been ranked first; sums to 1
   * @param target with which probability the new policy ranks each first; sums to 1
   */
  public record Logged(
      String chosen, double reward, Map<String, Double> logged, Map<String, Double> target) {

    /** Checks that these are probabilities, and that the choice was possible. */
    public Logged {
      logged = Map.copyOf(logged);
      target = Map.copyOf(target);
      requireProbabilities("logged", logged);
      requireProbabilities("target", target);
      double chance = logged.getOrDefault(chosen, 0.0);
      if (!(chance > 0 && chance <= 1)) {
        throw new IllegalArgumentException(
            "%s was chosen with a logged probability of %s; it must be above 0 and at most 1."
                .formatted(chosen, chance));
      }
      if (!Double.isFinite(reward)) {
        throw new IllegalArgumentException("The reward of %s is %s.".formatted(chosen, reward));
      }
    }

    private static void requireProbabilities(String name, Map<String, Double> of) {
      of.forEach(
          (member, p) -> {
            if (!(p >= 0 && p <= 1)) {
              throw new IllegalArgumentException(
                  "The %s probability of %s is %s; it takes a number from 0 to 1."
                      .formatted(name, member, p));
            }
          });
      double sum = of.values().stream().mapToDouble(p -> p).sum();
      if (!(Math.abs(sum - 1) <= TOLERANCE)) {
        throw new IllegalArgumentException(
            "The %s probabilities sum to %s; they must sum to 1.".formatted(name, sum));
      }
    }

    double weight() {
      return target.getOrDefault(chosen, 0.0) / logged.get(chosen);
    }

    double unsupported() {
      return target.entrySet().stream()
          .filter(e -> !(logged.getOrDefault(e.getKey(), 0.0) > 0))
          .mapToDouble(Map.Entry::getValue)
          .sum();
    }
  }

  /** A mean reward and its 95 % interval. */
  public record Interval(double mean, double low, double high) {
    private static Interval of(double mean, double standardError) {
      return new Interval(mean, mean - NORMAL_95 * standardError, mean + NORMAL_95 * standardError);
    }
  }

  /** An answer, or why there is none. */
  public sealed interface Answer permits Supported, Refused {}

  /**
   * What the new policy would have earned per decision.
   *
   * @param dr empty where no model of the reward was given
   * @param gain how much more than the log did earn, over the same decisions: doubly robust with a
   *     model of the reward, IPS without
   * @param effective effective sample size
   */
  public record Supported(
      Interval ips, Interval snips, Optional<Interval> dr, Interval gain, double effective)
      implements Answer {}

  /** The log says nothing about this policy. */
  public record Refused(String reason) implements Answer {}

  /**
   * Predicts a reward.
   *
   * @see #evaluate(List, RewardModel)
   */
  @FunctionalInterface
  public interface RewardModel {
    /** The expected reward of a member on a logged decision; it must not have learned from it. */
    double reward(Logged decision, String member);
  }

  /** IPS and SNIPS. */
  public static Answer evaluate(List<Logged> log) {
    return evaluate(log, null);
  }

  /** IPS, SNIPS and, with a model of the reward, the doubly robust estimate. */
  public static Answer evaluate(List<Logged> log, RewardModel model) {
    if (log.isEmpty()) {
      return new Refused("The log holds no decision with feedback.");
    }
    double unsupported = log.stream().mapToDouble(Logged::unsupported).average().orElseThrow();
    if (unsupported > MOST_UNSUPPORTED) {
      return new Refused(
          "%.1f %% of what the policy would choose had no chance of being chosen in the log; at most %.1f %% may. Let the logging policy explore."
              .formatted(100 * unsupported, 100 * MOST_UNSUPPORTED));
    }
    double sum = log.stream().mapToDouble(Logged::weight).sum();
    double squares = log.stream().mapToDouble(l -> l.weight() * l.weight()).sum();
    double effective = squares == 0 ? 0 : sum * sum / squares;
    if (!(effective >= LEAST_EFFECTIVE)) {
      return new Refused(
          "The %d decisions are worth %.1f of the policy's own; it takes at least %.0f."
              .formatted(log.size(), effective, LEAST_EFFECTIVE));
    }
    Interval ips = mean(log, l -> l.weight() * l.reward());
    double ratio = log.stream().mapToDouble(l -> l.weight() * l.reward()).sum() / sum;
    double left =
        log.stream().mapToDouble(l -> Math.pow(l.weight() * (l.reward() - ratio), 2)).sum();
    Interval snips = Interval.of(ratio, Math.sqrt(left) / sum);
    Optional<Interval> dr =
        model == null ? Optional.empty() : Optional.of(mean(log, l -> doublyRobust(l, model)));
    Interval gain =
        mean(
            log,
            l -> (model == null ? l.weight() * l.reward() : doublyRobust(l, model)) - l.reward());
    return new Supported(ips, snips, dr, gain, effective);
  }

  private static double doublyRobust(Logged decision, RewardModel model) {
    double direct =
        decision.target().entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .mapToDouble(e -> e.getValue() * model.reward(decision, e.getKey()))
            .sum();
    double left = decision.reward() - model.reward(decision, decision.chosen());
    return direct + decision.weight() * left;
  }

  private static Interval mean(List<Logged> log, ToDoubleFunction<Logged> value) {
    int n = log.size();
    double mean = log.stream().mapToDouble(value).average().orElseThrow();
    double squares =
        log.stream().mapToDouble(l -> Math.pow(value.applyAsDouble(l) - mean, 2)).sum();
    return Interval.of(mean, n < 2 ? 0 : Math.sqrt(squares / (n - 1) / n));
  }
}
