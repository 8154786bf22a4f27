package dev.tutti.decoder.bytes;

import dev.tutti.decoder.FusedSession;
import dev.tutti.decoder.MemberPrompt;
import dev.tutti.decoder.StepCombiner;
import dev.tutti.decoder.StepGate;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.TokenPlan;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A token ensemble over given members that meet byte by byte. Immutable.
 *
 * @param members in the order of the recipe
 * @param weights one a member, in the same order; at least 0, sum 1
 * @param cuts of the members' tokenizers, in the same order
 * @param bounds of each member's heads
 * @param gate who takes part in a step, by which weights
 * @param combiner of the members' probabilities of {@link ByteSymbols}
 * @param temperature of an answer that asks for none; 0 where the method is greedy
 */
public record BytePlan(
    List<TokenMember> members,
    List<Double> weights,
    List<TokenCuts> cuts,
    HeadBounds bounds,
    StepGate gate,
    StepCombiner combiner,
    double temperature)
    implements TokenPlan {

  /** Refuses weights that do not belong to the members or do not sum to 1. */
  public BytePlan {
    members = List.copyOf(members);
    weights = List.copyOf(weights);
    cuts = List.copyOf(cuts);
    Objects.requireNonNull(bounds, "bounds");
    Objects.requireNonNull(gate, "gate");
    Objects.requireNonNull(combiner, "combiner");
    if (members.isEmpty() || weights.size() != members.size() || cuts.size() != members.size()) {
      throw new IllegalArgumentException(
          "%d weights for %d members".formatted(weights.size(), members.size()));
    }
    double sum = weights.stream().mapToDouble(Double::doubleValue).sum();
    if (Math.abs(sum - 1) > 1e-9) {
      throw new IllegalArgumentException("The weights sum to " + sum + ", not 1.");
    }
  }

  /** {@inheritDoc} In bytes. */
  @Override
  public int stepsPerToken(int member) {
    return cuts.get(member).sorted().longest();
  }

  @Override
  public FusedSession open(List<? extends MemberPrompt> prompts, StepRunner runner) {
    return new FusedSession(
        this,
        Optional.of(ByteSymbols.ALL),
        IntStream.range(0, prompts.size())
            .mapToObj(m -> new ByteMember(cuts.get(m), bounds, prompts.get(m).open()))
            .toList(),
        runner);
  }
}
