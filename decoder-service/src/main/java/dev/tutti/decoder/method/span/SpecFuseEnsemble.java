package dev.tutti.decoder.method.span;

import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.span.DraftSegmenter;
import dev.tutti.decoder.span.SpanPlan;
import dev.tutti.decoder.span.TextJoin;
import dev.tutti.kit.settings.Setting;
import java.util.List;

/**
 * SpecFuse (later SpecEM): every member drafts a few tokens, all verify all drafts, and the answer
 * goes on with the one of the greatest weighted score; judges whose own drafts win come to weigh
 * more, and members that fall behind leave.
 *
 * <p>Paper: Lv et al., "SpecFuse: Ensembling Large Language Models via Next-Segment Prediction",
 * 2024 (arXiv 2412.07380), and its published code, which is of the later SpecEM. Drafts of L = 10
 * tokens at temperature .6 and top-p .9 are cut back to their last whole word. With {@code s_ij}
 * member i's mean log-probability of draft j, {@code V_ij = softmax_j s_ij}. In round t, with K
 * members left, {@code r_i = max(1, #{(j, k): j != i, k != i, V_ji >= V_jk}) / (K - 1)^2}, {@code
 * eta_t = lr sqrt(1 / K) / t}, {@code w_i <- w_i exp(eta_t r_i)}, scaled to sum 1; then {@code j* =
 * argmax_j sum_i w_i V_ij}. Exit: {@code P = softmax(sum over rounds of each draft's score)}; from
 * the second round on i leaves where {@code P_i < rho / K} and {@code H(P) < .9 ln K}, the least
 * first, and never below two members.
 *
 * <p>Weights begin as the members' over their sum, and anew with every answer. lr is 1, and 0 turns
 * the feedback off; rho is .3. Cost of a request: as Cool-Fusion's without its rerank, and what is
 * cut back is drafted anew.
 *
 * <p>Departures: the code takes the mean of raw logits and divides by their sum, which has no
 * meaning where some are negative, so scores are the softmax of mean log-probabilities; the paper's
 * exit is not in its code and its formula not published, so it is the one above; where all drafts
 * are equal nobody verifies and no weight changes; a draft that is blank or a lone full stop is
 * ignored where there is another; drafts are rows of one pass where the graph takes several, and
 * have a pass each where not, as graphs take no tree of drafts. The end, {@code per_byte}, what a
 * member cannot write and NaN are as in {@link CoolFusionEnsemble}.
 */
public final class SpecFuseEnsemble implements JointEnsemble {

  private final Settings settings;

  /**
   * What can be set.
   *
   * @param draft tokens, 1 to 256
   * @param temperature of an answer that asks for none, 0 to 2
   * @param topP in (0, 1]
   * @param learningRate 0 to 100
   * @param exit rho, 0 to 1
   * @param window words, 0 to 16
   * @param perByte whether scores are per byte
   */
  public record Settings(
      @Setting(help = "Tokens of a draft.", unit = "tokens", min = 1, max = 256) int draft,
      @Setting(help = "Temperature of drafts where the request names none.", min = 0, max = 2)
          double temperature,
      @Setting(help = "Probability mass that drafts are drawn from, at most.", min = 0.001, max = 1)
          double topP,
      @Setting(
              help = "How fast judges gain weight by winning; 0 leaves weights as they are.",
              min = 0,
              max = 100)
          double learningRate,
      @Setting(
              help =
                  "A member leaves whose share of the quality falls below this part of an equal"
                      + " share; 0 keeps all.",
              min = 0,
              max = 1)
          double exit,
      @Setting(
              help = "Words before a draft that are cut into tokens again together with it.",
              unit = "words",
              min = 0,
              max = 16)
          int window,
      @Setting(
              help =
                  "Whether a score is the mean over bytes, which vocabularies share, instead of over"
                      + " the judge's tokens.")
          boolean perByte) {

    /** As published; the learning rate, and what was not, as in the class's description. */
    public static final Settings DEFAULTS = new Settings(10, .6, .9, 1, .3, 4, false);
  }

  /** The method with these settings. */
  public SpecFuseEnsemble(Settings settings) {
    this.settings = settings;
  }

  @Override
  public SpanPlan plan(List<TokenMember> members) {
    return SpanPlan.of(
            members,
            TextJoin.of(members, settings.window()),
            new DraftSegmenter(settings.draft()),
            weights -> HedgedVerifiers.begin(weights, settings.learningRate(), settings.exit()),
            settings.perByte(),
            settings.temperature())
        .within(settings.topP());
  }
}
