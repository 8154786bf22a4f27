package dev.tutti.cascade.method.agent;

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
      RandomGenerator random) {
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
      returns.values()[agent * settings.epochs() + epoch] =
          (float) (sum * episodes.size(alpha) / episodes.size());
    }
    if (!buffer.isEmpty()) {
      policy.learn(buffer, random);
    }
    return policy.actor();
  }
}
