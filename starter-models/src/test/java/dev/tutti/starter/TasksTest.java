package dev.tutti.starter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What every task promises, and that its answers are right by another way of computing them. */
class TasksTest {

  private static final int TRAINING_DRAWS = 60_000;
  private static final Pattern STEP = Pattern.compile("(\\d+)([-+*])(\\d+)=(\\d+)");

  @ParameterizedTest
  @FieldSource("dev.tutti.starter.Tasks#ALL")
  void noHeldOutQuestionIsEverInTheTrainingStream(Task task) {
    Set<String> heldOut =
        task.heldOutUpTo(3_000, 1).stream().map(TaskItem::prompt).collect(Collectors.toSet());
    assertTrue(heldOut.size() >= 200, task.name() + " holds out " + heldOut.size());
    SplittableRandom random = new SplittableRandom(2);
    Set<String> trained = new HashSet<>();
    for (int i = 0; i < TRAINING_DRAWS; i++) {
      TaskItem item = task.train(random);
      assertFalse(heldOut.contains(item.prompt()), item.prompt());
      trained.add(item.prompt());
    }
    assertTrue(trained.size() >= 700, task.name() + " trains on " + trained.size());
  }

  @ParameterizedTest
  @FieldSource("dev.tutti.starter.Tasks#ALL")
  void heldOutQuestionsAreDistinctAndFollowTheSeed(Task task) {
    List<TaskItem> items = task.heldOut(200, 5);
    assertEquals(200, items.stream().map(TaskItem::prompt).distinct().count());
    assertEquals(items, task.heldOut(200, 5));
    assertEquals(items.subList(0, 10), task.heldOut(10, 5));
    assertNotEquals(items, task.heldOut(200, 6));
    assertThrows(IllegalArgumentException.class, () -> task.heldOut(-1, 0));
  }

  @Test
  void aCountThatAHeldOutPartCannotGiveIsRefusedAndSaysHowManyThereAre() {
    var refused =
        assertThrows(IllegalArgumentException.class, () -> new FactsTask().heldOut(1_000, 0));
    assertTrue(refused.getMessage().contains("facts has 360"), refused.getMessage());
  }

  @ParameterizedTest
  @FieldSource("dev.tutti.starter.Tasks#ALL")
  void theCommittedSetIsTheGeneratedOne(Task task) throws IOException {
    int count = task.name().equals(AdditionTask.NAME) ? 500 : 200;
    assertEquals(task.heldOut(count, 2026), StarterFiles.heldOut(task.name()));
  }

  @ParameterizedTest
  @FieldSource("dev.tutti.starter.Tasks#ALL")
  void everyAnswerEndsInItsReferenceAndFitsTheContext(Task task) {
    for (TaskItem item : drawn(task)) {
      assertTrue(item.isRight(item.answer()), item.toString());
      assertFalse(item.isRight(item.answer() + "0"), item.toString());
      int tokens = 2 + item.prompt().length() + item.answer().length();
      assertTrue(tokens <= 96, item.prompt());
      assertTrue((item.prompt() + item.answer()).chars().allMatch(c -> c < 128), item.prompt());
    }
  }

  @ParameterizedTest
  @FieldSource("dev.tutti.starter.Tasks#ALL")
  void aWrongAnswerIsNotTheReference(Task task) {
    SplittableRandom random = new SplittableRandom(9);
    for (int i = 0; i < 2_000; i++) {
      Task.Draft draft = task.draw(random);
      assertNotEquals(draft.reference(), task.wrong(draft, random));
    }
  }

  @Test
  void differencesAreRight() {
    for (TaskItem item : drawn(new SubtractionTask())) {
      String[] parts = item.prompt().split("[-=]");
      assertEquals(
          Integer.parseInt(parts[0]) - Integer.parseInt(parts[1]),
          Integer.parseInt(item.reference()),
          item.prompt());
    }
  }

  @Test
  void chainsAndProductsAreWrittenOutInRightSteps() {
    for (Task task : List.of(new ChainTask(), new MultiplicationTask())) {
      for (TaskItem item : drawn(task)) {
        String[] steps = item.answer().split("; ");
        int value = 0;
        for (String step : Arrays.copyOf(steps, steps.length - 1)) {
          Matcher matcher = STEP.matcher(step);
          assertTrue(matcher.matches(), step);
          int a = Integer.parseInt(matcher.group(1));
          int b = Integer.parseInt(matcher.group(3));
          value =
              switch (matcher.group(2)) {
                case "+" -> a + b;
                case "-" -> a - b;
                default -> a * b;
              };
          assertEquals(value, Integer.parseInt(matcher.group(4)), step);
        }
        assertEquals(Integer.toString(value), item.reference());
        assertEquals(evaluated(item.prompt()), value, item.prompt());
      }
    }
  }

  private static int evaluated(String prompt) {
    Matcher factors = Pattern.compile("(\\d+)\\*(\\d+)=").matcher(prompt);
    if (factors.matches()) {
      return Integer.parseInt(factors.group(1)) * Integer.parseInt(factors.group(2));
    }
    Matcher terms = Pattern.compile("[-+]?\\d+").matcher(prompt);
    int sum = 0;
    while (terms.find()) {
      sum += Integer.parseInt(terms.group());
    }
    return sum;
  }

  @Test
  void noTrainedStepIsASumOrDifferenceThatOtherTasksHoldOut() {
    for (Task task : List.of(new ChainTask(), new MultiplicationTask())) {
      SplittableRandom random = new SplittableRandom(3);
      for (int i = 0; i < 20_000; i++) {
        Matcher step = STEP.matcher(task.train(random).answer());
        while (step.find()) {
          char operator = step.group(2).charAt(0);
          int a = Integer.parseInt(step.group(1));
          int b = Integer.parseInt(step.group(3));
          assertFalse(operator != '*' && ChainTask.isHeldOutStep(a, operator, b), step.group());
        }
      }
    }
  }

  @Test
  void listsAreSortedAndReversed() {
    for (TaskItem item : drawn(new SortingTask())) {
      List<Integer> numbers =
          Arrays.stream(item.prompt().replaceAll("sort |:", "").split(" "))
              .map(Integer::valueOf)
              .sorted()
              .toList();
      assertEquals(numbers.toString().replaceAll("[\\[\\],]", ""), item.reference());
    }
    for (TaskItem item : drawn(new ReversingTask())) {
      List<String> items =
          new ArrayList<>(List.of(item.prompt().replaceAll("reverse |:", "").split(" ")));
      Collections.reverse(items);
      assertEquals(String.join(" ", items), item.reference());
    }
  }

  @Test
  void datesAreRight() {
    Map<Boolean, Integer> kinds = new HashMap<>();
    for (TaskItem item : drawn(new DatesTask())) {
      boolean written = item.prompt().endsWith(" as ISO:");
      kinds.merge(written, 1, Integer::sum);
      LocalDate expected =
          written
              ? LocalDate.parse(
                  item.prompt().replace(" as ISO:", ""),
                  DateTimeFormatter.ofPattern("d MMM yyyy", Locale.ENGLISH))
              : LocalDate.parse(item.prompt().substring(0, 10))
                  .plusDays(Integer.parseInt(item.prompt().split(" ")[2]));
      assertEquals(expected.toString(), item.reference());
    }
    assertEquals(2, kinds.size());
  }

  @Test
  void unitsGoBothWays() {
    Map<String, Integer> inSmallest =
        Map.of("km", 1_000_000, "m", 1000, "cm", 10, "mm", 1, "kg", 1000, "g", 1);
    Map<String, Integer> inSeconds =
        Map.of("weeks", 604_800, "days", 86_400, "h", 3600, "min", 60, "s", 1);
    for (TaskItem item : drawn(new UnitsTask())) {
      String[] question = item.prompt().replace(":", "").split(" ");
      String[] answer = item.reference().split(" ");
      assertEquals(question[3], answer[1]);
      Map<String, Integer> scale =
          inSeconds.containsKey(question[1])
              ? inSeconds
              : inSmallest.containsKey(question[1]) ? inSmallest : Map.of("years", 12, "months", 1);
      assertEquals(
          Long.parseLong(question[0]) * scale.get(question[1]),
          Long.parseLong(answer[0]) * scale.get(answer[1]),
          item.toString());
    }
  }

  @Test
  void everyFactCanBeLearnedAndOneWayOfAskingIsHeldOut() {
    FactsTask task = new FactsTask();
    List<TaskItem> heldOut = task.heldOutUpTo(10_000, 1);
    assertEquals(360, heldOut.size());
    Map<String, String> trained = new HashMap<>();
    SplittableRandom random = new SplittableRandom(4);
    for (int i = 0; i < 60_000; i++) {
      TaskItem item = task.train(random);
      String before = trained.put(item.prompt(), item.reference());
      assertTrue(before == null || before.equals(item.reference()), item.prompt());
    }
    assertEquals(3 * 360, trained.size());
  }

  @Test
  void aChoiceHasItsRightAnswerUnderItsLetterAndOnlyThere() {
    Map<String, Integer> letters = new HashMap<>();
    for (TaskItem item : drawn(new ChoiceTask())) {
      Matcher options =
          Pattern.compile(".*[=:?.] A (.+) B (.+) C (.+) D (.+)").matcher(item.prompt());
      assertTrue(options.matches(), item.prompt());
      List<String> values =
          List.of(options.group(1), options.group(2), options.group(3), options.group(4));
      assertEquals(4, new HashSet<>(values).size(), item.prompt());
      String right = values.get("ABCD".indexOf(item.reference()));
      String steps = item.answer().substring(0, item.answer().indexOf("; " + TaskItem.MARK));
      assertTrue(steps.equals(right) || steps.endsWith("=" + right), item.toString());
      letters.merge(item.reference(), 1, Integer::sum);
    }
    letters.values().forEach(count -> assertTrue(count > 200, letters.toString()));
  }

  private static List<TaskItem> drawn(Task task) {
    SplittableRandom random = new SplittableRandom(7);
    List<TaskItem> items = new ArrayList<>(task.heldOut(200, 8));
    for (int i = 0; i < 1_000; i++) {
      items.add(task.train(random));
    }
    return items;
  }
}
