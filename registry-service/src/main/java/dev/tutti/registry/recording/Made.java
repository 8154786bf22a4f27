package dev.tutti.registry.recording;

import dev.tutti.registry.v1.Outcome;

/** What came of one question and member. */
sealed interface Made {

  /** Who was asked. */
  String member();

  /**
   * An answer, scored.
   *
   * @param usd what it cost, with the tries before it
   * @param judgeUsd what the judge cost
   */
  record Answered(Outcome outcome, double usd, double judgeUsd) implements Made {
    @Override
    public String member() {
      return outcome.getMember();
    }
  }

  /**
   * None, or none that could be scored.
   *
   * @param reason for people
   * @param forNow whether another try later may succeed
   */
  record Failed(String member, String reason, boolean forNow, double usd, double judgeUsd)
      implements Made {}

  /** The dataset has one already. */
  record Known(String member) implements Made {}
}
