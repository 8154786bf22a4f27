package dev.tutti.registry.recording;

import dev.tutti.registry.recording.RecordingCounts.Tally;
import dev.tutti.registry.v1.Outcome;

/** What came of one question and member. */
sealed interface Made {

  /** Who was asked. */
  String member();

  /** The same as a count. */
  Tally tally();

  /** What the judge cost, US dollars. */
  default double judgeUsd() {
    return 0;
  }

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

    @Override
    public Tally tally() {
      return new Tally(1, 0, 0, usd, outcome.getScore(), outcome.getCost());
    }
  }

  /**
   * None, or none that could be scored.
   *
   * @param reason for people
   * @param forNow whether another try later may succeed
   */
  record Failed(String member, String reason, boolean forNow, double usd, double judgeUsd)
      implements Made {
    @Override
    public Tally tally() {
      return new Tally(0, 1, 0, usd, 0, usd);
    }
  }

  /** The dataset has one already. */
  record Known(String member) implements Made {
    @Override
    public Tally tally() {
      return new Tally(0, 0, 1, 0, 0, 0);
    }
  }
}
