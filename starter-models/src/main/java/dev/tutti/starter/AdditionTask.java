package dev.tutti.starter;

import java.util.random.RandomGenerator;

/**
 * Sums of two numbers of two or three digits: {@code 123+456=} asks for {@code 579}. Each operand
 * has two or three digits with equal chance. A pair and its commuted pair are always in the same
 * part, so a held-out sum was never seen the other way round.
 */
public final class AdditionTask implements Task {

  /** The name of this task. */
  public static final String NAME = "addition";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Draft draw(RandomGenerator random) {
    int a = Digits.twoOrThree(random);
    int b = Digits.twoOrThree(random);
    return Draft.direct(isHeldOut(a, b), a + "+" + b + "=", Integer.toString(a + b));
  }

  /** Whether a+b (and with it b+a) belongs to the held-out part. */
  public static boolean isHeldOut(int a, int b) {
    return Split.heldOut(Math.min(a, b) * 1000L + Math.max(a, b));
  }
}
