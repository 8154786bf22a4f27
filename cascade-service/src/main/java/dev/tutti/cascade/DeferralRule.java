package dev.tutti.cascade;

import dev.tutti.kit.calls.Episode;
import dev.tutti.kit.calls.SamplingChange;

/**
 * A method that looks at the answers so far and says whether one of them is good enough; members
 * are asked in the order of the recipe ({@link InOrder}). Pure: the same episode gives the same
 * verdict. Thread-safe once built.
 */
public non-sealed interface DeferralRule extends CascadeMethod {

  /**
   * Decides after a stage.
   *
   * @param episode one stage a member that was asked, in the order of the members; at least one,
   *     and at least one that answered where it is exhausted: all were asked, or the budget forbids
   *     it
   * @return never {@link Verdict.Defer} for an exhausted episode; never {@link Verdict.Accept} of a
   *     stage that failed
   */
  Verdict decide(Episode episode);

  /**
   * Whether the next member's answer will be accepted whatever it is, as long as it answers; its
   * text may then be given while it is written.
   *
   * @param episode before that stage; not exhausted
   */
  boolean acceptsNext(Episode episode);

  /**
   * In what members are asked otherwise than the request was, so that answers tell what it needs.
   */
  default SamplingChange sampling() {
    return SamplingChange.NONE;
  }
}
