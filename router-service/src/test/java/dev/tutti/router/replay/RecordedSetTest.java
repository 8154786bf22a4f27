package dev.tutti.router.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.router.Recorded;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RecordedSetTest {

  private static final List<String> TEXTS = List.of("a", "b", "a", "c", "b", "d", "a", "e");
  private static final RecordedSet SET =
      new RecordedSet(Recorded.specialists(2, TEXTS.size(), 1), TEXTS, TEXTS, TEXTS);

  @Test
  void whatIsRoutedIsNotLearnedFrom() {
    RecordedSet test = SET.rows(new int[] {6, 3});
    assertEquals(List.of("b", "b", "d", "e"), SET.without(test).texts());
  }

  @Test
  void duplicatesAreInOnePart() {
    for (int seed = 0; seed < 20; seed++) {
      int[] parts = SET.parts(3, new SplittableRandom(seed));
      assertEquals(parts[0], parts[2]);
      assertEquals(parts[0], parts[6]);
      assertEquals(parts[1], parts[4]);
    }
  }

  @Test
  void duplicatesStayTogetherWhenShuffled() {
    for (int seed = 0; seed < 20; seed++) {
      int[] order = SET.shuffledByText(new SplittableRandom(seed));
      assertArrayEquals(
          IntStream.range(0, TEXTS.size()).toArray(), IntStream.of(order).sorted().toArray());
      List<String> texts = SET.rows(order).texts();
      int a = texts.indexOf("a");
      assertEquals(List.of("a", "a", "a"), texts.subList(a, a + 3));
    }
  }
}
