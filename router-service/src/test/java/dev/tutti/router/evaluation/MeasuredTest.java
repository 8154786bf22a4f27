package dev.tutti.router.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.numerics.Matrix;
import dev.tutti.router.Estimate;
import dev.tutti.router.fit.Outcomes;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class MeasuredTest {

  private static final float NAN = Float.NaN;

  /**
   * Four queries, members a and b. Estimated better: a, a, b, b. Recorded: a 1 1 0 0, b 0 1 1 0.
   */
  @Test
  void choicesAreHeldAgainstTheBestMemberTheOracleAndChance() {
    Outcomes held = outcomes(new float[] {1, 0, 1, 1, 0, 1, 0, 0});
    Measured its = measure(held).measured();
    assertEquals(4, its.queries());
    assertEquals(0.75, its.choice(), 1e-9);
    assertEquals("a", its.bestMember(), "equal means: the earlier");
    assertEquals(0.5, its.best(), 1e-9);
    assertEquals(0.75, its.oracle(), 1e-9);
    assertEquals(0.5, its.random(), 1e-9);
    assertEquals(Optional.empty(), its.pair(), "there is no gap to recover");
    assertArrayEquals(new float[] {1, 1, 1, 0}, measure(held).heldOut().quality());
  }

  @Test
  void whoWasNotRunIsNotChosenAndAQueryOfNobodyDoesNotCount() {
    Outcomes held = outcomes(new float[] {NAN, 0, 1, 0, NAN, NAN, 0, 1});
    Measured.Result its = measure(held);
    assertArrayEquals(new long[] {10, 11, 13}, its.heldOut().queries());
    // b where a was not run; a; b.
    assertArrayEquals(new float[] {0, 1, 1}, its.heldOut().quality());
    assertEquals(2.0 / 3, its.measured().oracle(), 1e-9);
  }

  /** Two queries on which b wins or both do alike: b is the strong one. */
  @Test
  void twoMembersHaveACurve() {
    Outcomes held = outcomes(new float[] {0, 0, 0, 0, 0, 1, 1, 1});
    Measured.Pair pair = measure(held).measured().pair().orElseThrow();
    assertEquals("b", pair.strong());
    // Sent to b by falling probability: queries 2 and 3 tie, then 0 and 1. Of the gain, which is
    // query 2's, half comes with each of the first two: areas 1/4, 3/4, 1, 1, over 4.
    assertEquals(0.75, pair.apgr(), 1e-9);
    assertEquals(0.25, pair.cpt50(), 1e-9);
    assertEquals(0.4, pair.cpt80(), 1e-9);
  }

  /** b costs 3 and is right on the second half, a costs 1 and is right on the first. */
  @Test
  void whereCostsAreKnownTheCurveIsAboveTheMembers() {
    Outcomes held = outcomes(new float[] {1, 0, 1, 0, 0, 1, 0, 1});
    Measured.Cost cost = measure(held).measured().cost().orElseThrow();
    assertEquals(1, cost.fromUsd(), 1e-9);
    assertEquals(3, cost.toUsd(), 1e-9);
    assertEquals(0.5, cost.aiqOfMembers(), 1e-9);
    // From 0.5 at 1 USD straight to 1 at 2 USD, and flat to 3.
    assertEquals((0.75 + 1) / 2, cost.aiq(), 1e-9);
    var free =
        new Outcomes(
            held.members(),
            held.embeddings(),
            held.features(),
            held.quality(),
            new Matrix(0, 0),
            held.sets());
    assertTrue(measure(free).measured().cost().isEmpty());
  }

  @Test
  void nothingCannotBeMeasuredOn() {
    Outcomes held = outcomes(new float[] {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN});
    assertThrows(IllegalArgumentException.class, () -> measure(held));
  }

  private static Measured.Result measure(Outcomes held) {
    List<Estimate> estimates =
        List.of(estimate(0.9, 0.1), estimate(0.9, 0.1), estimate(0.2, 0.7), estimate(0.2, 0.7));
    return Measured.of(estimates, held, held, new long[] {10, 11, 12, 13});
  }

  private static Estimate estimate(double a, double b) {
    return Estimate.of(new double[] {a, b}, Estimate.Scale.PREFERENCE);
  }

  private static Outcomes outcomes(float[] quality) {
    return outcomes(quality, new float[] {1, 3, 1, 3, 1, 3, 1, 3});
  }

  private static Outcomes outcomes(float[] quality, float[] usd) {
    return new Outcomes(
        List.of("a", "b"),
        new Matrix(4, 2),
        new Matrix(0, 0),
        new Matrix(4, 2, quality),
        new Matrix(4, 2, usd),
        List.of("", "", "", ""));
  }

  /**
   * b is estimated 0.1 better on the first and 0.8 better on the second query, and right on both; a
   * is right on the first. Who costs what is what was learned: 0.01 and 0.05.
   */
  @Test
  void theCurveIsOfChoicesThatCostIsTakenOff() {
    float[] quality = {1, 1, 0, 1, NAN, 1, 1, 1};
    float[] usd = {0.01f, 0.05f, 0.01f, 0.05f, 0.01f, 0.05f, 0.01f, NAN};
    List<Estimate> estimates =
        List.of(estimate(0.6, 0.7), estimate(0.1, 0.9), estimate(0.9, 0.1), estimate(0.9, 0.1));
    // What was learned: 0.01 is the mean of what is known of a.
    Outcomes learned =
        outcomes(new float[8], new float[] {0.02f, 0.05f, 0, 0.05f, NAN, 0.05f, 0.01f, 0.05f});
    Measured.Cost cost =
        Measured.of(estimates, learned, outcomes(quality, usd), new long[4])
            .measured()
            .cost()
            .orElseThrow();
    assertEquals(0.01, cost.fromUsd(), 1e-8);
    assertEquals(0.05, cost.toUsd(), 1e-8);
    // a is worth 0.5, b 1.
    assertEquals(0.75, cost.aiqOfMembers(), 1e-6);
    // From 2.5 on a dollar is worth more than 0.1 / 0.04: a, b at 0.03 are right on both.
    assertEquals(0.875, cost.aiq(), 1e-6);
  }

  @Test
  void withoutARangeOfCostsThereIsNoCurve() {
    Outcomes equal =
        outcomes(new float[] {1, 0, 1, 0, 0, 1, 0, 1}, new float[] {1, 1, 1, 1, 1, 1, 1, 1});
    assertTrue(measure(equal).measured().cost().isEmpty());
    Outcomes unknown =
        outcomes(
            new float[] {1, 0, 1, 0, 0, 1, 0, 1}, new float[] {1, NAN, 1, NAN, 1, NAN, 1, NAN});
    assertTrue(measure(unknown).measured().cost().isEmpty());
  }

  /** The first and the third query, on which one was not run, are no pairs. */
  @Test
  void onlyQueriesOfBothArePaired() {
    Outcomes held = outcomes(new float[] {1, NAN, 1, 0, NAN, 0, 0, 0.5f});
    Measured its = measure(held).measured();
    assertEquals("a", its.bestMember());
    assertEquals(2 / 3.0, its.best(), 1e-9);
    Measured.Pair pair = its.pair().orElseThrow();
    assertEquals("a", pair.strong());
    assertEquals("b", pair.weak());
    // a is sent the second (0.9), which gains 1, then the fourth, which loses 0.5: 2 and 1.
    assertEquals((1 + 1.5) / 2, pair.apgr(), 1e-9);
    assertEquals(0.125, pair.cpt50(), 1e-9);
    assertEquals(0.2, pair.cpt80(), 1e-9);
    assertEquals((1 + 0.5 + 0 + 0.25) / 4, its.random(), 1e-9);
  }

  @Test
  void aMeasurementIsGivenUpWhenItsThreadIsInterrupted() {
    Outcomes held = outcomes(new float[] {1, 0, 1, 0, 0, 1, 0, 1});
    Thread.currentThread().interrupt();
    try {
      assertThrows(CancellationException.class, () -> measure(held));
    } finally {
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void sharesAndSetsByHand() {
    Outcomes free = outcomes(new float[] {NAN, 0, 1, 0, NAN, NAN, 0, 0.5f});
    var held =
        new Outcomes(
            free.members(),
            free.embeddings(),
            free.features(),
            free.quality(),
            free.usd(),
            List.of("s", "t", "s", "s"));
    var comparison = measure(held).comparison();
    // b where a was not run; a; nobody; b.
    assertEquals(1 / 3.0, comparison.memberShares().get("a"), 1e-12);
    assertEquals(2 / 3.0, comparison.memberShares().get("b"), 1e-12);
    assertEquals(
        "[SetResult[set=s, queries=2, quality=0.25], SetResult[set=t, queries=1, quality=1.0]]",
        comparison.sets().toString());
  }
}
