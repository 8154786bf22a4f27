package dev.tutti.cascade;

/**
 * A method that looks at the answers so far and says whether one of them is good enough. Pure: the
 * same episode gives the same verdict. Thread-safe once built.
 */
public interface DeferralRule {

  /**
   * Decides after a stage.
   *
   * @param episode at least one stage, and at least one that answered where it is exhausted
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
}
