package dev.tutti.router.decision;

import dev.tutti.generation.v1.Usage;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * What one call used and cost.
 *
 * @param promptTokens tokens read, over all members
 * @param completionTokens tokens written, over all members
 * @param usd US dollars, to the picodollar: prices of up to six decimals per million tokens are
 *     exact
 * @param estimated whether an endpoint told no usage, so that tokens were estimated
 */
public record Spend(long promptTokens, long completionTokens, BigDecimal usd, boolean estimated) {

  /** Nothing. */
  public static final Spend NOTHING = new Spend(0, 0, BigDecimal.ZERO, false);

  static final int DECIMALS = 12;

  /** As much as the table holds: whatever a number says, no row is lost to it. */
  private static final double MOST_USD = 1e11;

  /** Tokens read and written. */
  public double tokens() {
    return (double) promptTokens + completionTokens;
  }

  /** As much of a sum as can be spent: from 0 to 1e11 US dollars, 0 for what is no number. */
  public static double bounded(double usd) {
    return Double.isNaN(usd) ? 0 : Math.clamp(usd, 0, MOST_USD);
  }

  /** What an answer used and cost; what cannot be is as much as can, and marked as estimated. */
  public static Spend of(Usage usage, double usd) {
    double bounded = bounded(usd);
    long prompt = Math.max(0, usage.getPromptTokens());
    long completion = Math.max(0, usage.getCompletionTokens());
    return new Spend(
        prompt,
        completion,
        // The sum of a few products of doubles is off by less than this rounds.
        BigDecimal.valueOf(bounded).setScale(DECIMALS, RoundingMode.HALF_EVEN),
        usage.getEstimated()
            || bounded != usd
            || prompt != usage.getPromptTokens()
            || completion != usage.getCompletionTokens());
  }
}
