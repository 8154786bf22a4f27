package dev.tutti.decoder.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CutTest {

  @Test
  void aCutHoldsNoMoreThanWhatTheStepChanged() {
    Cut cut = Cut.of(new int[] {4, 5, 6}, new int[] {4, 5, 7, 8});
    assertEquals(2, cut.kept());
    assertArrayEquals(new int[] {7, 8}, cut.added());
    assertEquals(0, Cut.of(new int[] {4, 5}, new int[] {4, 5}).added().length);
    assertEquals(0, Cut.of(new int[] {4, 5}, new int[] {4}).added().length);
  }

  @Test
  void theTokensComeBack() {
    var random = new SplittableRandom(7);
    for (int i = 0; i < 2_000; i++) {
      int[] before = random.ints(random.nextInt(5), 0, 3).toArray();
      int[] after = random.ints(random.nextInt(7), 0, 3).toArray();
      assertArrayEquals(after, Cut.of(before, after).behind(before));
    }
  }
}
