package dev.tutti.registry.recording;

import dev.tutti.registry.dataset.RefusedLine;
import java.util.List;

/**
 * What a recording would ask, and what that is expected to cost.
 *
 * @param questions lines that can be asked
 * @param refused lines that cannot
 * @param refusals the first of them
 * @param known answers that the dataset has already, and that are not asked for again
 * @param usd US dollars that all calls are expected to cost: by prices, the length of the questions
 *     and the longest answer
 * @param members the same by member
 * @param judgeUsd of that, what the judge is expected to cost
 */
public record Estimate(
    long questions,
    long refused,
    List<RefusedLine> refusals,
    long known,
    double usd,
    List<MemberEstimate> members,
    double judgeUsd) {

  /**
   * Of one member.
   *
   * @param member its name
   * @param calls answers that it is asked for
   * @param usd US dollars that they are expected to cost
   */
  public record MemberEstimate(String member, long calls, double usd) {}
}
