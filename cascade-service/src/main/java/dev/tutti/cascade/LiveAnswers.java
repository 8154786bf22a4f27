package dev.tutti.cascade;

import dev.tutti.kit.calls.AnswerSignals;
import dev.tutti.kit.calls.Turn;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Members that answer while a fit is at work, for money. The same asked again is given again and
 * not paid twice. For the fit's own thread.
 */
public interface LiveAnswers {

  /**
   * A call of a member.
   *
   * @param member its name
   * @param turns the conversation, oldest first; at least one
   * @param maxTokens most tokens of the answer; at least 1
   * @param logprobs whether the answer is to tell log-probabilities
   * @param greedy whether its likeliest tokens are taken; else the member samples as it does
   */
  record LiveCall(
      String member, List<Turn> turns, int maxTokens, boolean logprobs, boolean greedy) {}

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
   * What a call costs at most, US dollars, by the member's prices and the length of the prompt;
   * empty where these do not tell: of an ensemble.
   */
  OptionalDouble mostUsd(LiveCall call);

  /**
   * Asks a member.
   *
   * @param usd what must be left for an answer that was not paid for yet
   * @return empty where it is not
   */
  Optional<LiveAnswer> ask(LiveCall call, double usd);

  /** The embedding of a text, as those of recorded texts are. */
  float[] embed(String text);
}
