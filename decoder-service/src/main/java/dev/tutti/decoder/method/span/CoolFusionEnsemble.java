package dev.tutti.decoder.method.span;

import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointPlan;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.span.Ballot;
import dev.tutti.decoder.span.RerankPlan;
import dev.tutti.decoder.span.SpanChoice;
import dev.tutti.decoder.span.SpanChoice.Choice;
import dev.tutti.decoder.span.SpanPlan;
import dev.tutti.decoder.span.TextJoin;
import dev.tutti.decoder.span.WordSegmenter;
import dev.tutti.kit.settings.Setting;
import java.util.List;

/**
 * Cool-Fusion: every member proposes its next word, all members tell their perplexity of each
 * proposal, and the answer goes on with the one of the least mean.
 *
 * <p>Paper: Liu, Zhu, Wang et al., "Cool-Fusion: Fuse Large Language Models without Training", 2024
 * (arXiv 2407.19807). {@code PPL_i(s) = exp(-(1/n) sum_t ln p_i(s_t | prefix, s_<t))} with n the
 * tokens of s in member i's own vocabulary; {@code s* = argmin_j sum_i w_i PPL_i(s_j)}. A segment
 * is the shortest piece of text that ends where a word does and at a token edge of every member
 * (there the next piece of its writer would begin a word, and all tokenizers cut the text there).
 * The last k words are cut into tokens again together with what others wrote. With {@code rerank}
 * each member also writes an answer by itself, and of these and the fused one that of the least
 * mean perplexity is told.
 *
 * <p>k is 4 as in the paper; {@code w_i} are the members' weights over their sum, so the paper's
 * plain mean where none are given. Cost of a request with K members: every member writes every
 * segment, and reads up to K - 1 of others, in one pass where its graph takes several rows, else in
 * a pass each; proposals that are equal are read once, and where all are, none is. Rerank costs
 * each member an answer more and K readings of whole answers; nothing is told before it is decided.
 *
 * <p>Departures from the paper, which has no published code: the end competes as part of the
 * segment before it, and counts as a token; a segment has at most {@code longest} tokens; {@code
 * per_byte} divides by bytes instead of tokens; a perplexity is at most e^20, which is also that of
 * what a member cannot write; the proposer's own perplexity is that of the tokens as it wrote them;
 * where two are equal the writer that comes first by name wins; an answer that asks for a
 * temperature has its segments drawn, which the paper does not have. A member whose numbers are NaN
 * is left out from there on.
 */
public final class CoolFusionEnsemble implements JointEnsemble {

  private final Settings settings;

  /**
   * What can be set.
   *
   * @param window words, 0 to 16
   * @param longest tokens, 1 to 256
   * @param perByte whether perplexities are per byte
   * @param rerank whether whole answers compete too
   */
  public record Settings(
      @Setting(
              help = "Words before a segment that are cut into tokens again together with it.",
              unit = "words",
              min = 0,
              max = 16)
          int window,
      @Setting(help = "Most tokens of a segment.", unit = "tokens", min = 1, max = 256) int longest,
      @Setting(
              help =
                  "Whether a perplexity is the mean over bytes, which vocabularies share, instead of"
                      + " over the judge's tokens.")
          boolean perByte,
      @Setting(
              help =
                  "Whether each member also writes an answer by itself, and of all answers the one"
                      + " of the least mean perplexity is told.")
          boolean rerank) {

    /** The window as in the paper. */
    public static final Settings DEFAULTS = new Settings(4, 64, false, false);
  }

  /** The method with these settings. */
  public CoolFusionEnsemble(Settings settings) {
    this.settings = settings;
  }

  @Override
  public JointPlan plan(List<TokenMember> members) {
    List<TextJoin> joins = TextJoin.of(members, settings.window());
    SpanPlan plan =
        SpanPlan.of(
            members,
            joins,
            new WordSegmenter(joins, 1, settings.longest()),
            CoolFusionEnsemble::choice,
            settings.perByte(),
            0);
    return settings.rerank() ? new RerankPlan(plan) : plan;
  }

  /** {@code argmin_j sum_i w_i PPL_ij}, the same in every round. */
  private static SpanChoice.State choice(double[] weights) {
    return new SpanChoice.State() {
      @Override
      public Choice choose(Ballot ballot) {
        return new Choice(best(ballot, weights), this);
      }
    };
  }

  /** The candidate of the least mean perplexity; the first of equal ones. */
  static int best(Ballot ballot, double[] weights) {
    int best = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int c = 0; c < ballot.candidates(); c++) {
      double mean = 0;
      for (int m = 0; m < weights.length; m++) {
        if (ballot.scores()[m] != null) {
          mean += weights[m] * Math.exp(-ballot.scores()[m][c]);
        }
      }
      if (mean < least) {
        least = mean;
        best = c;
      }
    }
    return best;
  }
}
