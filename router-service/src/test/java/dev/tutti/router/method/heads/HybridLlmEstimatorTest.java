package dev.tutti.router.method.heads;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
    var parameters =
        HybridLlmEstimator.fit(outcomes, new HybridLlmEstimator.Settings(), new SplittableRandom(1))
            .parameters();
    assertEquals(1, parameters.matrix("heads").rows(), "one for each pair");
    return parameters.matrix("order").row(0);
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

  @Test
  void theDefaultsAreThoseOfTheTable() {
    assertEquals(
        new HybridLlmEstimator.Settings(HybridLlmEstimator.Label.RELAXED, 0.003),
        new HybridLlmEstimator.Settings());
  }

  /** What is learned of how likely the small one is good enough, where nothing is seen. */
  private static double[] learned(HybridLlmEstimator.Label label, float[]... quality) {
    return HybridLlmEstimator.fit(
            Recorded.blind(quality),
            new HybridLlmEstimator.Settings(label, 0.003),
            new SplittableRandom(1))
        .estimate(Recorded.query(0))
        .quality();
  }

  @Test
  void theThreeLabelsByHand() {
    // a is the smaller, by its mean. It is as good on two of five; one was not run.
    float[][] quality = {{1, 0}, {0, 1}, {0.5f, 0.5f}, {0.2f, 0.9f}, {0.3f, 0.6f}, {Float.NaN, 1}};
    assertArrayEquals(
        new double[] {0.4, 0.6}, learned(HybridLlmEstimator.Label.DETERMINISTIC, quality), 1e-3);
    double probable = (1 + 0 + 0.75 + 0.28 + 0.58) / 5;
    assertArrayEquals(
        new double[] {probable, 1 - probable},
        learned(HybridLlmEstimator.Label.PROBABILISTIC, quality),
        1e-3);
    // The large one leads by -1, 1/8, 1/4, 3/8 and 1/2: with a slack of 1/8 two are easy.
    float[][] leads = {{1, 0}, {0.25f, 0.375f}, {0, 0.25f}, {0, 0.375f}, {0.5f, 1}};
    assertArrayEquals(
        new double[] {0.4, 0.6}, learned(HybridLlmEstimator.Label.RELAXED, leads), 1e-3);
    assertArrayEquals(
        new double[] {0.2, 0.8}, learned(HybridLlmEstimator.Label.DETERMINISTIC, leads), 1e-3);
  }

  @Test
  void theSlackSpreadsTheLabelsMost() {
    double nan = Double.NaN;
    // Small first: leads of -1, 0.1, 0.2, 0.3, 0.4. 2/5 are as far from a half as 3/5: the less.
    double[][] five = {{1, 0}, {0, 0.1}, {nan, 1}, {0, 0.3}, {0, 0.2}, {0, 0.4}, {1, nan}};
    assertEquals(0.1, HybridLlmEstimator.relaxation(five, 0, 1));
    // The other way round: 0.2 ahead at most: at 0 four of five are easy, at 1 all.
    assertEquals(0, HybridLlmEstimator.relaxation(five, 1, 0));
    // Equal gaps are one step: at 0 none, at 0.25 three of five, at 0.5 all.
    double[][] steps = {{0, 0.5}, {0, 0.25}, {0.25, 0.5}, {0, 0.25}, {0, 0.5}};
    assertEquals(0.25, HybridLlmEstimator.relaxation(steps, 0, 1));
    // The best is not the first that is better: 1/4, 2/4, 3/4.
    double[][] rising = {{0, 0.1}, {0, 0.2}, {0, 0.3}, {0, 0.4}};
    assertEquals(0.2, HybridLlmEstimator.relaxation(rising, 0, 1));
    // A negative gap is no slack: at 0 three quarters are easy, as good as any.
    double[][] ahead = {{1, 0}, {1, 0.5}, {1, 0.75}, {0, 1}};
    assertEquals(0, HybridLlmEstimator.relaxation(ahead, 0, 1));
    assertEquals(0, HybridLlmEstimator.relaxation(new double[][] {{nan, 1}}, 0, 1));
    assertEquals(0, HybridLlmEstimator.relaxation(new double[][] {{0, 1}}, 0, 1));
  }

  @Test
  void aChainAddsUpItsLogits() {
    // c first; c beats a with 2/3, a beats b with 3/4.
    var heads = new Matrix(2, 2, new float[] {0, (float) Math.log(2), 0, (float) Math.log(3)});
    var chain =
        new HybridLlmEstimator(
            Recorded.parameters("a", "b", "c")
                .with("heads", heads)
                .with("order", Matrix.row(2, 0, 1)));
    assertArrayEquals(
        new double[] {0.3, 0.1, 0.6}, chain.estimate(Recorded.query(9)).quality(), 1e-6);
  }

  @Test
  void eachPairOfNeighboursLearnsItsOwn() {
    // By mean quality c, a, b. c is as good as a in one of four, a as b in three of four.
    double[] chain =
        learned(
            HybridLlmEstimator.Label.DETERMINISTIC,
            new float[] {0.25f, 1, 0.5f},
            new float[] {0.5f, 0.5f, 0},
            new float[] {0.5f, 0.5f, 0},
            new float[] {0.5f, 0.5f, 0});
    // c : a = 1 : 3, a : b = 3 : 1.
    assertArrayEquals(new double[] {0.6, 0.2, 0.2}, chain, 2e-3);
  }

  @Test
  void theSmallOneIsPreferredWhereItIsAsGood() {
    var outcomes =
        Recorded.outcomes(
            List.of("small", "large"),
            new float[][] {{1}, {-1}, {1}, {-1}},
            new float[][] {{0.5f, 0.5f}, {0, 1}, {0.5f, 0.5f}, {0, 1}});
    var fitted =
        HybridLlmEstimator.fit(
            outcomes, new HybridLlmEstimator.Settings(), new SplittableRandom(1));
    assertTrue(fitted.estimate(Recorded.query(1)).quality()[0] > 0.8);
    assertTrue(fitted.estimate(Recorded.query(-1)).quality()[0] < 0.2);
  }
}
