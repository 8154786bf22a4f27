package dev.tutti.cascade.method.agent;

import dev.tutti.cascade.BudgetException;
import dev.tutti.cascade.FittedCascade.Progress;
import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.numerics.Interruption;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Shuffle;
import dev.tutti.numerics.network.FeedForward;
import dev.tutti.numerics.network.ProximalPolicy;
import dev.tutti.numerics.network.ProximalPolicy.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * How an agent learns: the paper's Algorithm 1 over recorded steps, or live ones: then it ends
 * where its share of the money does not pay the next answer.
 */
final class AgentFit {

  /** Numbers that a buffer's states have together; 128 MiB. */
  private static final long MOST_NUMBERS = 1 << 24;

  /** Weights of a network; with what its training keeps beside them some 100 MiB. */
  private static final long MOST_WEIGHTS = 1 << 20;

  private static final int MOST_AGENTS = 32;

  /** Share of the money that is left for the questions that thresholds are chosen on. */
  private static final double TUNING = .3;

  private AgentFit() {}

  /**
   * Refuses what does not fit in memory.
   *
   * @throws IllegalArgumentException that names the setting
   */
  static void requireRoom(AgentState sees, DerFit.Settings settings) {
    if (settings.alpha().size() > MOST_AGENTS) {
      throw new IllegalArgumentException(
          "alpha has %d weights, an agent each; at most %d are trained."
              .formatted(settings.alpha().size(), MOST_AGENTS));
    }
    long numbers = (long) settings.buffer() * sees.steps() * sees.width();
    if (numbers > MOST_NUMBERS) {
      throw new IllegalArgumentException(
          "A buffer of %d episodes of %d steps that see %d numbers each keeps %d numbers; at most %d are kept. Choose a lower buffer, or fewer steps or axes."
              .formatted(settings.buffer(), sees.steps(), sees.width(), numbers, MOST_NUMBERS));
    }
    long weights = (long) settings.units() * sees.width();
    if (weights > MOST_WEIGHTS) {
      throw new IllegalArgumentException(
          "A layer of %d units that see %d numbers each has %d weights; at most %d are learned. Choose fewer units or axes."
              .formatted(settings.units(), sees.width(), weights, MOST_WEIGHTS));
    }
  }

  /**
   * Refuses to look at what no answer brings.
   *
   * @throws IllegalArgumentException that names the setting
   */
  static void requireSignals(RecordedOutcomes data, DerFit.Settings settings) {
    boolean told =
        data.rows().stream()
            .flatMap(row -> row.outcomes().stream())
            .flatMap(Optional::stream)
            .anyMatch(answer -> AgentState.tells(answer.signals()));
    if (settings.signals() && !told) {
      throw new IllegalArgumentException(
          "No answer was recorded with log-probabilities; signals needs some, or false.");
    }
  }

  /**
   * Learns.
   *
   * @param agent which of the weights of cost it has
   * @param returns gets the mean return of the episodes of each epoch, in the agent's row; NaN of
   *     one that was not begun
   * @throws BudgetException where its part of the money pays answers to less than a buffer
   */
  static FeedForward fit(
      RecordedSteps episodes,
      AgentState sees,
      DerFit.Settings settings,
      int agent,
      Matrix returns,
      RandomGenerator random,
      Progress progress) {
    double alpha = settings.alpha().get(agent);
    Optional<HandedOn> live = episodes.answers().live();
    live.ifPresent(its -> its.reserve(reserve(agent, settings.alpha().size())));
    int from = agent * settings.epochs();
    Arrays.fill(returns.values(), from, from + settings.epochs(), Float.NaN);
    var policy =
        new ProximalPolicy(
            new ProximalPolicy.Settings(
                settings.clip(),
                settings.discount(),
                settings.rate(),
                settings.rate(),
                settings.updates(),
                settings.batch(),
                settings.advantage(),
                settings.entropy(),
                settings.decay()),
            sees.width(),
            settings.units(),
            sees.members(),
            random);
    var buffer = new ArrayList<List<Step>>();
    boolean paid = true;
    int all = 0;
    for (int epoch = 0; epoch < settings.epochs() && paid; epoch++) {
      double sum = 0;
      int drawn = 0;
      int at = agent * settings.epochs() + epoch;
      String its =
          "train: the agent of alpha %s, epoch %d of %d"
              .formatted(alpha, epoch + 1, settings.epochs());
      for (int row : Shuffle.of(episodes.size(), random)) {
        Interruption.check();
        Optional<List<Step>> episode = episodes.draw(row, alpha, policy, random);
        paid = episode.isPresent();
        if (!paid) {
          break;
        }
        drawn++;
        all++;
        sum += episode.get().stream().mapToDouble(Step::reward).sum();
        buffer.add(episode.get());
        if (buffer.size() == settings.buffer()) {
          policy.learn(buffer, random);
          buffer.clear();
        }
        if (live.isPresent()) {
          progress.told(
              at,
              returns.values().length,
              "%s: %d of %d questions, %.4f US dollars are left"
                  .formatted(its, drawn, episodes.size(), live.get().usdLeft()));
        }
      }
      if (drawn > 0) {
        returns.values()[at] = (float) (sum * episodes.answers().size(alpha) / drawn);
      }
      progress.told(
          at + 1,
          returns.values().length,
          "%s: mean return %.3f%s"
              .formatted(its, returns.values()[at], paid ? "" : "; its money is spent"));
    }
    if (!paid) {
      requireSome(all, Math.min(settings.buffer(), episodes.size()), alpha);
    }
    if (!buffer.isEmpty()) {
      policy.learn(buffer, random);
    }
    return policy.actor();
  }

  /** An agent that has learned next to nothing is none, however much was paid. */
  private static void requireSome(int drawn, int least, double alpha) {
    if (drawn < least) {
      throw new BudgetException(
          "The part of the money of the agent of alpha %s pays members' answers to %d questions; at least %d are needed, a buffer or all. Choose a higher budget_usd, fewer alpha, lower max_tokens, or a lower buffer."
              .formatted(alpha, drawn, least));
    }
  }

  /** Money of which each agent's part pays this much. */
  static double leastUsd(DerFit.Settings settings, double usd) {
    return usd * settings.alpha().size() / (1 - TUNING);
  }

  /** The share of the money that an agent leaves to those after it, and to the tuning. */
  private static double reserve(int agent, int agents) {
    return TUNING + (1 - TUNING) * (agents - 1 - agent) / agents;
  }
}
