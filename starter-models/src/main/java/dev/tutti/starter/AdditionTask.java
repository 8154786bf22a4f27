package dev.tutti.starter;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Sums of two numbers of two or three digits: {@code 123+456=} asks for {@code 579}. Each operand
 * has two or three digits with equal chance. A pair and its commuted pair are always in the same
 * part, so a held-out sum was never seen the other way round.
 */
public final class AdditionTask implements Task {

  /** The name of this task. */
  public static final String NAME = "addition";

  private static final int MOST_HELD_OUT = 10_000;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public TaskItem train(RandomGenerator random) {
    while (true) {
      int a = operand(random);
      int b = operand(random);
      if (!isHeldOut(a, b)) {
        return item("train", a, b);
      }
    }
  }

  @Override
  public List<TaskItem> heldOut(int count, long seed) {
    if (count < 0 || count > MOST_HELD_OUT) {
      throw new IllegalArgumentException(
          "count = " + count + ", must be within 0.." + MOST_HELD_OUT);
    }
    RandomGenerator random = new SplittableRandom(seed);
    Set<Integer> seen = new HashSet<>();
    List<TaskItem> items = new ArrayList<>(count);
    while (items.size() < count) {
      int a = operand(random);
      int b = operand(random);
      if (isHeldOut(a, b) && seen.add(a * 1000 + b)) {
        items.add(item(Integer.toString(items.size() + 1), a, b));
      }
    }
    return List.copyOf(items);
  }

  /** Whether a+b (and with it b+a) belongs to the held-out part. */
  public static boolean isHeldOut(int a, int b) {
    return Split.heldOut(Math.min(a, b) * 1000L + Math.max(a, b));
  }

  private static TaskItem item(String number, int a, int b) {
    return new TaskItem(NAME + "-" + number, NAME, a + "+" + b + "=", Integer.toString(a + b));
  }

  private static int operand(RandomGenerator random) {
    return random.nextBoolean() ? random.nextInt(10, 100) : random.nextInt(100, 1000);
  }
}
