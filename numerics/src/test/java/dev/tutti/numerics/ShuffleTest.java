package dev.tutti.numerics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ShuffleTest {

  @Test
  void byHand() {
    // Always the first: 3 1 2 0, 2 1 3 0, 1 2 3 0. A draw for each but the last.
    var draws = new Draws(0.0, 0.0, 0.0, 0.0);
    assertArrayEquals(new int[] {1, 2, 3, 0}, Shuffle.of(4, draws));
    assertEquals(1, draws.left());
    // Always the last that is left: nothing moves.
    assertArrayEquals(new int[] {0, 1, 2, 3}, Shuffle.of(4, new Draws(0.99, 0.99, 0.99)));
    assertArrayEquals(new int[0], Shuffle.of(0, new Draws()));
  }

  @Test
  void everyOrderIsAsLikely() {
    var seen = new HashMap<String, Integer>();
    for (int seed = 0; seed < 6000; seed++) {
      seen.merge(Arrays.toString(Shuffle.of(3, new SplittableRandom(seed))), 1, Integer::sum);
    }
    assertEquals(6, seen.size());
    // 1000 each; the standard deviation is 29.
    assertTrue(seen.values().stream().allMatch(n -> Math.abs(n - 1000) < 120), seen.toString());
  }
}
