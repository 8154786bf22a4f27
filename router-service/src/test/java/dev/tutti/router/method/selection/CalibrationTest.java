package dev.tutti.router.method.selection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.learning.Parameters;
import dev.tutti.numerics.Matrix;
import dev.tutti.router.Estimate;
import dev.tutti.router.Recorded;
import dev.tutti.router.fit.Outcomes;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CalibrationTest {

  /**
   * Ten queries: the weak one is right on all but the last three, the strong one always; the chance
   * that the strong one does better was estimated as 0.1, 0.2, ... 1.
   */
  private static final Outcomes PAIR = pair(true);

  private static Outcomes pair(boolean everybodyRun) {
    float[][] quality =
        IntStream.range(0, 10)
            .mapToObj(i -> new float[] {1, i < 7 ? 1 : 0})
            .toArray(float[][]::new);
    if (!everybodyRun) {
      for (float[] row : quality) {
        row[1] = Float.NaN;
      }
    }
    float[][] x = IntStream.range(0, 10).mapToObj(_ -> new float[] {1, 0}).toArray(float[][]::new);
    Outcomes free = Recorded.outcomes(List.of("strong", "weak"), x, quality);
    var usd = new Matrix(10, 2);
    for (int i = 0; i < 10; i++) {
      usd.values()[2 * i] = 0.02f;
      usd.values()[2 * i + 1] = 0.001f;
    }
    return new Outcomes(
        free.members(), free.embeddings(), free.features(), free.quality(), usd, free.sets());
  }

  private static List<Estimate> estimates() {
    return IntStream.rangeClosed(1, 10)
        .mapToObj(
            i -> Estimate.of(new double[] {i / 10.0, 1 - i / 10.0}, Estimate.Scale.PREFERENCE))
        .toList();
  }

  @Test
  void theThresholdAsksTheStrongOneNoMoreThanItMust() {
    Calibration none = Calibration.of(estimates(), PAIR, PAIR, 0);
    assertEquals(0.8, none.alpha().orElseThrow(), 1e-6, "the last three go to the strong one");
    Calibration some = Calibration.of(estimates(), PAIR, PAIR, 0.1);
    assertEquals(0.9, some.alpha().orElseThrow(), 1e-6, "one of ten may be wrong");
    Calibration all = Calibration.of(estimates(), PAIR, PAIR, 0.3);
    assertEquals(1, all.alpha().orElseThrow(), 1e-6);
    assertEquals(List.of(2, 1), none.sizes());
  }

  @Test
  void whatIsGoodEnoughIsCalibratedToo() {
    // Above 0.3 the weak one is right: it is the cheapest that is good enough.
    double theta = Calibration.of(estimates(), PAIR, PAIR, 0).theta().orElseThrow();
    assertTrue(theta > 0.2 && theta <= 0.3 + 1e-6, theta + "");
  }

  @Test
  void whereNobodyCanBeComparedNothingIsCalibrated() {
    Calibration nothing = Calibration.of(estimates(), PAIR, pair(false), 0);
    assertEquals(OptionalDouble.empty(), nothing.alpha());
    assertEquals(OptionalDouble.empty(), nothing.theta());
    assertEquals(List.of(2, 1), nothing.sizes());
  }

  @Test
  void whatIsKeptIsReadBack() {
    Calibration found = Calibration.of(estimates(), PAIR, PAIR, 0.1);
    var parameters = Parameters.of(List.of("strong", "weak"));
    assertEquals(found, Calibration.of(found.in(parameters)));
    assertEquals(Calibration.NONE, Calibration.of(parameters), "of an artifact of before");
  }

  /** Each is right where the other is wrong, and costs as much: the threshold that answers best. */
  @Test
  void whereAllCostAlikeTheBestThresholdIsTaken() {
    float[][] quality =
        IntStream.range(0, 10)
            .mapToObj(i -> new float[] {i < 7 ? 0 : 1, i < 7 ? 1 : 0})
            .toArray(float[][]::new);
    float[][] x = IntStream.range(0, 10).mapToObj(_ -> new float[] {1, 0}).toArray(float[][]::new);
    Outcomes free = Recorded.outcomes(List.of("strong", "weak"), x, quality);
    var usd = new Matrix(10, 2);
    java.util.Arrays.fill(usd.values(), 0.01f);
    var outcomes =
        new Outcomes(
            free.members(), free.embeddings(), free.features(), free.quality(), usd, free.sets());
    // Strong is the smaller, being named first: weak beats it with 0.9, 0.8, ... 0.
    Calibration calibration = Calibration.of(estimates(), outcomes, outcomes, 1);
    assertEquals(List.of(1, 2), calibration.sizes());
    double alpha = calibration.alpha().orElseThrow();
    assertTrue(alpha > 0.2 && alpha <= 0.3 + 1e-6, "alpha " + alpha);
  }
}
