package dev.tutti.cascade.method.prompt;

import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.calls.Turn;
import java.util.List;

/** What prompts that methods write take: of money, and of a member's context. */
public final class PromptCost {

  /** What a token is taken for. */
  public static final int CHARACTERS_PER_TOKEN = 4;

  private static final double MILLION = 1e6;

  private PromptCost() {}

  /**
   * What one answer to this prompt is expected to cost at most, US dollars: what one to the request
   * as it was asked is, and what reading the prompt costs. Of a member without a price of its own,
   * an ensemble, reading so much more costs as many times more.
   */
  public static double usd(MemberCard card, Query query, Prompt prompt) {
    return switch (prompt) {
      case Prompt.AsAsked _ -> card.expectedUsd();
      case Prompt.Rewritten its -> {
        double written = characters(its.turns());
        double usd =
            card.usdPerMillionPromptTokens() > 0
                ? Math.ceil(written / CHARACTERS_PER_TOKEN)
                    * card.usdPerMillionPromptTokens()
                    / MILLION
                : card.expectedUsd() * written / Math.max(1, characters(query.turns()));
        yield card.expectedUsd() + usd;
      }
    };
  }

  /**
   * Whether a member's context holds a prompt and an answer to it, at four characters a token; true
   * where nobody tells its length.
   *
   * @param characters of the answer
   */
  public static boolean fits(MemberCard card, Prompt.Rewritten prompt, long characters) {
    long all = characters(prompt.turns()) + characters;
    return card.contextLength().isEmpty()
        || all <= (long) CHARACTERS_PER_TOKEN * card.contextLength().getAsInt();
  }

  private static long characters(List<Turn> turns) {
    return turns.stream().mapToLong(turn -> turn.text().length()).sum();
  }
}
