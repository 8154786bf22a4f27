package dev.tutti.fusion.method.team;

import dev.tutti.fusion.LearnedFusion;
import dev.tutti.fusion.method.vote.VoteWeights;
import dev.tutti.learning.Parameters;
import java.util.List;
import java.util.Optional;

/**
 * A team, and what it learned of who is to be believed. Immutable.
 *
 * @param team 1 for who belongs to it, 0 for who does not
 * @param network empty where all count alike
 */
public record TeamWeights(VoteWeights team, Optional<SlotNetwork> network)
    implements LearnedFusion {

  private static final List<String> LAYERS = List.of("first", "second", "out");

  /** What was learned before. */
  public TeamWeights(Parameters parameters) {
    this(new VoteWeights(parameters), network(parameters));
  }

  private static Optional<SlotNetwork> network(Parameters parameters) {
    return parameters.matrices().containsKey(LAYERS.getFirst())
        ? Optional.of(
            new SlotNetwork(
                parameters.matrix(LAYERS.get(0)),
                parameters.matrix(LAYERS.get(1)),
                parameters.matrix(LAYERS.get(2))))
        : Optional.empty();
  }

  @Override
  public Parameters parameters() {
    Parameters parameters = team.parameters();
    return network
        .map(
            its ->
                parameters
                    .with(LAYERS.get(0), its.first())
                    .with(LAYERS.get(1), its.second())
                    .with(LAYERS.get(2), its.out()))
        .orElse(parameters);
  }
}
