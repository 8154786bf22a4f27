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

  private AgentFit() {}

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
