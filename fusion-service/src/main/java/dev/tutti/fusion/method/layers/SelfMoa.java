package dev.tutti.fusion.method.layers;

import dev.tutti.fusion.Deliberation;
import dev.tutti.fusion.method.prompt.Roles;
import dev.tutti.fusion.method.prompt.Said;
import dev.tutti.kit.calls.Call;
import dev.tutti.kit.calls.Call.Generate;
import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.References;
import dev.tutti.kit.calls.SamplingChange;
import dev.tutti.kit.settings.Setting;
import java.util.List;

/**
 * Mixture-of-Agents with one proposer and one layer: a model is sampled k times, then it reads its
 * own answers and writes a better one (Wang et al. 2024, Mixture-of-Agents, arXiv:2406.04692, its
 * single-proposer setting; Li et al. 2025, Self-MoA, arXiv:2502.00674).
 *
 * <p>{@code y = AGG(A(x)_1, .., A(x)_k) + x}: the aggregator gets the conversation as it was, and
 * the k answers as numbered {@link References} in the system message, after what that says already.
 * Another member may aggregate, by its role. Answers that are empty or that failed are dropped;
 * where only one is left there is nothing to aggregate, and it is given as it stands. So is the
 * first answer where the aggregator fails or writes nothing, or the budget forbids to ask it.
 *
 * <p>Once two have answered, and more than are still writing, the others get as long again as these
 * took: the aggregator reads what is there.
 *
 * <p>Defaults: k = 6, temperature 0.7 (the paper's proposers). The aggregator's sampling is the
 * request's. Instructions are ours, not the paper's.
 *
 * <p>Cost per request: k calls of the proposer, at once, and one of the aggregator, whose prompt
 * holds the k answers; its text is passed on while it is written.
 */
public final class SelfMoa implements Deliberation {

  /**
   * Settings.
   *
   * @param samples k
   * @param temperature of the samples
   */
  public record Settings(
      @Setting(help = "How many answers the proposer writes.", min = 1, max = Call.MOST)
          int samples,
      @Setting(
              help = "Temperature of the proposer's answers; at 0 they would all say the same.",
              min = 0,
              max = 2)
          double temperature) {

    /** The defaults. */
    public static final Settings DEFAULTS = new Settings(6, 0.7);
  }

  private final Settings settings;

  /** One with these settings. */
  public SelfMoa(Settings settings) {
    this.settings = settings;
  }

  @Override
  public Step next(Episode episode) {
    int proposer = Roles.first(episode, Roles.PROPOSER).orElse(0);
    int aggregator = Roles.first(episode, Roles.AGGREGATOR).orElse(proposer);
    if (episode.stages().isEmpty()) {
      var change = SamplingChange.temperature(settings.temperature());
      var call = new Generate(proposer, Prompt.AS_ASKED, settings.samples(), change, "");
      return new Ask(List.of(call), 2);
    }
    Said said = Said.in(episode, 1);
    if (said.size() < 2) {
      return said.best("There is one answer, and nothing to add.");
    }
    if (episode.rounds() > 1 || episode.exhausted()) {
      return said.best("Nobody could write an answer of all; the first one stands.");
    }
    References references = References.of(said.texts());
    return new Write(
        references.call(
            episode, aggregator, references.synthesis(), SamplingChange.NONE, "aggregate"),
        "'%s' wrote an answer of %d answers of '%s'."
            .formatted(
                episode.members().get(aggregator).name(),
                said.size(),
                episode.members().get(proposer).name()));
  }

  @Override
  public boolean isEnough(Episode episode, List<Integer> pending) {
    return Said.isEnough(episode, pending);
  }
}
