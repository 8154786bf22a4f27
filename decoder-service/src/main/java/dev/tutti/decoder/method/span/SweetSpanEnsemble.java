package dev.tutti.decoder.method.span;

import dev.tutti.decoder.JointEnsemble;
import dev.tutti.decoder.TokenMember;
import dev.tutti.decoder.span.Ballot;
import dev.tutti.decoder.span.SpanChoice;
import dev.tutti.decoder.span.SpanChoice.Choice;
import dev.tutti.decoder.span.SpanPlan;
import dev.tutti.decoder.span.TextJoin;
import dev.tutti.decoder.span.WordSegmenter;
import dev.tutti.kit.settings.Setting;
import java.util.List;

/**
 * SweetSpan: every member proposes a span of a fixed number of words, all judge all by perplexity,
 * judgements that cannot be trusted are dropped, and the answer goes on with the span of the least
 * mean of those that are left.
 *
 * <p>Paper: Xu, Chen, Wu, Zhang, "Hit the Sweet Spot! Span-Level Ensemble for Large Language
 * Models", COLING 2025 (arXiv 2409.18583). With {@code L_ij = ln PPL_i(s_j | prefix)}, {@code j* =
 * argmin_j mean_{i in kept(j)} L_ij}.
 *
 * <p>A span has four words, as the survey's example has. Neither the paper's length nor its filter
 * is published as a formula that could be followed to the letter, so the filter is a setting
 * ({@link ScoreFilter}). ADAPT is the default: a judge is dropped whose mean over the round's
 * candidates is more than delta above the surest judge's; delta is 3 nats, as less drops judges of
 * worth on generated sums of the starter models and more changes nothing there. MAD, SELF and TRIM
 * drop single judgements; so that candidates averaged over different judges can be compared, each
 * judge's mean is taken from its judgements before. With fewer judges than they need (SELF 3, TRIM
 * 4) they drop nothing. The mean is over the members' weights, equal where none are given. Cost of
 * a request: as Cool-Fusion's without its rerank, with fewer and longer spans.
 *
 * <p>Departures: a span that ends with the answer is shorter, which the mean over its tokens allows
 * for; the end competes as its last token; a span has at most {@code longest} tokens; {@code
 * per_byte}, equal spans, what a member cannot write, drawing and NaN are as in {@link
 * CoolFusionEnsemble}.
 */
public final class SweetSpanEnsemble implements JointEnsemble {

  private final Settings settings;

  /**
   * What can be set.
   *
   * @param words of a span, 1 to 64
   * @param filter of judgements
   * @param delta nats, at least 0
   * @param window words, 0 to 16
   * @param longest tokens, 1 to 256
   * @param perByte whether perplexities are per byte
   */
  public record Settings(
      @Setting(help = "Words of a span.", unit = "words", min = 1, max = 64) int words,
      @Setting(
              help =
                  "Which judgements do not count: none; mad, far from the median; self, of what the"
                      + " judge wrote; trim, the highest and the lowest; adapt, of judges that find"
                      + " all candidates improbable.")
          ScoreFilter filter,
      @Setting(
              help =
                  "By how much a judge's mean log-perplexity may be above the surest judge's, for"
                      + " adapt.",
              unit = "nats",
              min = 0,
              max = 20)
          double delta,
      @Setting(
              help = "Words before a span that are cut into tokens again together with it.",
              unit = "words",
              min = 0,
              max = 16)
          int window,
      @Setting(help = "Most tokens of a span.", unit = "tokens", min = 1, max = 256) int longest,
      @Setting(
              help =
                  "Whether a perplexity is the mean over bytes, which vocabularies share, instead of"
                      + " over the judge's tokens.")
          boolean perByte) {

    /**
     * Four words as in the survey's example; delta as generated sums of the starter models want it.
     */
    public static final Settings DEFAULTS = new Settings(4, ScoreFilter.ADAPT, 3, 4, 64, false);
  }

  /** The method with these settings. */
  public SweetSpanEnsemble(Settings settings) {
    this.settings = settings;
  }

  @Override
  public SpanPlan plan(List<TokenMember> members) {
    List<TextJoin> joins = TextJoin.of(members, settings.window());
    return SpanPlan.of(
        members,
        joins,
        new WordSegmenter(joins, settings.words(), settings.longest()),
        this::choice,
        settings.perByte(),
        0);
  }

  /** The same in every round. */
  private SpanChoice.State choice(double[] weights) {
    return new SpanChoice.State() {
      @Override
      public Choice choose(Ballot ballot) {
        return new Choice(best(ballot, weights), this);
      }
    };
  }

  private int best(Ballot ballot, double[] weights) {
    double[][] kept = settings.filter().filter(ballot, settings.delta());
    int best = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int c = 0; c < ballot.candidates(); c++) {
      double sum = 0;
      double total = 0;
      for (int m = 0; m < weights.length; m++) {
        if (kept[m] != null && !Double.isNaN(kept[m][c])) {
          sum += weights[m] * kept[m][c];
          total += weights[m];
        }
      }
      if (sum / total < least) {
        least = sum / total;
        best = c;
      }
    }
    return best;
  }
}
