package dev.tutti.numerics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TripletQualityTest {

  private static double[][] distances(double ab, double ac, double bc) {
    return new double[][] {{0, ab, ac}, {ab, 0, bc}, {ac, bc, 0}};
  }

  private static int[] apart(int size) {
    return IntStream.range(0, size).toArray();
  }

  @Test
  void threeTellTheErrorOfOne() {
    // (3 + 4 - 5) / 2, (3 + 5 - 4) / 2, (4 + 5 - 3) / 2
    double[][] distances = distances(3, 4, 5);
    assertArrayEquals(new double[] {1, 2, 3}, TripletQuality.errors(distances), 1e-12);
    // 1 : 1/2 : 1/3
    assertArrayEquals(
        new double[] {6 / 11.0, 3 / 11.0, 2 / 11.0},
        TripletQuality.weights(distances, apart(3)),
        1e-12);
  }

  @Test
  void errorsAreThoseOfTheClosedFormAndTheMedoidHasTheMostWeight() {
    var random = new SplittableRandom(1);
    int positive = 0;
    for (int round = 0; round < 300; round++) {
      int size = 3 + random.nextInt(8);
      double[][] distances = random(size, random);
      double[] sums =
          Arrays.stream(distances).mapToDouble(row -> DoubleStream.of(row).sum()).toArray();
      double total = Arrays.stream(sums).sum() / 2;
      double[] errors = TripletQuality.errors(distances);
      for (int i = 0; i < size; i++) {
        double closed = sums[i] / (size - 2) - total / ((size - 1.0) * (size - 2));
        assertEquals(closed, errors[i], 1e-9);
      }
      double[] weights = TripletQuality.weights(distances, apart(size));
      assertEquals(1, Arrays.stream(weights).sum(), 1e-9);
      if (Arrays.stream(errors).allMatch(error -> error > 0)) {
        positive++;
        int medoid = Vectors.argmax(Arrays.stream(sums).map(sum -> -sum).toArray());
        assertEquals(medoid, Vectors.argmax(weights));
      }
    }
    assertTrue(positive > 100, positive + " have positive errors only");
  }

  /** Between random embeddings, mean over two questions. */
  private static double[][] random(int size, SplittableRandom random) {
    var distances = new double[size][size];
    for (int question = 0; question < 2; question++) {
      var points = new float[size][4];
      for (float[] point : points) {
        for (int d = 0; d < point.length; d++) {
          point[d] = (float) random.nextDouble(-1, 1);
        }
      }
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < size; j++) {
          distances[i][j] += TripletQuality.distance(points[i], points[j]) / 2;
        }
      }
    }
    return distances;
  }

  @Test
  void whoErrsTogetherIsClampedAndNeverLoses() {
    // (1 + 1 - 4) / 2 = -1, (1 + 4 - 1) / 2 = 2 and 2.
    double[][] distances = distances(1, 1, 4);
    assertArrayEquals(new double[] {-1, 2, 2}, TripletQuality.errors(distances), 1e-12);
    double[] weights = TripletQuality.weights(distances, apart(3));
    assertEquals(1, weights[0], 1e-8);
    assertTrue(weights[1] > 0 && weights[1] == weights[2]);
    assertArrayEquals(
        new double[] {1 / 3.0, 1 / 3.0, 1 / 3.0},
        TripletQuality.weights(distances(0, 0, 0), apart(3)),
        1e-12);
  }

  @Test
  void fewerThanThreeTellNothing() {
    assertTrue(Double.isNaN(TripletQuality.errors(new double[][] {{0, 1}, {1, 0}})[0]));
    assertArrayEquals(
        new double[] {.5, .5},
        TripletQuality.weights(new double[][] {{0, 1}, {1, 0}}, apart(2)),
        1e-12);
  }

  @Test
  void whoWasNeverSeenWithTwoOthersHasNoWeight() {
    double no = Double.NaN;
    double[][] distances = {{0, 3, 4, no}, {3, 0, 5, 1}, {4, 5, 0, no}, {no, 1, no, 0}};
    assertArrayEquals(
        new double[] {6 / 11.0, 3 / 11.0, 2 / 11.0, 0},
        TripletQuality.weights(distances, apart(4)),
        1e-12);
  }

  @Test
  void clonesAreOneVoice() {
    double[][] distances = {{0, .001, 3, 4}, {.001, 0, 3, 4}, {3, 3, 0, 5}, {4, 4, 5, 0}};
    assertArrayEquals(new int[] {0, 0, 2, 3}, TripletQuality.voices(distances, .01));
    assertArrayEquals(apart(4), TripletQuality.voices(distances, 0));
    // Errors 1, 2, 3 as of three.
    assertArrayEquals(
        new double[] {6 / 17.0, 6 / 17.0, 3 / 17.0, 2 / 17.0},
        TripletQuality.weights(distances, TripletQuality.voices(distances, .01)),
        1e-12);
  }
}
