package dev.tutti.starter;

import java.util.random.RandomGenerator;

/**
 * Products of two numbers of two digits, written out by the digits of the second: {@code 47*36=}
 * asks for {@code 47*30=1410; 47*6=282; 1410+282=1692; #### 1692}. A pair and its commuted pair are
 * in the same part, and no product of the training part has a step that {@link AdditionTask} holds
 * out.
 */
public final class MultiplicationTask implements Task {

  /** The name of this task. */
  public static final String NAME = "multiplication";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Draft draw(RandomGenerator random) {
    while (true) {
      int a = random.nextInt(10, 100);
      int b = random.nextInt(10, 100);
      int tens = a * (b / 10 * 10);
      int ones = a * (b % 10);
      boolean heldOut = Split.heldOut(Math.min(a, b) * 100L + Math.max(a, b));
      if (!heldOut && ChainTask.isHeldOutStep(tens, '+', ones)) {
        continue;
      }
      String reference = Integer.toString(a * b);
      String working =
          "%d*%d=%d; %d*%d=%d; %d+%d=%s; "
              .formatted(a, b / 10 * 10, tens, a, b % 10, ones, tens, ones, reference);
      return new Draft(heldOut, a + "*" + b + "=", working + TaskItem.MARK + reference, reference);
    }
  }
}
