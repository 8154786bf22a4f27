package dev.tutti.cascade;

import dev.tutti.cascade.LiveAnswers.LiveCall;
import dev.tutti.kit.calls.Query;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * A method of this family whose fit asks members live, where it is given money for that.
 * Thread-safe.
 *
 * @param <S> settings of its fit
 */
public interface LiveCascade<S extends Record> extends FittedCascade<S> {

  @Override
  default boolean asksMembers() {
    return true;
  }

  /** The shortest call of a member about a question, as the fit makes them. */
  LiveCall shortestCall(S settings, String member, Query query);

  /**
   * The shortest call of whoever says what an answer to a question is worth, as the fit makes them;
   * empty where nobody is asked. Where it is, no reference is needed.
   */
  Optional<LiveCall> shortestVerdict(S settings, Query query);

  /**
   * The least money with which something can be learned.
   *
   * @param callUsd what must be there for an answer, and the verdict on it, US dollars
   */
  double leastUsd(S settings, double callUsd);

  /**
   * Learns as the fit does, and asks members for answers that are not recorded.
   *
   * @throws BudgetException where the money does not do
   */
  LearnedCascade fit(
      RecordedOutcomes data,
      S settings,
      RandomGenerator random,
      Progress progress,
      LiveAnswers members);
}
