package dev.tutti.router.method.heads;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.numerics.Matrix;
import dev.tutti.router.FittedMethodContract;
import dev.tutti.router.Recorded;
import dev.tutti.router.fit.Outcomes;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HybridLlmEstimatorTest extends FittedMethodContract {

  @Override
  protected String name() {
    return "hybrid-llm";
  }

  private static Outcomes priced(float... usd) {
    Outcomes free =
        Recorded.outcomes(
            List.of("better", "worse"),
            new float[][] {{1, 0}, {0, 1}},
            new float[][] {{1, 0}, {1, 1}});
    return new Outcomes(
        free.members(),
        free.embeddings(),
        free.features(),
        free.quality(),
        new Matrix(2, 2, usd),
        free.sets());
  }

  private static float[] order(Outcomes outcomes) {
    return HybridLlmEstimator.fit(
            outcomes, new HybridLlmEstimator.Settings(), new SplittableRandom(1))
        .parameters()
        .matrix("order")
        .row(0);
  }

  @Test
  void theChainIsOrderedByCostWhereItIsKnown() {
    assertArrayEquals(new float[] {0, 1}, order(priced(0.001f, 0.02f, 0.001f, Float.NaN)));
    // Of the second nobody knows the cost: by quality.
    assertArrayEquals(new float[] {1, 0}, order(priced(0.001f, Float.NaN, 0.001f, Float.NaN)));
  }

  @Test
  void noSlackIsOnTheGrid() {
    // The large one's lead: -0.5 twice, 0.5 and 1 once each. At t = 0 half are easy, at 0.5 3/4.
    double[][] quality = {{0.5, 0}, {0.5, 0}, {0, 0.5}, {0, 1}};
    assertEquals(0, HybridLlmEstimator.relaxation(quality, 0, 1));
  }

  /** The smallest wins every tie. */
  @Override
  protected boolean findsSpecialists() {
    return false;
  }

  /** Of equal ones the smaller is always as good. */
  @Override
  protected double toleranceOfEqualMembers() {
    return 1;
  }
}
