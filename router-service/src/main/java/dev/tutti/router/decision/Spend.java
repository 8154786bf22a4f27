package dev.tutti.router.decision;

import dev.tutti.generation.v1.Usage;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * What one call used and cost.
 *
 * @param team who called; {@value #NO_TEAM} until calls carry keys
 * @param promptTokens tokens read, over all members
 * @param completionTokens tokens written, over all members
 * @param usd US dollars, to the picodollar: prices of up to six decimals per million tokens are
 *     exact
 * @param estimated whether an endpoint told no usage, so that tokens were estimated
 */
public record Spend(
    String team, long promptTokens, long completionTokens, BigDecimal usd, boolean estimated) {

  /** Nothing. */
  public static final Spend NOTHING = new Spend("none", 0, 0, BigDecimal.ZERO, false);

  static final int DECIMALS = 12;

  private static final String NO_TEAM = "none";

  /** What an answer used and cost. */
  public static Spend of(Usage usage, double usd) {
    return new Spend(
        NO_TEAM,
        usage.getPromptTokens(),
        usage.getCompletionTokens(),
        // The sum of a few products of doubles is off by less than this rounds.
        BigDecimal.valueOf(usd).setScale(DECIMALS, RoundingMode.HALF_EVEN),
        usage.getEstimated());
  }
}
