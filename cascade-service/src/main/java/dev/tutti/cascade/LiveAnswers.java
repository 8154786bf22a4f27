package dev.tutti.cascade;

import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Turn;
import java.util.List;
import java.util.Optional;

/**
 * Members that answer while a fit is at work, for money. The same asked again is given again and
 * not paid twice. For the fit's own thread.
 */
public interface LiveAnswers {

  /**
   * What came of asking a member.
   *
   * @param text empty where it had no answer; may be blank
   * @param signals what the answer says of itself
   * @param usd what it cost, US dollars
   */
  record LiveAnswer(Optional<String> text, AnswerSignals signals, double usd) {}

  /** What is left to spend, US dollars; at least 0. */
  double usdLeft();

  /**
   * Asks a member. What it costs is known afterwards: whoever is not to spend more than is left
   * asks only where that is plenty.
   *
   * @param member its name
   * @param turns the conversation, oldest first; at least one
   * @param logprobs whether the answer is to tell log-probabilities
   */
  LiveAnswer ask(String member, List<Turn> turns, boolean logprobs);

  /** The embedding of a text, as those of recorded texts are. */
  float[] embed(String text);
}
