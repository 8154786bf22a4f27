package dev.tutti.starter;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Written-out steps with an error, of the kinds that {@code generalist} and {@code
 * generalist-units} make at temperature 1 on the training part. On chains six of their wrong steps
 * in ten are off by ten in their result, a fifth stand where the right one is below ten, and one in
 * six has another wrong digit, mostly the leading one; sums of products are off by a hundred or a
 * thousand. So are they here, or, where they are to be hard, with more of what is rare: a search
 * ends at what its judge never saw.
 */
final class StepSlips {

  private static final int LARGEST = 9_999;
  private static final double FINAL = 0.06;
  private static final double SMALL = 0.6;

  private StepSlips() {}

  /**
   * Which of an answer's steps goes wrong: seldom the final one, and of the others, where it is to
   * be hard, most often one whose result is below ten.
   */
  static int place(List<String> right, boolean hard, RandomGenerator random) {
    int last = right.size() - 1;
    double kind = random.nextDouble();
    if (kind < FINAL) {
      return last;
    }
    int[] small =
        IntStream.range(0, last).filter(s -> Step.read(right.get(s)).result < 10).toArray();
    return hard && small.length > 0 && kind < SMALL
        ? small[random.nextInt(small.length)]
        : random.nextInt(last);
  }

  /**
   * Steps with an error in one of them, from which the later ones go on; null where no such answer
   * could be written.
   *
   * @param right the right ones, the final answer last
   * @param at index of the one that goes wrong
   */
  static List<String> spoiled(List<String> right, int at, boolean hard, RandomGenerator random) {
    int last = right.size() - 1;
    boolean product = right.getFirst().contains("*");
    if (at == last) {
      int answer = Integer.parseInt(TaskItem.finalAnswer(right.get(last)));
      String wrong = TaskItem.MARK + slip(answer, product, hard, random);
      return Stream.concat(right.subList(0, last).stream(), Stream.of(wrong)).toList();
    }
    List<Step> steps = new ArrayList<>(right.subList(0, last).stream().map(Step::read).toList());
    steps.set(at, spoiled(steps.get(at), product, hard, random));
    for (int s = at + 1; s < steps.size(); s++) {
      Step before = steps.get(s - 1);
      Step step = steps.get(s);
      if (!product) {
        steps.set(s, Step.of(before.result, step.operator, step.b));
      } else if (s == 2) {
        steps.set(s, Step.of(steps.get(0).result, '+', before.result));
      }
    }
    if (steps.stream().anyMatch(step -> step.result < 0 || step.result > LARGEST)) {
      return null;
    }
    return Stream.concat(
            steps.stream().map(Step::written), Stream.of(TaskItem.MARK + steps.getLast().result))
        .toList();
  }

  /**
   * Right steps that end too early, or in the middle of one, or go on where the final answer is
   * due.
   *
   * @param right the right ones, the final answer last
   */
  static List<String> misended(List<String> right, RandomGenerator random) {
    int last = right.size() - 1;
    double kind = random.nextDouble();
    if (kind < 0.6) {
      return right.subList(0, random.nextInt(1, right.size()));
    }
    if (kind < 0.85) {
      int at = random.nextInt(last);
      String begun = Integer.toString(Step.read(right.get(at)).a);
      return Stream.concat(right.subList(0, at).stream(), Stream.of(begun)).toList();
    }
    Step more = Step.of(Step.read(right.get(last - 1)).result, '+', random.nextInt(1, 100));
    return Stream.concat(
            right.subList(0, last).stream(), Stream.of(more.written(), TaskItem.MARK + more.result))
        .toList();
  }

  private static Step spoiled(Step step, boolean product, boolean hard, RandomGenerator random) {
    double kind = random.nextDouble();
    if (kind < 0.06) {
      return Step.of(miscopied(step.a, random), step.operator, step.b);
    }
    if (kind < 0.12) {
      return Step.of(step.a, step.operator, miscopied(step.b, random));
    }
    if (kind < 0.16 && step.operator != '*') {
      return Step.of(step.a, step.operator == '+' ? '-' : '+', step.b);
    }
    return new Step(step.a, step.operator, step.b, slip(step.result, product, hard, random));
  }

  /** Another number from 0 to 9,999: what comes of a slip in reckoning. */
  static int slip(int number, boolean product, boolean hard, RandomGenerator random) {
    String digits = Integer.toString(number);
    double carried = hard ? number < 10 ? 0.25 : 0.5 : 0.65;
    while (true) {
      double kind = random.nextDouble();
      int sign = random.nextBoolean() ? 1 : -1;
      int slipped =
          kind < carried
              ? number + sign * carry(product, hard, random)
              : kind < carried + 0.07
                  ? number + sign * (hard ? random.nextInt(1, 3) : 1)
                  : Integer.parseInt(
                      kind < 0.9
                          ? Digits.changed(digits, random)
                          : kind < 0.95
                              ? Digits.more(digits, random)
                              : Digits.fewer(digits, random));
      if (slipped != number && slipped >= 0 && slipped <= LARGEST) {
        return slipped;
      }
    }
  }

  private static int carry(boolean product, boolean hard, RandomGenerator random) {
    double place = random.nextDouble();
    if (product) {
      return place < 0.15 ? 10 : place < 0.75 ? 100 : 1_000;
    }
    return place < (hard ? 0.75 : 0.92) ? 10 : 100;
  }

  private static int miscopied(int number, RandomGenerator random) {
    String digits = Integer.toString(number);
    while (true) {
      double kind = random.nextDouble();
      int copied =
          Integer.parseInt(
              kind < 0.5
                  ? Digits.changed(digits, random)
                  : kind < 0.9 ? Digits.more(digits, random) : Digits.fewer(digits, random));
      if (copied != number && copied <= LARGEST) {
        return copied;
      }
    }
  }

  private record Step(int a, char operator, int b, int result) {

    static Step of(int a, char operator, int b) {
      return new Step(
          a,
          operator,
          b,
          switch (operator) {
            case '+' -> a + b;
            case '-' -> a - b;
            case '*' -> a * b;
            default -> throw new IllegalArgumentException("operator " + operator);
          });
    }

    static Step read(String text) {
      int equals = text.indexOf('=');
      int at = 1;
      while (Character.isDigit(text.charAt(at))) {
        at++;
      }
      return new Step(
          Integer.parseInt(text.substring(0, at)),
          text.charAt(at),
          Integer.parseInt(text.substring(at + 1, equals)),
          Integer.parseInt(text.substring(equals + 1)));
    }

    String written() {
      return a + "" + operator + b + "=" + result;
    }
  }
}
