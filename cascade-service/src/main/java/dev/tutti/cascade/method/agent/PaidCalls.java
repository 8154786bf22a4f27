package dev.tutti.cascade.method.agent;

import dev.tutti.cascade.LiveAnswers;
import dev.tutti.cascade.LiveAnswers.LiveAnswer;
import dev.tutti.cascade.LiveAnswers.LiveCall;
import dev.tutti.cascade.RecordedOutcomes;
import dev.tutti.cascade.RecordedOutcomes.Recorded;
import dev.tutti.cascade.RecordedOutcomes.Row;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Calls that are made only where the money left pays what each costs at most; where nobody knows
 * that, twice what the member's dearest answer so far did cost, recorded ones among them. For one
 * thread.
 */
final class PaidCalls {

  /** How many times what the dearest answer did cost must be there: prompts differ. */
  private static final double ROOM = 2;

  private final LiveAnswers members;
  private final Map<String, Double> dearest = new HashMap<>();
  private double whole;
  private double reserve;

  PaidCalls(LiveAnswers members, RecordedOutcomes data) {
    this.members = members;
    for (Row row : data.rows()) {
      for (int m = 0; m < data.members().size(); m++) {
        String member = data.members().get(m);
        row.outcomes()
            .get(m)
            .map(Recorded::usd)
            .ifPresent(usd -> dearest.merge(member, usd, Math::max));
      }
    }
    share();
  }

  /** What is left, US dollars. */
  double usdLeft() {
    return members.usdLeft();
  }

  /** From here on shares are of what is left now. */
  void share() {
    whole = members.usdLeft();
  }

  /** From here on this share is not touched. */
  void reserve(double share) {
    reserve = share * whole;
  }

  /**
   * Asks.
   *
   * @return empty where the money does not do
   */
  Optional<LiveAnswer> ask(LiveCall call) {
    double usd = members.mostUsd(call).orElse(ROOM * dearest.getOrDefault(call.member(), 0.0));
    double left = members.usdLeft() - reserve;
    Optional<LiveAnswer> its = left > 0 && left >= usd ? members.ask(call, usd) : Optional.empty();
    its.ifPresent(answer -> dearest.merge(call.member(), answer.usd(), Math::max));
    return its;
  }

  /** The embedding of a text. */
  float[] embed(String text) {
    return members.embed(text);
  }
}
