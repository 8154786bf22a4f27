package dev.tutti.starter;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * A question of {@link ChainTask} or {@link MultiplicationTask} with steps of which some may be
 * wrong, for step judges. One half is right throughout. In the other half one step goes wrong (a
 * slipped digit in its result, a wrong number or sign copied, or a wrong final answer) and the
 * steps behind it go on from there, as a model's would. From the first wrong step on no step counts
 * as right, since what it leads to is wrong.
 *
 * @param id unique within its evaluation set, e.g. {@code steps-17}
 * @param prompt the question
 * @param steps what was written, {@code 12+7=19}, the last one {@code #### 14}
 * @param firstWrong index of the first wrong step; the number of steps where all are right
 */
public record JudgedSteps(String id, String prompt, List<String> steps, int firstWrong) {

  /** Name of the evaluation set. */
  public static final String NAME = "steps";

  /** What a judge answers behind the end of a right step. */
  public static final String RIGHT = "+";

  /** What a judge answers behind the end of a wrong step. */
  public static final String WRONG = "-";

  /** Ends every step that a judge reads, the last one too. */
  public static final char END = ';';

  private static final List<Task> TASKS = List.of(new ChainTask(), new MultiplicationTask());

  /** Copies the steps. */
  public JudgedSteps {
    steps = List.copyOf(steps);
  }

  /** What a judge reads behind the question: every step and its end, spaces between. */
  public String text() {
    return String.join(END + " ", steps) + END;
  }

  /** Draws from the training part; every question with its dense labels. */
  public static Labelled train(RandomGenerator random) {
    return draw(random, false, "steps-train");
  }

  /**
   * Draws distinct ones from the held-out part.
   *
   * @param count how many, 0 to 2,000
   * @param seed same seed, same questions
   */
  public static List<JudgedSteps> heldOut(int count, long seed) {
    if (count < 0 || count > 2_000) {
      throw new IllegalArgumentException("count = " + count + ", must be within 0..2000");
    }
    RandomGenerator random = new SplittableRandom(seed);
    Set<String> seen = new HashSet<>();
    List<JudgedSteps> items = new ArrayList<>();
    while (items.size() < count) {
      JudgedSteps item = draw(random, true, NAME + "-" + (items.size() + 1)).steps;
      if (seen.add(item.prompt + item.text())) {
        items.add(item);
      }
    }
    return List.copyOf(items);
  }

  /**
   * Steps with what should have been written.
   *
   * @param steps the steps
   * @param right {@link #text()} of the right ones
   */
  public record Labelled(JudgedSteps steps, String right) {

    /**
     * The index in the steps' text from which on all is wrong: the first character that is not as
     * in the right ones; the length of the text where there is none.
     */
    public int firstWrongCharacter() {
      String text = steps.text();
      int i = 0;
      while (i < text.length() && i < right.length() && text.charAt(i) == right.charAt(i)) {
        i++;
      }
      return i;
    }
  }

  private static Labelled draw(RandomGenerator random, boolean heldOut, String id) {
    while (true) {
      Task.Draft draft = TASKS.get(random.nextInt(TASKS.size())).draw(random);
      if (draft.heldOut() != heldOut) {
        continue;
      }
      List<String> right = List.of(draft.answer().split("; "));
      JudgedSteps good = new JudgedSteps(id, draft.prompt(), right, right.size());
      if (random.nextBoolean()) {
        return new Labelled(good, good.text());
      }
      int at = random.nextInt(right.size());
      List<String> spoiled = spoiled(right, at, random);
      if (spoiled != null) {
        return new Labelled(new JudgedSteps(id, draft.prompt(), spoiled, at), good.text());
      }
    }
  }

  /** The steps with an error in one of them; null where no such chain could be written. */
  private static List<String> spoiled(List<String> right, int at, RandomGenerator random) {
    int last = right.size() - 1;
    if (at == last) {
      String wrong = TaskItem.MARK + Digits.changed(TaskItem.finalAnswer(right.get(last)), random);
      return Stream.concat(right.subList(0, last).stream(), Stream.of(wrong)).toList();
    }
    List<Step> steps = new ArrayList<>(right.subList(0, last).stream().map(Step::read).toList());
    steps.set(at, steps.get(at).spoiled(random));
    boolean product = steps.getFirst().operator == '*';
    for (int s = at + 1; s < steps.size(); s++) {
      Step before = steps.get(s - 1);
      Step step = steps.get(s);
      if (!product) {
        steps.set(s, Step.of(before.result, step.operator, step.b));
      } else if (s == 2) {
        steps.set(s, Step.of(steps.get(0).result, '+', before.result));
      }
    }
    if (steps.stream().anyMatch(step -> step.result < 0 || step.result > 9_999)) {
      return null;
    }
    List<String> written = new ArrayList<>(steps.stream().map(Step::written).toList());
    written.add(TaskItem.MARK + steps.getLast().result);
    return Collections.unmodifiableList(written);
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

    Step spoiled(RandomGenerator random) {
      return switch (random.nextInt(5)) {
        case 0 -> of(slip(a, random), operator, b);
        case 1 -> of(a, operator, slip(b, random));
        case 2 -> operator == '*' ? slipped(random) : of(a, operator == '+' ? '-' : '+', b);
        default -> slipped(random);
      };
    }

    private Step slipped(RandomGenerator random) {
      return new Step(a, operator, b, slip(result, random));
    }

    private static int slip(int number, RandomGenerator random) {
      return Integer.parseInt(Digits.changed(Integer.toString(number), random));
    }

    String written() {
      return a + "" + operator + b + "=" + result;
    }
  }
}
