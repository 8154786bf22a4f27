package dev.tutti.numerics.measure;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class HeldOutTest {

  @Test
  void everyNumberIsWrittenAndReadBack() {
    var held = new HeldOut(new long[] {5, -7, Long.MAX_VALUE}, new float[] {0.25f, 1, -3});
    byte[] written = held.bytes();
    assertEquals(3 * 12, written.length);
    HeldOut read = HeldOut.of(written);
    assertArrayEquals(held.queries(), read.queries());
    assertArrayEquals(held.quality(), read.quality());
    // Big-endian, a query and its quality together.
    assertEquals(5, written[7]);
    assertEquals(0x3e, written[8]);
  }

  @Test
  void aQueryHasAQuality() {
    var e =
        assertThrows(IllegalArgumentException.class, () -> new HeldOut(new long[2], new float[3]));
    assertTrue(e.getMessage().contains("2 queries have 3"), e.getMessage());
  }

  @Test
  void differencesAreInTheOrderOfTheFirst() {
    var a = new HeldOut(new long[] {9, 1, 9, 4}, new float[] {0.5f, 0, 1, 0.25f});
    var b = new HeldOut(new long[] {4, 9, 1}, new float[] {1, 0, 1});
    assertArrayEquals(new double[] {-0.75, 1, 0.75}, a.differences(b));
    assertArrayEquals(new double[] {-0.75, 0.75, -1}, b.differences(a));
    assertEquals(0, a.differences(new HeldOut(new long[] {3}, new float[1])).length);
  }
}
