package dev.tutti.starter;

import java.util.random.RandomGenerator;

/**
 * Differences of two numbers of two or three digits, the larger first: {@code 512-87=} asks for
 * {@code 425}.
 */
public final class SubtractionTask implements Task {

  /** The name of this task. */
  public static final String NAME = "subtraction";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Draft draw(RandomGenerator random) {
    int one = Digits.twoOrThree(random);
    int other = Digits.twoOrThree(random);
    int a = Math.max(one, other);
    int b = Math.min(one, other);
    return Draft.direct(isHeldOut(a, b), a + "-" + b + "=", Integer.toString(a - b));
  }

  /** Whether a-b belongs to the held-out part. */
  public static boolean isHeldOut(int a, int b) {
    return Split.heldOut(Split.key(a + "-" + b));
  }
}
