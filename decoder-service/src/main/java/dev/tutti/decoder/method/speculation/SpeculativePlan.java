package dev.tutti.decoder.method.speculation;

import dev.tutti.decoder.JointPlan;
import dev.tutti.decoder.JointSession;
import dev.tutti.decoder.MemberPrompt;
import dev.tutti.decoder.StepCombiner;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.VocabularyAligner;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Members of one vocabulary that propose and check in turn. Immutable.
 *
 * @param members in the order of the recipe
 * @param weights one a member, in the same order; above 0, sum 1
 * @param vocabulary of all of them
 * @param target what the answer is drawn from at every place
 * @param proposed tokens that each member proposes at a time, one a member; at least 1
 */
record SpeculativePlan(
    List<TokenMember> members,
    List<Double> weights,
    VocabularyAligner vocabulary,
    StepCombiner target,
    List<Integer> proposed)
    implements JointPlan {

  @Override
  public double temperature() {
    return 0;
  }

  @Override
  public JointSession open(List<? extends MemberPrompt> prompts, StepRunner runner) {
    List<Reader> readers =
        IntStream.range(0, prompts.size())
            .mapToObj(m -> new Reader(m, members.get(m).name(), vocabulary, prompts.get(m).open()))
            .toList();
    return new SpeculativeSession(this, readers, runner);
  }
}
