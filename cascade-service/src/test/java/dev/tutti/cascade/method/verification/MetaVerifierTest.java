package dev.tutti.cascade.method.verification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class MetaVerifierTest {

  /** Counts a bin's needy, good and hopeless questions. */
  private static void add(MetaVerifier verifier, int bin, int needy, int good, int hopeless) {
    for (int i = 0; i < needy; i++) {
      verifier.add(bin, 0, 1);
    }
    for (int i = 0; i < good; i++) {
      verifier.add(bin, 1, i % 2);
    }
    for (int i = 0; i < hopeless; i++) {
      verifier.add(bin, .25, .4);
    }
  }

  /** Six needy, one good, three hopeless: 397 / 6 = 66.2, so from r = 167 on. */
  @Test
  void theNextIsAskedFromARewardOn() {
    var verifier = new MetaVerifier(1);
    add(verifier, 0, 6, 1, 3);
    add(verifier, 1, 1, 40, 9);
    assertFalse(verifier.isRouted(0, 166));
    assertTrue(verifier.isRouted(0, 167));
    // (4000 + 891) / 1: from r = 4992 on.
    assertFalse(verifier.isRouted(1, 4_991));
    assertTrue(verifier.isRouted(1, 4_992));
    assertEquals(new TreeSet<>(List.of(167, 4_992)), verifier.rewards());
    add(verifier, 1, 0, 1, 0);
    assertEquals(new TreeSet<>(List.of(167)), verifier.rewards(), "5,092 is beyond what is tried");
  }

  /** Where nothing is needy nobody is ever asked; equal rewards keep the answer. */
  @Test
  void whereNobodyIsNeedyTheAnswerIsKept() {
    var verifier = new MetaVerifier(1);
    add(verifier, 0, 0, 5, 5);
    add(verifier, 1, 1, 1, 0);
    assertFalse(verifier.isRouted(0, 4_999));
    assertFalse(verifier.isRouted(1, 200), "both rewards are the same");
    assertTrue(verifier.isRouted(1, 201));
    assertEquals(new TreeSet<>(List.of(201)), verifier.rewards());
  }

  /** A bin of nobody is as all together: 1 needy, 1 good, 1 hopeless, 199 above 100. */
  @Test
  void aBinOfNobodyIsAsAllTogether() {
    var verifier = new MetaVerifier(2);
    add(verifier, 0, 1, 0, 1);
    add(verifier, 2, 0, 1, 0);
    assertFalse(verifier.isRouted(1, 299));
    assertTrue(verifier.isRouted(1, 300));
    assertEquals(new TreeSet<>(List.of(200, 300)), verifier.rewards());
  }

  /** The rule is what the paper's rewards say, whatever is counted. */
  @Test
  void theRuleIsTheHigherExpectedReward() {
    var random = new Random(6);
    for (int round = 0; round < 300; round++) {
      var verifier = new MetaVerifier(1);
      int[] n = random.ints(3, 0, 9).toArray();
      n[random.nextInt(3)]++;
      add(verifier, 0, n[0], n[1], n[2]);
      double r = random.nextInt(5_000);
      double keep = -r * n[0] - (r + 1) * n[2];
      double route = -100.0 * n[0] - 100.0 * n[1] - (r + 100) * n[2];
      assertEquals(route > keep, verifier.isRouted(0, r), () -> "at " + r);
      TreeSet<Integer> rewards = verifier.rewards();
      assertEquals(rewards.floor((int) r) != null, verifier.isRouted(0, r), () -> "at " + r);
    }
  }

  /** Sums of a bell of sigma 2 over 17 bins, mirrored at both ends; computed apart. */
  @Test
  void gainsAreSmoothedOverTheirNeighbours() {
    assertArrayEquals(new double[] {0.49640, 0.50360}, smoothed(0, 1), 1e-5);
    assertArrayEquals(new double[] {0.38914, 0.33329, 0.27757}, smoothed(1, 0, 0), 1e-5);
    assertArrayEquals(
        new double[] {0.06050, 0.02863, -0.02359, -0.06554}, smoothed(-.2, .6, .1, -.5), 1e-5);
    assertArrayEquals(new double[] {.3, .3, .3, .3}, smoothed(.3, .3, .3, .3), 1e-12);
  }

  private static double[] smoothed(double... gains) {
    return gains(gains).smoothed();
  }

  private static MetaVerifier gains(double... gains) {
    var verifier = new MetaVerifier(gains.length - 1);
    for (int bin = 0; bin < gains.length; bin++) {
      verifier.add(bin, 0, gains[bin]);
      verifier.add(bin, 0, gains[bin]);
    }
    return verifier;
  }

  @Test
  void binsComeByFallingGain() {
    assertEquals(List.of(0, 1, 2), gains(1, 0, 0).byGain());
    assertEquals(List.of(2, 1, 0), gains(0, 0, 1).byGain());
    assertEquals(List.of(0, 1, 2), gains(0, 0, 0).byGain(), "of equals the lower first");
    var some = new MetaVerifier(2);
    some.add(0, 0, 1);
    some.add(2, 1, 0);
    assertArrayEquals(gains(1, 0, -1).smoothed(), some.smoothed(), 1e-12, "none is the mean, 0");
  }

  /** Half of a step belongs to the upper bin. */
  @Test
  void sharesFallIntoTheNearestBin() {
    assertEquals(0, VerifierBins.bin(0, 8));
    assertEquals(8, VerifierBins.bin(1, 8));
    assertEquals(4, VerifierBins.bin(.5, 8));
    assertEquals(1, VerifierBins.bin(1.0 / 16, 8));
    assertEquals(0, VerifierBins.bin(.0624, 8));
    assertEquals(2, VerifierBins.bin(.3, 8));
    assertEquals(3, VerifierBins.bin(.32, 8));
    assertEquals(1, VerifierBins.bin(.5, 1));
  }
}
