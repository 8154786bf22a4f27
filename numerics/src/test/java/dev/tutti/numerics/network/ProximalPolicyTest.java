package dev.tutti.numerics.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.numerics.FiniteDifferences;
import dev.tutti.numerics.Vectors;
import dev.tutti.numerics.network.ProximalPolicy.Advantage;
import dev.tutti.numerics.network.ProximalPolicy.Lesson;
import dev.tutti.numerics.network.ProximalPolicy.Settings;
import dev.tutti.numerics.network.ProximalPolicy.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class ProximalPolicyTest {

  private static final double[] FIRST = {1, 0};
  private static final double[] SECOND = {0, 1};

  private static ProximalPolicy policy(Advantage advantage, double entropy) {
    return new ProximalPolicy(
        new Settings(.2, .5, 1e-2, 1e-2, 16, 8, advantage, entropy, 0),
        2,
        8,
        2,
        new SplittableRandom(1));
  }

  /** Two equal actions, A = 1: one of them is drawn up by .5 of its score, the other one down. */
  @Test
  void slopesByHand() {
    ProximalPolicy policy = policy(Advantage.REWARD, 0);
    double[] even = {0, 0};
    double half = Math.log(.5);
    assertArrayEquals(new double[] {-.5, .5}, policy.slopes(even, 0, half, 1), 1e-12);
    assertArrayEquals(new double[] {-1, 1}, policy.slopes(even, 1, half, -2), 1e-12);
    // rho = 1.25 is beyond 1.2: a good action is not made more likely than that ...
    double rare = Math.log(.4);
    assertArrayEquals(new double[] {0, 0}, policy.slopes(even, 0, rare, 1), 1e-12);
    // ... a bad one still less likely, by rho.
    assertArrayEquals(new double[] {.625, -.625}, policy.slopes(even, 0, rare, -1), 1e-12);
    // rho = .714 is below .8: the other way round.
    double often = Math.log(.7);
    assertArrayEquals(new double[] {0, 0}, policy.slopes(even, 0, often, -1), 1e-12);
    assertArrayEquals(new double[] {-.5 / 1.4, .5 / 1.4}, policy.slopes(even, 0, often, 1), 1e-12);
  }

  @Test
  void slopesAreThoseOfTheLoss() {
    var random = new SplittableRandom(3);
    ProximalPolicy policy = policy(Advantage.REWARD, .3);
    int clipped = 0;
    for (int i = 0; i < 200; i++) {
      double[] scores = {random.nextGaussian(), random.nextGaussian(), random.nextGaussian()};
      int action = random.nextInt(3);
      double now = ProximalPolicy.logProbability(scores, action);
      double ratio = .5 + random.nextDouble();
      // Not at the bend itself.
      ratio += Math.abs(ratio - .8) < .001 || Math.abs(ratio - 1.2) < .001 ? .01 : 0;
      double old = now - Math.log(ratio);
      double advantage = random.nextGaussian();
      clipped += ratio > 1.2 && advantage > 0 || ratio < .8 && advantage < 0 ? 1 : 0;
      assertArrayEquals(
          FiniteDifferences.slopes(at -> policy.loss(at, action, old, advantage), scores),
          policy.slopes(scores, action, old, advantage),
          1e-8);
    }
    assertTrue(clipped > 30, clipped + " of 200 are clipped");
  }

  /** Rewards 1 and 2, discount .5, and a critic that says 3 of everything. */
  @Test
  void advantagesAndTargetsByHand() {
    var episode = List.of(new Step(FIRST, 0, 1), new Step(SECOND, 1, 2));
    for (Advantage advantage : Advantage.values()) {
      ProximalPolicy policy = policy(advantage, 0);
      double[] weights = policy.critic().weights();
      weights[weights.length - 1] = 3;
      List<Lesson> lessons = policy.lessons(episode);
      // Last step first: r = 2, nothing behind it.
      assertEquals(-1, lessons.get(0).advantage(), 1e-12);
      assertEquals(2, lessons.get(0).target(), 1e-12);
      assertEquals(advantage == Advantage.RETURN ? -1 : -2, lessons.get(1).advantage(), 1e-12);
      assertEquals(2.5, lessons.get(1).target(), 1e-12);
      assertEquals(Math.log(.5), lessons.get(1).oldLogProbability(), 1e-12);
      assertEquals(0, lessons.get(1).action());
    }
  }

  /** 1 and 3 have a mean of 2 and a deviation of 1; equal ones all become 0. */
  @Test
  void advantagesAreStandardisedOverTheBuffer() {
    var one = List.of(new Lesson(FIRST, 0, -1, 1, 7));
    var two = List.of(new Lesson(SECOND, 1, -2, 3, 8));
    assertEquals(
        List.of(List.of(new Lesson(FIRST, 0, -1, -1, 7)), List.of(new Lesson(SECOND, 1, -2, 1, 8))),
        ProximalPolicy.standardised(List.of(one, two)));
    assertEquals(
        0, ProximalPolicy.standardised(List.of(one, one)).getFirst().getFirst().advantage());
  }

  /**
   * From the first state action 0 gives nothing and leads to the second, action 1 gives .5 and ends
   * it; in the second action 0 gives 2, action 1 nothing. To go on is worth .5 * 2 = 1: more than
   * .5 by the return, and less than it by the reward alone.
   */
  private static ProximalPolicy learned(Advantage advantage, long seed) {
    var random = new SplittableRandom(seed);
    ProximalPolicy policy = policy(advantage, 0);
    for (int round = 0; round < 60; round++) {
      var buffer = new ArrayList<List<Step>>();
      while (buffer.size() < 32) {
        int first = policy.draw(FIRST, random);
        int second = policy.draw(SECOND, random);
        buffer.add(
            first == 1
                ? List.of(new Step(FIRST, 1, .5))
                : List.of(new Step(FIRST, 0, 0), new Step(SECOND, second, second == 0 ? 2 : 0)));
      }
      policy.learn(buffer, random);
    }
    return policy;
  }

  @Test
  void aGameOfTwoStatesIsLearned() {
    ProximalPolicy far = learned(Advantage.RETURN, 5);
    assertTrue(Vectors.softmax(far.actor().apply(FIRST), 1)[0] > .9);
    assertTrue(Vectors.softmax(far.actor().apply(SECOND), 1)[0] > .9);
    assertEquals(2, far.critic().apply(SECOND)[0], .2);
    assertEquals(1, far.critic().apply(FIRST)[0], .2);
    ProximalPolicy near = learned(Advantage.REWARD, 5);
    assertTrue(Vectors.softmax(near.actor().apply(FIRST), 1)[1] > .9);
    assertArrayEquals(
        far.actor().weights(), learned(Advantage.RETURN, 5).actor().weights(), "the same seed");
  }

  @Test
  void nothingOfOneEpisodeReachesAnother() {
    ProximalPolicy policy = policy(Advantage.RETURN, 0);
    var alone = policy.lessons(List.of(new Step(FIRST, 0, 1)));
    assertEquals(1, alone.getFirst().advantage());
    assertEquals(1, alone.getFirst().target());
  }

  @Test
  void aFitThatIsGivenUpEnds() {
    Thread.currentThread().interrupt();
    try {
      assertThrows(CancellationException.class, () -> learned(Advantage.RETURN, 1));
    } finally {
      assertTrue(Thread.interrupted());
    }
  }
}
