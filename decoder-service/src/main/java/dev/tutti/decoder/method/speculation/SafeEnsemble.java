package dev.tutti.decoder.method.speculation;

import dev.tutti.decoder.Distribution;
import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.JointPlan;
import dev.tutti.decoder.StepCombiner.Vote;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.TopTokens;
import dev.tutti.decoder.Vocabulary;
import dev.tutti.decoder.method.token.UnionVocabulary;
import dev.tutti.kit.settings.FitsMembers;
import dev.tutti.kit.settings.Setting;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * SAFE, "stable and fast": one member drafts a few tokens, the others check them in one pass each,
 * and the members' distributions are combined only where they disagree or are unsure.
 *
 * <p>Paper: Yun, Ki, Lee, Yang, "When to Ensemble: Identifying Token-Level Points for Stable and
 * Fast LLM Ensembling", 2025 (arXiv 2510.15346). The drafter writes {@code block} tokens; each of
 * the others cuts the text into its own tokens and reads it. From left to right a drafted token
 * {@code t} is accepted unchecked where some member has no border between its own tokens before it
 * (it would be asked in the middle of a token); it stays where (1) the own next token of each of
 * the others is its most probable one, or (2) {@code P(t) = sum_m w_m P_m(t) > 1/2} over the union
 * of the vocabularies, as {@code gac} has it; otherwise the most probable piece of P takes its
 * place, and the rest of the draft is dropped. Where max P is below 1/2 it is sharpened first, as
 * one text in several cuts splits its mass: of the drafter's ten most probable pieces u with {@code
 * P(u) > lambda}, {@code P(u) += sum P(x)} over those of the ten most probable pieces x of P that
 * begin by u and are longer (heuristic); or P is {@code prop prod_m P_m^{w_m}} (geometric).
 *
 * <p>block 5, lambda .1 and the heuristic are the paper's. {@code w_m} are the members' weights
 * divided by their sum.
 *
 * <p>Cost of a request: the drafter takes one pass a drafted token, each other member one a block,
 * so with K members and a share f of tokens that are combined about {@code 1 + (K - 1) (1/block +
 * f)} passes a token instead of K.
 *
 * <p>Departures from the paper: any number of members. A member's most probable piece is held
 * against the text by its bytes; where the text ends within what would be its token, it agrees
 * where the piece begins by the rest of the text. Members with the drafter's vocabulary read its
 * tokens as they are. What is combined and comes to the drafted token does not end the draft. The
 * first block is one token, as the prompts have to be read anyway. Where the request names a
 * temperature (1) is dropped and a drafted token stays with the probability {@code min(1, P(t) /
 * P_drafter(t))}, both shaped by the request's sampling; otherwise it is drawn from P anew. In the
 * geometric mean no probability is below 1e-12. Usage tells a token as written by each member that
 * was heard on it, and as read by the others; drafts that were dropped are nobody's. A member that
 * fails, or cannot write the text, is left out; where that is the drafter, the first of the others
 * drafts.
 */
public final class SafeEnsemble implements JointEnsemble {

  private static final int TOP = 10;
  private static final double UNSURE = .5;
  private static final double FLOOR = 1e-12;

  private final Settings settings;

  /** What becomes of a combined distribution whose most probable piece is below one half. */
  public enum Sharpening {
    /** Longer pieces count for those that they begin by. */
    HEURISTIC,
    /** The geometric mean stands instead of the arithmetic one. */
    GEOMETRIC,
    /** Nothing. */
    NONE
  }

  /**
   * What can be set.
   *
   * @param block tokens that are drafted at a time, 1 to 32
   * @param drafter index of the member that drafts
   * @param sharpen what becomes of a combined distribution that is unsure
   * @param lambda least probability of a piece for which longer ones count, in [0, 1]
   */
  public record Settings(
      @Setting(
              help = "Tokens that are drafted before the others check them.",
              unit = "tokens",
              min = 1,
              max = 32)
          int block,
      @Setting(
              help =
                  "Position of the member that drafts among the members, from 0; best the most"
                      + " capable one.",
              min = 0,
              max = 63)
          int drafter,
      @Setting(
              help =
                  "What becomes of combined probabilities that are all below one half: longer pieces"
                      + " count for those that they begin by, the geometric mean, or nothing.")
          Sharpening sharpen,
      @Setting(
              help =
                  "Least probability of a piece for which longer ones count; only where sharpen is"
                      + " heuristic.",
              min = 0,
              max = 1)
          double lambda)
      implements FitsMembers {

    /** As in the paper. */
    public static final Settings DEFAULTS = new Settings(5, 0, Sharpening.HEURISTIC, .1);

    @Override
    public void requireFit(int members) {
      if (drafter >= members) {
        throw new IllegalArgumentException(
            "drafter is %d; with %d members it must be within 0..%d."
                .formatted(drafter, members, members - 1));
      }
    }

    /**
     * What is picked from where a drafted token does not stay.
     *
     * @param joint what the members hold together
     * @param draft what the drafter alone holds, over the same pieces
     */
    Distribution sharpened(BlockSession.Joint joint, Distribution draft, Vocabulary pieces) {
      Distribution mean = joint.distribution();
      if (sharpen == Sharpening.NONE || mean.probability(mean.mostProbable()) >= UNSURE) {
        return mean;
      }
      double[] sharp =
          sharpen == Sharpening.HEURISTIC
              ? gathered(mean.probabilities(), draft.probabilities(), pieces)
              : geometric(joint.votes(), mean.size());
      double sum = Arrays.stream(sharp).sum();
      for (int u = 0; u < sharp.length; u++) {
        sharp[u] /= sum;
      }
      var sharpened = new Distribution(sharp.length);
      sharpened.setProbabilities(sharp);
      return sharpened;
    }

    private double[] gathered(double[] mean, double[] draft, Vocabulary pieces) {
      double[] sharp = mean.clone();
      int[] longer = TopTokens.of(mean, TOP);
      for (int u : TopTokens.of(draft, TOP)) {
        if (mean[u] > lambda && !pieces.isEnd(u)) {
          for (int x : longer) {
            if (x != u && beginsBy(pieces.bytes(x), pieces.bytes(u))) {
              sharp[u] += mean[x];
            }
          }
        }
      }
      return sharp;
    }
  }

  private static boolean beginsBy(byte[] piece, byte[] start) {
    return piece.length >= start.length
        && Arrays.equals(piece, 0, start.length, start, 0, start.length);
  }

  private static double[] geometric(List<Vote> votes, int size) {
    var product = new double[size];
    for (Vote vote : votes) {
      for (int u = 0; u < size; u++) {
        product[u] += vote.weight() * Math.log(Math.max(vote.ratings()[u], FLOOR));
      }
    }
    Arrays.setAll(product, u -> Math.exp(product[u]));
    return product;
  }

  /** The method with these settings. */
  public SafeEnsemble(Settings settings) {
    this.settings = settings;
  }

  @Override
  public JointPlan plan(List<TokenMember> members) {
    settings.requireFit(members.size());
    double sum = members.stream().mapToDouble(TokenMember::weight).sorted().sum();
    return new SafePlan(
        List.copyOf(members),
        members.stream().map(member -> member.weight() / sum).toList(),
        new UnionVocabulary(members),
        members.stream().map(member -> kin(members, member)).toList(),
        settings);
  }

  private static int kin(List<TokenMember> members, TokenMember member) {
    return IntStream.range(0, members.size())
        .filter(m -> members.get(m).tokenizer().sameAs(member.tokenizer()))
        .findFirst()
        .orElseThrow();
  }
}
