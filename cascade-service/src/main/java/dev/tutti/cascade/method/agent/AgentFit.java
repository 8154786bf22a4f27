package dev.tutti.cascade.method.agent;

import dev.tutti.cascade.FittedCascade.Progress;
import dev.tutti.numerics.Interruption;
import dev.tutti.numerics.Matrix;
import dev.tutti.numerics.Shuffle;
import dev.tutti.numerics.network.FeedForward;
import dev.tutti.numerics.network.ProximalPolicy;
import dev.tutti.numerics.network.ProximalPolicy.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** How an agent learns: the paper's Algorithm 1 over recorded steps. */
final class AgentFit {

  /** Numbers that a buffer's states have together; 128 MiB. */
  private static final long MOST_NUMBERS = 1 << 24;

  /** Weights of a network; with what its training keeps beside them some 100 MiB. */
  private static final long MOST_WEIGHTS = 1 << 20;

  private static final int MOST_AGENTS = 32;

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
   * Learns.
   *
   * @param agent which of the weights of cost it has
   * @param returns gets the mean return of the episodes of each epoch, in the agent's row
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
    for (int epoch = 0; epoch < settings.epochs(); epoch++) {
      double sum = 0;
      for (int row : Shuffle.of(episodes.size(), random)) {
        Interruption.check();
        List<Step> episode = episodes.draw(row, alpha, policy, random);
        sum += episode.stream().mapToDouble(Step::reward).sum();
        buffer.add(episode);
        if (buffer.size() == settings.buffer()) {
          policy.learn(buffer, random);
          buffer.clear();
        }
      }
      int at = agent * settings.epochs() + epoch;
      returns.values()[at] = (float) (sum * episodes.size(alpha) / episodes.size());
      progress.told(
          at + 1,
          returns.values().length,
          "train: the agent of alpha %s, epoch %d of %d: mean return %.3f"
              .formatted(alpha, epoch + 1, settings.epochs(), returns.values()[at]));
    }
    if (!buffer.isEmpty()) {
      policy.learn(buffer, random);
    }
    return policy.actor();
  }
}
