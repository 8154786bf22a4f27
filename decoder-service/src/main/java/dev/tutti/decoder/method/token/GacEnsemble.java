package dev.tutti.decoder.method.token;

import dev.tutti.decoder.FusionPlan;
import dev.tutti.decoder.Heard;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.StepCombiner;
import dev.tutti.decoder.StepGate;
import dev.tutti.decoder.TokenMember;
import dev.tutti.kit.settings.FitsMembers;
import dev.tutti.kit.settings.Setting;
import java.util.List;
import java.util.OptionalInt;

/**
 * GaC, "generation as classification": the members' next-token probabilities are averaged over the
 * union of their vocabularies, and the winner is fed back to each.
 *
 * <p>Paper: Yu, Kuo, Ye, Chang, Li, "Breaking the Ceiling of the LLM Community by Treating Token
 * Generation as a Classification for Ensembling", Findings of EMNLP 2024 (arXiv 2406.12585). At
 * each step {@code p(u) = sum_i w_i (p_i M_i)[u]}, where {@code M_i} moves member i's tokens onto
 * the union {@code U}, and the answer goes on with {@code argmax_u p(u)}.
 *
 * <p>{@code w_i} are the members' weights (their benchmark scores) divided by their sum, so equal
 * where none are given. Mass on a member's special tokens other than its end is lost, not spread.
 * In thresholded mode (threshold below 1) a primary member goes first: where {@code max_v p_g(v) >=
 * threshold} its distribution stands alone and the others read the token later, several at once.
 * {@link LikelihoodWeights} and {@link SureVotes}, both off by default, weigh the members anew at
 * each step; the paper has neither.
 *
 * <p>Cost of a request: each member reads the prompt once and takes one forward pass a step, less
 * where the threshold lets it sit out; aligning adds one pass over the vocabulary a member.
 *
 * <p>Departures from the paper: the default threshold is 1 (always all members), as the published
 * configuration has it, not the paper's 0.5; prompts beyond a member's context are refused instead
 * of cut to 75 % of it; bytes are unified over the whole range 0x00-0xFF, where the code stops at
 * 0x7F; an answer that asks for a temperature is drawn from {@code p}, which the paper does not
 * have. A member whose numbers are NaN is left out from that step on.
 */
public final class GacEnsemble implements JointEnsemble {

  private final Settings settings;

  /**
   * What can be set.
   *
   * @param threshold in [0, 1]; 1 for always all members
   * @param primary index of the primary member
   * @param eta see {@link LikelihoodWeights}, and so for the next three; these need a threshold of
   *     1
   * @param entropyScale see {@link SureVotes}, nats
   */
  public record Settings(
      @Setting(
              help =
                  "The primary member's token stands alone where its probability is at least this;"
                      + " 1 asks all members at every step.",
              min = 0,
              max = 1)
          double threshold,
      @Setting(
              help =
                  "Position of the primary member among the members, from 0; it counts only where"
                      + " the threshold is below 1.",
              min = 0,
              max = 63)
          int primary,
      @Setting(help = LikelihoodWeights.ETA_HELP, min = 0, max = 10) double eta,
      @Setting(help = LikelihoodWeights.SHARE_HELP, min = 0, max = 1) double share,
      @Setting(help = LikelihoodWeights.PRIOR_HELP, min = 0, max = 10) double prior,
      @Setting(help = LikelihoodWeights.ASLEEP_HELP, min = 0, max = .5) double asleep,
      @Setting(help = SureVotes.HELP, unit = "nats", min = 0, max = 100) double entropyScale)
      implements FitsMembers {

    /** As the published configuration has them. */
    public static final Settings DEFAULTS = new Settings(1, 0);

    /** Weights as the members have them. */
    public Settings(double threshold, int primary) {
      this(threshold, primary, 0, 0, 0, 0, 0);
    }

    /** Refuses what would do nothing. */
    public Settings {
      LikelihoodWeights.requireLearning(eta, share, asleep);
      if (threshold < 1 && (eta > 0 || prior > 0)) {
        throw new IllegalArgumentException(
            "eta is %s and prior is %s; with a threshold below 1 (it is %s) both must be 0."
                .formatted(eta, prior, threshold));
      }
    }

    @Override
    public void requireFit(int members) {
      if (primary >= members) {
        throw new IllegalArgumentException(
            "primary is %d; with %d members it must be within 0..%d."
                .formatted(primary, members, members - 1));
      }
      LikelihoodWeights.requireRest(share, asleep, members);
    }
  }

  /** The method with these settings. */
  public GacEnsemble(Settings settings) {
    this.settings = settings;
  }

  @Override
  public FusionPlan plan(List<TokenMember> members) {
    settings.requireFit(members.size());
    double sum = members.stream().mapToDouble(TokenMember::weight).sorted().sum();
    return new FusionPlan(
        members,
        members.stream().map(member -> member.weight() / sum).toList(),
        settings.threshold() < 1
            ? (weights, _) ->
                new ConfidentPrimary(settings.primary(), settings.threshold(), weights)
            : LikelihoodWeights.of(
                members, settings.eta(), settings.share(), settings.prior(), settings.asleep()),
        new UnionVocabulary(members),
        SureVotes.of(settings.entropyScale(), StepCombiner.MEAN),
        0);
  }

  /** {@code max_v p_g(v) >= threshold}, the same at every step. */
  private record ConfidentPrimary(int primary, double threshold, double[] weights)
      implements StepGate.State {
    @Override
    public OptionalInt scout() {
      return OptionalInt.of(primary);
    }

    @Override
    public StepGate.Verdict judge(int scout, Heard heard) {
      return heard.highest() >= threshold ? StepGate.Verdict.ALONE : StepGate.Verdict.TOGETHER;
    }
  }
}
