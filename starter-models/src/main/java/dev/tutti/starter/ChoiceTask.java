package dev.tutti.starter;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Multiple choice over the other tasks: {@code 12+47= A 88 B 59 C 140 D 61} asks for {@code 59;
 * #### B}, a question that is written out step by step for its steps and then the letter. The wrong
 * options are answers to other questions of the task: among options that differ in one digit no
 * network of these sizes learned to find the right one. A question belongs to the part that its own
 * task puts it in. Questions that are too long for the models' contexts with their options are not
 * asked.
 */
public final class ChoiceTask implements Task {

  /** The name of this task. */
  public static final String NAME = "choice";

  private static final String LETTERS = "ABCD";
  private static final int LONGEST = 94;

  private static final List<Task> OVER =
      List.of(
          new AdditionTask(),
          new SubtractionTask(),
          new ChainTask(),
          new MultiplicationTask(),
          new SortingTask(),
          new DatesTask(),
          new UnitsTask(),
          new FactsTask());

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Draft draw(RandomGenerator random) {
    while (true) {
      Task task = OVER.get(random.nextInt(OVER.size()));
      Draft draft = task.draw(random);
      String reference = draft.reference();
      Set<String> wrong = new LinkedHashSet<>();
      while (wrong.size() < LETTERS.length() - 1) {
        wrong.add(task.wrong(draft, random));
      }
      List<String> options = new ArrayList<>(wrong);
      int right = random.nextInt(LETTERS.length());
      options.add(right, reference);
      StringBuilder prompt = new StringBuilder(draft.prompt());
      for (int i = 0; i < LETTERS.length(); i++) {
        prompt.append(' ').append(LETTERS.charAt(i)).append(' ').append(options.get(i));
      }
      String steps =
          draft.answer().contains(TaskItem.MARK)
              ? draft.answer().substring(0, draft.answer().length() - reference.length())
              : reference + "; " + TaskItem.MARK;
      String letter = LETTERS.substring(right, right + 1);
      if (prompt.length() + steps.length() + 1 <= LONGEST) {
        return new Draft(draft.heldOut(), prompt.toString(), steps + letter, letter);
      }
    }
  }
}
