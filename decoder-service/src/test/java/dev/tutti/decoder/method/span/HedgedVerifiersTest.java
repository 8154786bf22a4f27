package dev.tutti.decoder.method.span;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.decoder.span.Ballot;
import dev.tutti.decoder.span.SpanChoice;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * By hand, everyone writing a draft of its own: V is (.5 .3 .2), (.2 .5 .3), (.6 .1 .3) by judge.
 * Of the comparisons of others the first wins two (both of the third judge), the second one, the
 * third one, of four each: r .5, .25, .25. With lr 1 in round 1 eta is sqrt(1/3) = .577350, the
 * weights are as exp(.288675) = 1.334658, 1.155274, 1.155274, so .366141, .316930, .316930, and the
 * scores .436614, .3, .263386.
 */
class HedgedVerifiersTest {

  private static final double[] EQUAL = {1 / 3.0, 1 / 3.0, 1 / 3.0};

  private static Ballot ballot(double[]... v) {
    double[][] scores =
        Arrays.stream(v)
            .map(judge -> judge == null ? null : Arrays.stream(judge).map(Math::log).toArray())
            .toArray(double[][]::new);
    return new Ballot(3, new int[] {0, 1, 2}, scores);
  }

  private static Ballot card() {
    return ballot(new double[] {.5, .3, .2}, new double[] {.2, .5, .3}, new double[] {.6, .1, .3});
  }

  private static HedgedVerifiers choose(HedgedVerifiers before, int winner) {
    SpanChoice.Choice choice = before.choose(card());
    assertEquals(winner, choice.candidate());
    return (HedgedVerifiers) choice.after();
  }

  @Test
  void judgesWhoseDraftsWinGainWeight() {
    HedgedVerifiers after = choose(HedgedVerifiers.begin(EQUAL, 1, .3), 0);
    assertArrayEquals(new double[] {.366141, .316930, .316930}, after.weights(), 1e-6);
    assertArrayEquals(new double[] {.436614, .3, .263386}, after.quality(), 1e-6);
    assertEquals(2, after.round());
    // In the second round eta is half of it: exp(.144338) to exp(.072169), from where they stand.
    HedgedVerifiers again = choose(after, 0);
    double first = .366141 * Math.exp(.144338);
    double other = .316930 * Math.exp(.072169);
    assertEquals(first / (first + 2 * other), again.weights()[0], 1e-6);
  }

  @Test
  void withoutARateWeightsStay() {
    HedgedVerifiers after = choose(HedgedVerifiers.begin(new double[] {.2, .5, .3}, 0, .3), 0);
    assertArrayEquals(new double[] {.2, .5, .3}, after.weights(), 1e-12);
  }

  @Test
  void whoWinsNothingCountsAsOneComparison() {
    Ballot ballot =
        ballot(new double[] {.6, .3, .1}, new double[] {.6, .3, .1}, new double[] {.5, .4, .1});
    var after = (HedgedVerifiers) HedgedVerifiers.begin(EQUAL, 1, 0).choose(ballot).after();
    // Of four: the first wins all, the second two (against the third), the third none, so one.
    double eta = Math.sqrt(1 / 3.0);
    double[] grown = {Math.exp(eta), Math.exp(eta / 2), Math.exp(eta / 4)};
    double sum = grown[0] + grown[1] + grown[2];
    assertArrayEquals(
        new double[] {grown[0] / sum, grown[1] / sum, grown[2] / sum}, after.weights(), 1e-12);
  }

  /**
   * By hand: with 3, 3 and 0 before, P is as exp of 3.4366, 3.3, .2634: .5224, .4557, .0218, of
   * entropy .7807, below .9 ln 3 = .9888; .0218 is below .3 / 3.
   */
  @Test
  void whoFallsBehindLeavesFromTheSecondRoundOn() {
    double[] behind = {3, 3, 0};
    boolean[] all = {true, true, true};
    assertTrue(choose(new HedgedVerifiers(EQUAL, behind, all, 1, 1, .3), 0).takesPart(2));
    HedgedVerifiers after = choose(new HedgedVerifiers(EQUAL, behind, all, 2, 1, .3), 0);
    assertFalse(after.takesPart(2));
    assertTrue(after.takesPart(0) && after.takesPart(1));
    assertEquals(0, after.weights()[2]);
    assertEquals(1, after.weights()[0] + after.weights()[1], 1e-12);
    assertEquals(2.0, after.measures().get("members_left"));
    assertTrue(choose(new HedgedVerifiers(EQUAL, behind, all, 2, 1, .06), 0).takesPart(2));
    assertTrue(choose(new HedgedVerifiers(EQUAL, behind, all, 2, 1, 0), 0).takesPart(2));
  }

  /** By hand: .5, .5 and .2 before have an entropy of 1.0774. */
  @Test
  void nobodyLeavesWhereQualityIsAlike() {
    boolean[] all = {true, true, true};
    var before = new HedgedVerifiers(EQUAL, new double[] {.5, .5, .2}, all, 5, 1, 1);
    assertTrue(choose(before, 0).takesPart(2));
  }

  @Test
  void twoStayAlways() {
    boolean[] all = {true, true, true};
    HedgedVerifiers after =
        choose(new HedgedVerifiers(EQUAL, new double[] {9, 0, 0}, all, 2, 1, 1), 0);
    assertTrue(after.takesPart(0) && after.takesPart(1));
    assertFalse(after.takesPart(2));
    var two = ballot(new double[] {.5, .3, .2}, new double[] {.2, .5, .3}, null);
    var last = (HedgedVerifiers) after.choose(two).after();
    assertTrue(last.takesPart(0) && last.takesPart(1));
  }

  @Test
  void whereNobodyVerifiesNothingChanges() {
    HedgedVerifiers before = HedgedVerifiers.begin(EQUAL, 1, .3);
    SpanChoice.Choice choice = before.choose(new Ballot(1, new int[] {0, 0, 0}, new double[3][]));
    assertEquals(0, choice.candidate());
    var after = (HedgedVerifiers) choice.after();
    assertArrayEquals(EQUAL, after.weights());
    assertEquals(2, after.round());
  }
}
