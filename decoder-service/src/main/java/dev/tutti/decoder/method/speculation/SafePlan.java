package dev.tutti.decoder.method.speculation;

import dev.tutti.decoder.JointPlan;
import dev.tutti.decoder.JointSession;
import dev.tutti.decoder.MemberPrompt;
import dev.tutti.decoder.StepRunner;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.VocabularyAligner;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Members of which one drafts and the others check. Immutable.
 *
 * @param members in the order of the recipe
 * @param weights one a member, in the same order; above 0, sum 1
 * @param vocabulary union of theirs
 * @param kin of each member the first one that has its vocabulary
 * @param settings of the method
 */
record SafePlan(
    List<TokenMember> members,
    List<Double> weights,
    VocabularyAligner vocabulary,
    List<Integer> kin,
    SafeEnsemble.Settings settings)
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
    return new SafeSession(this, readers, runner);
  }
}
