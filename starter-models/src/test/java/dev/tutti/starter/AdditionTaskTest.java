package dev.tutti.starter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class AdditionTaskTest {

  private final AdditionTask task = new AdditionTask();

  @Test
  void noHeldOutPairIsEverInTheTrainingStreamNorItsCommutedPair() {
    Set<String> heldOut =
        task.heldOut(5_000, 1).stream().map(TaskItem::prompt).collect(Collectors.toSet());
    RandomGenerator random = new SplittableRandom(2);
    for (int i = 0; i < 300_000; i++) {
      TaskItem item = task.train(random);
      int[] pair = operands(item);
      assertFalse(heldOut.contains(item.prompt()), item.prompt());
      assertFalse(heldOut.contains(pair[1] + "+" + pair[0] + "="), item.prompt());
    }
  }

  @Test
  void aPairAndItsCommutedPairAreInTheSamePart() {
    int heldOut = 0;
    for (int a = 10; a < 1000; a++) {
      for (int b = a; b < 1000; b++) {
        assertEquals(AdditionTask.isHeldOut(a, b), AdditionTask.isHeldOut(b, a));
        heldOut += AdditionTask.isHeldOut(a, b) ? 1 : 0;
      }
    }
    double share = heldOut / (990.0 * 991 / 2);
    assertEquals(1.0 / Split.HELD_OUT_ONE_IN, share, 0.002);
  }

  @Test
  void everyReferenceIsTheSum() {
    RandomGenerator random = new SplittableRandom(3);
    for (int i = 0; i < 1000; i++) {
      assertSum(task.train(random));
    }
    task.heldOut(1000, 4).forEach(AdditionTaskTest::assertSum);
  }

  @Test
  void heldOutQuestionsAreDistinctAndFollowTheSeed() {
    List<TaskItem> items = task.heldOut(2_000, 5);
    assertEquals(2_000, new HashSet<>(items.stream().map(TaskItem::prompt).toList()).size());
    assertEquals(items, task.heldOut(2_000, 5));
    assertNotEquals(items, task.heldOut(2_000, 6));
    assertEquals(items.subList(0, 10), task.heldOut(10, 5));
  }

  @Test
  void aCountThatTheHeldOutPartCannotGiveIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> task.heldOut(-1, 0));
    assertThrows(IllegalArgumentException.class, () -> task.heldOut(1_000_000, 0));
    assertTrue(task.heldOut(0, 0).isEmpty());
  }

  private static void assertSum(TaskItem item) {
    int[] pair = operands(item);
    assertEquals(Integer.toString(pair[0] + pair[1]), item.reference());
    assertTrue(pair[0] >= 10 && pair[0] < 1000 && pair[1] >= 10 && pair[1] < 1000, item.prompt());
  }

  private static int[] operands(TaskItem item) {
    String[] parts = item.prompt().split("[+=]");
    return new int[] {Integer.parseInt(parts[0]), Integer.parseInt(parts[1])};
  }
}
