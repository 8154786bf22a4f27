package dev.tutti.cascade.tuning;

import java.util.Arrays;

/**
 * When a member's answer is accepted, and when none is given: the numbers of a {@link
 * TunedPoints.Point}. Shared, not copied.
 *
 * @param values first one a member, above which confidence its answer is accepted, {@link
 *     #LEFT_OUT} where it is not asked, {@link #ALWAYS} where every answer is; then one a member,
 *     up to which confidence nobody is asked any more and no answer is given, {@link #ALWAYS} below
 *     every confidence where that never happens
 */
public record StageThresholds(float[] values) {

  /** Above every confidence: the member is not asked. */
  public static final float LEFT_OUT = 2;

  /** Below every confidence, and below none: what exceeds it is every answer. */
  public static final float ALWAYS = -1;

  /** Nobody is asked yet. */
  static StageThresholds of(int members) {
    var values = new float[2 * members];
    Arrays.fill(values, 0, members, LEFT_OUT);
    Arrays.fill(values, members, 2 * members, ALWAYS);
    return new StageThresholds(values);
  }

  /** Above it an answer of a member is accepted. */
  public float accept(int member) {
    return values[member];
  }

  /** Up to it no answer is given. */
  public float abstain(int member) {
    return values[values.length / 2 + member];
  }

  /** Whether a member is not asked. */
  public boolean leavesOut(int member) {
    return values[member] == LEFT_OUT;
  }

  /** Whether every answer of a member is accepted. */
  public boolean acceptsAll(int member) {
    return values[member] == ALWAYS;
  }

  void accept(int member, double threshold) {
    values[member] = (float) threshold;
  }

  void abstain(int member, double threshold) {
    values[values.length / 2 + member] = (float) threshold;
  }

  StageThresholds copy() {
    return new StageThresholds(values.clone());
  }
}
