package dev.tutti.decoder.method.token;

import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.PieceIndex;
import dev.tutti.decoder.StepCombiner.Vote;
import dev.tutti.decoder.StepGate;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.TopPlan;
import dev.tutti.kit.settings.Setting;
import java.util.Arrays;
import java.util.List;

/**
 * UniTE, "union top-k ensembling": at each step the members' k most probable pieces are united,
 * each member rates all of them, and the ratings are averaged. As it takes no more than the top of
 * a distribution, models behind endpoints can be members.
 *
 * <p>Paper: Yao, Wu, Liu, Luo, Han, Li, Guo, Song, "Determine-Then-Ensemble: Necessity of Top-k
 * Union for Large Language Model Ensembling", ICLR 2025 (arXiv 2410.03777). With {@code V_i^k} the
 * texts of member i's k most probable tokens, {@code U = union_i V_i^k}. A member's logit of {@code
 * u in U} is its own where u is in its vocabulary (looked up where u is not in its top k), else
 * that of the first token into which it cuts u: {@code z_i[u] = u in V_i ? l_i(u) :
 * l_i(first(enc_i(u)))}. Then {@code p_i = softmax_U(z_i)} and the answer goes on with {@code
 * argmax_u sum_i lambda_i p_i[u]}. All end tokens are one symbol; other special tokens are not in
 * U. ("Determine" is the choice of members whose task scores differ by about 10 % at most and whose
 * answers are alike in style: the registry tells them by a dataset, and warns whoever registers
 * others.)
 *
 * <p>k is 10 as in the paper; {@code lambda_i} are the members' weights divided by their sum, so
 * 1/K where none are given. Logits and log-probabilities give the same softmax over U. Cost of a
 * request: each model reads the prompt once and takes one forward pass a step; an endpoint reads
 * its prompt and the text so far at every step, and bills it.
 *
 * <p>Departures from the paper: a piece that an endpoint did not list has the log-probability
 * {@code min(least listed, ln(1 - sum of listed)) - unlisted}, as its vocabulary is not known here.
 * Pieces of U that begin by the same token of a member share its probability evenly, where the
 * published code counts it twice or sets a logit of 0. Text is cut into tokens behind a neutral
 * prefix, so there is no bare space to skip, and only the new piece is, not the whole text again.
 * An answer that asks for a temperature is drawn from the average, which the paper does not have. A
 * model whose numbers are NaN is left out from that step on; an endpoint that fails ends the
 * answer.
 */
public final class UniteEnsemble implements JointEnsemble {

  private final Settings settings;

  /**
   * What can be set.
   *
   * @param k at least 1
   * @param unlisted at least 0, nats
   */
  public record Settings(
      @Setting(
              help =
                  "Pieces that each member lists at a step; an endpoint lists as many of them as it"
                      + " tells.",
              min = 1,
              max = 100)
          int k,
      @Setting(
              help =
                  "How far below the least piece that an endpoint lists any other piece is taken to"
                      + " be.",
              unit = "nats",
              min = 0,
              max = 100)
          double unlisted) {

    /** k as in the paper; one nat, as there is nothing published. */
    public static final Settings DEFAULTS = new Settings(10, 1);
  }

  /** The method with these settings. */
  public UniteEnsemble(Settings settings) {
    this.settings = settings;
  }

  @Override
  public TopPlan plan(List<TokenMember> members) {
    double sum = members.stream().mapToDouble(TokenMember::weight).sorted().sum();
    return new TopPlan(
        members,
        members.stream().map(member -> member.weight() / sum).toList(),
        members.stream().map(member -> new PieceIndex(member.tokenizer())).toList(),
        settings.k(),
        settings.unlisted(),
        StepGate.EVERYONE,
        UniteEnsemble::mean,
        0);
  }

  /**
   * {@code p[u] = sum_i lambda_i softmax_U(z_i)[u]}; a member that knows nothing of U is skipped.
   */
  private static void mean(List<Vote> votes, double[] p) {
    Arrays.fill(p, 0);
    for (Vote vote : votes) {
      double[] z = vote.ratings();
      double max = Arrays.stream(z).max().orElseThrow();
      if (max == Double.NEGATIVE_INFINITY) {
        continue;
      }
      double sum = 0;
      for (double value : z) {
        sum += Math.exp(value - max);
      }
      for (int u = 0; u < p.length; u++) {
        p[u] += vote.weight() * Math.exp(z[u] - max) / sum;
      }
    }
  }
}
