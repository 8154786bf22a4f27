package dev.tutti.starter;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * A question of {@link ChainTask} or {@link MultiplicationTask} with steps of which some may be
 * wrong, for step judges. One half is right throughout. In the other half one step goes wrong by a
 * slip such as models make (a carry too many or too few, another digit, a digit too many or too
 * few, a wrong number or sign copied, or a wrong final answer) and the steps behind it go on from
 * there, as a model's would. From the first wrong step on no step counts as right, since what it
 * leads to is wrong.
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

  /** Stands behind the last {@link #END} of an answer that its writer ended there. */
  public static final char FINISH = '.';

  private static final Task CHAIN = new ChainTask();
  private static final Task MULTIPLICATION = new MultiplicationTask();
  private static final double CHAINS = 0.7;
  // So many of the hard chains must have a result below ten: 4 % of the steps, 20 % of the slips.
  private static final double SMALL = 0.3;
  private static final Pattern SMALL_RESULT = Pattern.compile("=\\d;");
  private static final double MISENDED = 0.08;
  private static final double NOISE = 0.25;

  /** Copies the steps. */
  public JudgedSteps {
    steps = List.copyOf(steps);
  }

  /** What a judge reads behind the question: every step and its end, spaces between. */
  public String text() {
    return text(steps);
  }

  private static String text(List<String> steps) {
    return String.join(END + " ", steps) + END;
  }

  /**
   * Draws from the training part; every question with its dense labels. A few of the answers end
   * where they should not, or do not where they should.
   *
   * @param hard whether slips are spread as the held-out ones are; else they are nearly all of the
   *     common kinds, in any step
   */
  public static Labelled train(boolean hard, RandomGenerator random) {
    Drawn drawn = draw(random, false, hard, "steps-train");
    String written =
        random.nextDouble() < MISENDED
            ? text(StepSlips.misended(drawn.right, random))
            : drawn.steps.text();
    return new Labelled(drawn.steps.prompt, written + FINISH, text(drawn.right) + FINISH);
  }

  /**
   * Draws from the training part the right steps with a quarter of their digits made others, each
   * by itself: character by character it is known what should stand there.
   *
   * @param hard as in {@link #train}
   */
  public static Labelled noisy(boolean hard, RandomGenerator random) {
    Drawn drawn = draw(random, false, hard, "steps-train");
    String right = text(drawn.right) + FINISH;
    StringBuilder written = new StringBuilder(right);
    for (int i = 0; i < right.length(); i++) {
      if (Character.isDigit(right.charAt(i)) && random.nextDouble() < NOISE) {
        written.replace(i, i + 1, Digits.changed(right.substring(i, i + 1), random));
      }
    }
    return new Labelled(drawn.steps.prompt, written.toString(), right);
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
      JudgedSteps item = draw(random, true, true, NAME + "-" + (items.size() + 1)).steps;
      if (seen.add(item.prompt + item.text())) {
        items.add(item);
      }
    }
    return List.copyOf(items);
  }

  /**
   * A finished answer, and what should have been written.
   *
   * @param prompt the question
   * @param text what was written, ended by {@link #FINISH}
   * @param right the same of the right steps
   */
  public record Labelled(String prompt, String text, String right) {

    /**
     * The index in the text from which on all is wrong: the first character that is not as in the
     * right one; the length of the text where there is none.
     */
    public int firstWrongCharacter() {
      int i = 0;
      while (i < text.length() && i < right.length() && text.charAt(i) == right.charAt(i)) {
        i++;
      }
      return i;
    }
  }

  private record Drawn(JudgedSteps steps, List<String> right) {}

  private static Drawn draw(RandomGenerator random, boolean heldOut, boolean hard, String id) {
    while (true) {
      Task task = random.nextDouble() < CHAINS ? CHAIN : MULTIPLICATION;
      boolean small = hard && task == CHAIN && random.nextDouble() < SMALL;
      Task.Draft draft;
      do {
        draft = task.draw(random);
      } while (small && !SMALL_RESULT.matcher(draft.answer()).find());
      if (draft.heldOut() != heldOut) {
        continue;
      }
      List<String> right = List.of(draft.answer().split("; "));
      if (random.nextBoolean()) {
        return new Drawn(new JudgedSteps(id, draft.prompt(), right, right.size()), right);
      }
      int at = StepSlips.place(right, hard, random);
      List<String> spoiled = StepSlips.spoiled(right, at, hard, random);
      if (spoiled != null) {
        return new Drawn(new JudgedSteps(id, draft.prompt(), spoiled, at), right);
      }
    }
  }
}
