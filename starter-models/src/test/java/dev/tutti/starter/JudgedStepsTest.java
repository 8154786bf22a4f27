package dev.tutti.starter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class JudgedStepsTest {

  private static final Pattern STEP = Pattern.compile("(\\d+)([-+*])(\\d+)=(\\d+)");

  @Test
  void theFirstWrongStepIsTheFirstThatTheQuestionDoesNotAskFor() {
    Set<Integer> errors = new HashSet<>();
    int right = 0;
    for (JudgedSteps item : JudgedSteps.heldOut(1_000, 1)) {
      List<String> asked = asked(item.prompt());
      int first = 0;
      while (first < asked.size() && item.steps().get(first).equals(asked.get(first))) {
        first++;
      }
      assertEquals(first, item.firstWrong(), item.toString());
      assertEquals(asked.size(), item.steps().size(), item.toString());
      right += first == asked.size() ? 1 : 0;
      errors.add(asked.size() - first);
    }
    assertTrue(right > 400 && right < 600, right + " of 1000 are right throughout");
    assertEquals(Set.of(0, 1, 2, 3, 4, 5), errors, "errors in every place");
  }

  @Test
  void stepsBehindASlipGoOnFromIt() {
    int consistent = 0;
    for (JudgedSteps item : JudgedSteps.heldOut(1_000, 2)) {
      List<String> steps = item.steps();
      for (int s = item.firstWrong() + 1; s < steps.size() - 1; s++) {
        assertTrue(holds(steps.get(s)), item.toString());
        consistent++;
      }
    }
    assertTrue(consistent > 100);
  }

  @Test
  void someErrorsAreWrongSumsAndSomeAreRightSumsOfWrongNumbers() {
    int slips = 0;
    int copies = 0;
    for (JudgedSteps item : JudgedSteps.heldOut(1_000, 3)) {
      if (item.firstWrong() < item.steps().size() - 1) {
        if (holds(item.steps().get(item.firstWrong()))) {
          copies++;
        } else {
          slips++;
        }
      }
    }
    assertTrue(slips > 50 && copies > 50, slips + " slips, " + copies + " wrong copies");
  }

  @Test
  void trainingAndHeldOutShareNoQuestion() {
    Set<String> heldOut = new HashSet<>();
    JudgedSteps.heldOut(2_000, 4).forEach(item -> heldOut.add(item.prompt()));
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 30_000; i++) {
      assertFalse(heldOut.contains(JudgedSteps.train(i % 2 == 0, random).prompt()));
      assertFalse(heldOut.contains(JudgedSteps.noisy(i % 2 == 0, random).prompt()));
    }
  }

  @Test
  void trainingTellsTheFirstCharacterThatIsWrong() {
    SplittableRandom random = new SplittableRandom(6);
    int right = 0;
    int early = 0;
    for (int i = 0; i < 10_000; i++) {
      JudgedSteps.Labelled labelled = JudgedSteps.train(i % 2 == 0, random);
      String asked = String.join("; ", asked(labelled.prompt())) + ";.";
      assertEquals(asked, labelled.right());
      int first = labelled.firstWrongCharacter();
      assertTrue(labelled.text().startsWith(asked.substring(0, first)), labelled.toString());
      assertEquals(asked.equals(labelled.text()), first == labelled.text().length());
      assertTrue(first == asked.length() || asked.charAt(first) != labelled.text().charAt(first));
      right += first == asked.length() ? 1 : 0;
      early += first < asked.length() && labelled.text().charAt(first) == '.' ? 1 : 0;
    }
    assertTrue(right > 4_300 && right < 4_900, right + " of 10000 are right throughout");
    assertTrue(early > 300 && early < 700, early + " of 10000 end too early");
  }

  /** What generalists write wrongly at temperature 1: often a ten too many or too few. */
  @Test
  void resultsOfChainsSlipInEveryDigitAndOftenByTen() {
    int slips = 0;
    int tens = 0;
    int leading = 0;
    int longer = 0;
    for (JudgedSteps item : JudgedSteps.heldOut(2_000, 7)) {
      int at = item.firstWrong();
      List<String> asked = asked(item.prompt());
      if (item.prompt().contains("*") || at >= asked.size() - 1 || holds(item.steps().get(at))) {
        continue;
      }
      String right = asked.get(at).substring(asked.get(at).indexOf('=') + 1);
      String wrong = item.steps().get(at).substring(item.steps().get(at).indexOf('=') + 1);
      slips++;
      tens += Math.abs(Integer.parseInt(right) - Integer.parseInt(wrong)) == 10 ? 1 : 0;
      longer += right.length() != wrong.length() ? 1 : 0;
      leading += right.length() == wrong.length() && right.charAt(0) != wrong.charAt(0) ? 1 : 0;
    }
    assertTrue(tens > .3 * slips && tens < .45 * slips, tens + " of " + slips);
    assertTrue(leading > .3 * slips, leading + " of " + slips);
    assertTrue(longer > .08 * slips, longer + " of " + slips);
  }

  @Test
  void theCommittedSetIsTheGeneratedOne() throws IOException {
    assertEquals(JudgedSteps.heldOut(200, 2026), StarterFiles.judgedSteps());
  }

  @Test
  void aCountOutOfRangeIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> JudgedSteps.heldOut(-1, 0));
    assertThrows(IllegalArgumentException.class, () -> JudgedSteps.heldOut(2_001, 0));
  }

  private static boolean holds(String step) {
    Matcher matcher = STEP.matcher(step);
    assertTrue(matcher.matches(), step);
    int a = Integer.parseInt(matcher.group(1));
    int b = Integer.parseInt(matcher.group(3));
    int result =
        switch (matcher.group(2)) {
          case "+" -> a + b;
          case "-" -> a - b;
          default -> a * b;
        };
    return result == Integer.parseInt(matcher.group(4));
  }

  /** The right steps, computed from the question alone. */
  private static List<String> asked(String prompt) {
    List<String> steps = new ArrayList<>();
    Matcher product = Pattern.compile("(\\d+)\\*(\\d)(\\d)=").matcher(prompt);
    int value;
    if (product.matches()) {
      int a = Integer.parseInt(product.group(1));
      int tens = 10 * Integer.parseInt(product.group(2));
      int ones = Integer.parseInt(product.group(3));
      value = a * tens + a * ones;
      steps.add(a + "*" + tens + "=" + a * tens);
      steps.add(a + "*" + ones + "=" + a * ones);
      steps.add(a * tens + "+" + a * ones + "=" + value);
    } else {
      Matcher terms = Pattern.compile("[-+]?\\d+").matcher(prompt);
      terms.find();
      value = Integer.parseInt(terms.group());
      while (terms.find()) {
        int next = value + Integer.parseInt(terms.group());
        steps.add(value + terms.group() + "=" + next);
        value = next;
      }
    }
    steps.add(TaskItem.MARK + value);
    return steps;
  }
}
