package dev.tutti.cascade.method.prompt;

import dev.tutti.kit.calls.MemberCard;
import dev.tutti.kit.calls.Prompt;
import dev.tutti.kit.calls.Query;
import dev.tutti.kit.calls.Turn;
import java.util.ArrayList;
import java.util.List;

/** Prompts that methods write. */
public final class Rewriting {

  private static final double CHARACTERS_PER_TOKEN = 4;
  private static final double MILLION = 1e6;

  private Rewriting() {}

  /** A conversation with this at the end of its system message, or as one where it has none. */
  public static List<Turn> instructed(List<Turn> turns, String text) {
    boolean has = turns.getFirst().role() == Turn.Role.SYSTEM;
    String before = has ? turns.getFirst().text() + "\n\n" : "";
    var all = new ArrayList<>(List.of(new Turn(Turn.Role.SYSTEM, before + text)));
    all.addAll(has ? turns.subList(1, turns.size()) : turns);
    return all;
  }

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

  private static long characters(List<Turn> turns) {
    return turns.stream().mapToLong(turn -> turn.text().length()).sum();
  }
}
