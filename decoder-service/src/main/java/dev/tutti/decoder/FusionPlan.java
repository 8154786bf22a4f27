package dev.tutti.decoder;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A token ensemble over given members that all tell their whole distribution, and share one
 * vocabulary from the beginning. Immutable.
 *
 * @param members in the order of the recipe
 * @param weights one a member, in the same order; at least 0, sum 1
 * @param gate who takes part in a step, by which weights
 * @param aligner of the members' vocabularies
 * @param combiner of the aligned distributions
 * @param temperature of an answer that asks for none; 0 where the method is greedy
 */
public record FusionPlan(
    List<TokenMember> members,
    List<Double> weights,
    StepGate gate,
    VocabularyAligner aligner,
    StepCombiner combiner,
    double temperature)
    implements TokenPlan {

  /** Refuses weights that do not belong to the members or do not sum to 1. */
  public FusionPlan {
    members = List.copyOf(members);
    weights = List.copyOf(weights);
    Objects.requireNonNull(gate, "gate");
    Objects.requireNonNull(aligner, "aligner");
    Objects.requireNonNull(combiner, "combiner");
    if (members.isEmpty() || weights.size() != members.size()) {
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
        Optional.of(aligner.shared()),
        IntStream.range(0, prompts.size())
            .mapToObj(m -> new AlignedMember(m, aligner, prompts.get(m).open()))
            .toList(),
        runner);
  }
}
