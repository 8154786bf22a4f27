package dev.tutti.decoder;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A token ensemble over the members' most probable pieces, so that members behind endpoints can
 * take part. Immutable.
 *
 * @param members in the order of the recipe
 * @param weights one a member, in the same order; at least 0, sum 1
 * @param indexes of the members' pieces; of an endpoint's member without content
 * @param k pieces that each member lists, at least 1
 * @param unlisted nats by which a piece that an endpoint did not list is below the least that it
 *     did; at least 0
 * @param gate who takes part in a step, by which weights
 * @param combiner of the members' scores, which are logarithms, over the union of the pieces
 * @param temperature of an answer that asks for none; 0 where the method is greedy
 */
public record TopPlan(
    List<TokenMember> members,
    List<Double> weights,
    List<PieceIndex> indexes,
    int k,
    double unlisted,
    StepGate gate,
    StepCombiner combiner,
    double temperature)
    implements TokenPlan {

  /** Refuses weights that do not belong to the members or do not sum to 1. */
  public TopPlan {
    members = List.copyOf(members);
    weights = List.copyOf(weights);
    indexes = List.copyOf(indexes);
    Objects.requireNonNull(gate, "gate");
    Objects.requireNonNull(combiner, "combiner");
    if (members.isEmpty() || weights.size() != members.size() || indexes.size() != members.size()) {
      throw new IllegalArgumentException(
          "%d weights for %d members".formatted(weights.size(), members.size()));
    }
    double sum = weights.stream().mapToDouble(Double::doubleValue).sum();
    if (Math.abs(sum - 1) > 1e-9) {
      throw new IllegalArgumentException("The weights sum to " + sum + ", not 1.");
    }
  }

  @Override
  public FusedSession open(List<? extends MemberPrompt> prompts, StepRunner runner) {
    return new FusedSession(
        this,
        Optional.empty(),
        IntStream.range(0, prompts.size())
            .mapToObj(m -> new TopMember(k, prompts.get(m).openTop(indexes.get(m), unlisted)))
            .toList(),
        runner);
  }
}
