package dev.tutti.numerics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;

import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class VectorsTest {

  @Test
  void productsOfEveryLength() {
    for (int n = 0; n <= 13; n++) {
      var a = new double[n];
      var b = new double[n];
      double expected = 0;
      for (int i = 0; i < n; i++) {
        a[i] = i + 2;
        b[i] = 3 * i - 7;
        expected += (i + 2) * (3 * i - 7);
      }
      assertEquals(expected, Vectors.dot(a, b), 0, "length " + n);
      assertEquals(expected, Vectors.dot(floats(a), floats(b)), 0, "length " + n);
    }
  }

  private static float[] floats(double[] values) {
    var narrow = new float[values.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) values[i];
    }
    return narrow;
  }

  @Test
  void floatsAreMultipliedAsDoubles() {
    float third = 1 / 3f;
    assertEquals((double) third * third, Vectors.dot(new float[] {third}, new float[] {third}), 0);
    assertArrayEquals(new double[] {third, -2}, Vectors.doubles(new float[] {third, -2}));
  }

  @Test
  void addingByHand() {
    double[] y = {1, 2, 3};
    Vectors.add(y, -2, new double[] {5, 0.5, -1});
    assertArrayEquals(new double[] {-9, 1, 5}, y);
  }

  @Test
  void unitByHand() {
    assertArrayEquals(new double[] {0.6, -0.8}, Vectors.unit(new double[] {3, -4}), 1e-15);
    double[] zeros = new double[2];
    assertArrayEquals(zeros, Vectors.unit(zeros));
    assertNotSame(zeros, Vectors.unit(zeros));
  }

  @Test
  void sigmoidByHand() {
    assertEquals(0.75, Vectors.sigmoid(Math.log(3)), 1e-15);
    assertEquals(0.25, Vectors.sigmoid(-Math.log(3)), 1e-15);
    assertEquals(1, Vectors.sigmoid(1000), 0);
    assertEquals(0, Vectors.sigmoid(-1000), 0);
  }

  @Test
  void softmaxByHand() {
    // At temperature 2, e^(ln 16 / 2) = 4 to e^(ln 9 / 2) = 3 to 1.
    assertArrayEquals(
        new double[] {4 / 8.0, 3 / 8.0, 1 / 8.0},
        Vectors.softmax(new double[] {Math.log(16), Math.log(9), 0}, 2),
        1e-15);
    assertArrayEquals(
        new double[] {0.2, 0.8},
        Vectors.softmax(new double[] {5000, 5000 + Math.log(4)}, 1),
        1e-12);
  }

  @Test
  void meanAndArgmaxByHand() {
    assertEquals(2.5, Vectors.mean(new double[] {1, 7, -0.5}), 1e-15);
    assertEquals(0, Vectors.mean(new double[0]));
    assertEquals(2, Vectors.argmax(new double[] {1, -5, 4, 4, 3}));
    assertEquals(0, Vectors.argmax(new double[] {-1, -5}));
    assertEquals(1, Vectors.argmax(new double[] {-1, 0}));
  }

  @Property(tries = 200, seed = "1")
  void softmaxDoesNotSeeAShiftAndKeepsRatios(@ForAll long seed) {
    var random = new SplittableRandom(seed);
    double[] x = random.doubles(random.nextInt(1, 9), -5, 5).toArray();
    double temperature = random.nextDouble(0.5, 10);
    double shift = random.nextDouble(-100, 100);
    double[] p = Vectors.softmax(x, temperature);
    assertEquals(1, Arrays.stream(p).sum(), 1e-12);
    assertArrayEquals(
        p, Vectors.softmax(Arrays.stream(x).map(v -> v + shift).toArray(), temperature), 1e-9);
    for (int i = 1; i < x.length; i++) {
      // The ratio of two is e^((x_i - x_0) / temperature).
      assertEquals(p[0] * Math.exp((x[i] - x[0]) / temperature), p[i], 1e-9);
    }
  }

  @Property(tries = 200, seed = "1")
  void aProductIsLinearAndSymmetric(@ForAll long seed) {
    var random = new SplittableRandom(seed);
    int n = random.nextInt(1, 40);
    double[] a = random.doubles(n, -1, 1).toArray();
    double[] b = random.doubles(n, -1, 1).toArray();
    double[] c = random.doubles(n, -1, 1).toArray();
    double scale = random.nextDouble(-3, 3);
    double apart = Vectors.dot(a, b) + scale * Vectors.dot(a, c);
    Vectors.add(b, scale, c);
    assertEquals(apart, Vectors.dot(a, b), 1e-12);
    assertEquals(Vectors.dot(a, b), Vectors.dot(b, a), 1e-12);
    assertEquals(1, Vectors.dot(Vectors.unit(a), Vectors.unit(a)), 1e-12);
  }
}
