package dev.tutti.starter;

import java.util.random.RandomGenerator;

/**
 * Sums and differences of three to five numbers of one or two digits, written out step by step from
 * the left: {@code 12+7-5=} asks for {@code 12+7=19; 19-5=14; #### 14}. No value on the way is
 * below 0. No chain of the training part has a step that {@link AdditionTask} or {@link
 * SubtractionTask} hold out.
 */
public final class ChainTask implements Task {

  /** The name of this task. */
  public static final String NAME = "chain";

  private static final int FEWEST_STEPS = 2;
  private static final int MOST_STEPS = 4;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Draft draw(RandomGenerator random) {
    while (true) {
      int steps = random.nextInt(FEWEST_STEPS, MOST_STEPS + 1);
      int value = random.nextInt(1, 100);
      StringBuilder prompt = new StringBuilder().append(value);
      StringBuilder working = new StringBuilder();
      boolean givesAway = false;
      for (int s = 0; s < steps; s++) {
        int operand = random.nextInt(1, 100);
        boolean minus = operand <= value && random.nextBoolean();
        givesAway |= isHeldOutStep(value, minus ? '-' : '+', operand);
        int next = minus ? value - operand : value + operand;
        String operation = (minus ? "-" : "+") + operand;
        prompt.append(operation);
        working.append(value).append(operation).append('=').append(next).append("; ");
        value = next;
      }
      String question = prompt.append('=').toString();
      boolean heldOut = Split.heldOut(Split.key(question));
      if (heldOut || !givesAway) {
        String reference = Integer.toString(value);
        return new Draft(heldOut, question, working + TaskItem.MARK + reference, reference);
      }
    }
  }

  /** Whether a step is a question that another task holds out. */
  static boolean isHeldOutStep(int a, char operator, int b) {
    if (Math.min(a, b) < 10 || Math.max(a, b) > 999) {
      return false;
    }
    return operator == '+' ? AdditionTask.isHeldOut(a, b) : SubtractionTask.isHeldOut(a, b);
  }
}
