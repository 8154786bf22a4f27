package dev.tutti.numerics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class BestTest {

  @Test
  void theLeastThatStillGetsInIsToldOnceItIsFull() {
    var best = new Best(2);
    assertEquals(Float.NEGATIVE_INFINITY, best.least());
    best.offer(0, 0.5);
    assertEquals(Float.NEGATIVE_INFINITY, best.least());
    best.offer(1, 0.75);
    assertEquals(0.5f, best.least());
    best.offer(2, 0.625);
    assertEquals(0.625f, best.least());
    assertArrayEquals(new int[] {1, 2}, best.sorted().rows());
  }

  @Test
  void ofEqualOnesTheEarlierStays() {
    var best = new Best(2);
    for (int name : new int[] {5, 3, 4, 1, 2}) {
      best.offer(name, 1);
    }
    assertArrayEquals(new int[] {1, 2}, best.sorted().rows());
  }

  @Test
  void nothingIsKeptOfNone() {
    var best = new Best(0);
    best.offer(1, 1);
    assertEquals(0, best.sorted().size());
  }

  @Property(tries = 300, seed = "1")
  void itSortsAsAnyoneElse(@ForAll long seed) {
    var random = new SplittableRandom(seed);
    int n = random.nextInt(1, 80);
    int kept = random.nextInt(1, 40);
    // Few values, so that many are equal.
    double[] scores = random.ints(n, 0, random.nextInt(2, 100)).asDoubleStream().toArray();
    int[] order = Shuffle.of(n, random);
    var best = new Best(kept);
    for (int name : order) {
      best.offer(name, scores[name]);
    }
    int[] expected =
        IntStream.range(0, n)
            .boxed()
            .sorted((a, b) -> scores[a] == scores[b] ? a - b : Double.compare(scores[b], scores[a]))
            .limit(kept)
            .mapToInt(i -> i)
            .toArray();
    int[] unsorted = best.rows();
    Arrays.sort(unsorted);
    assertArrayEquals(IntStream.of(expected).sorted().toArray(), unsorted);
    NeighbourIndex.Neighbours sorted = best.sorted();
    assertArrayEquals(expected, sorted.rows());
    assertArrayEquals(
        IntStream.of(expected).mapToDouble(i -> scores[i]).toArray(), sorted.similarities());
  }
}
