package dev.tutti.fusion.method.vote;

import static dev.tutti.fusion.method.vote.ConditionalLogitTest.ballot;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.method.vote.Ballots.Ballot;
import dev.tutti.numerics.answer.AnswerForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DawidSkeneTest {

  private static final int[][] SIX = {
    {1, 1, 1}, {1, 1, 0}, {0, 0, 1}, {0, 0, 0}, {1, 0, 1}, {0, 0, 1}
  };

  private static double[] ofOne(DawidSkene learned) {
    return Arrays.stream(learned.truths()).mapToDouble(truth -> truth[1]).toArray();
  }

  /** Worked by hand: no move is as great as 2, so that it ends after one round. */
  @Test
  void oneRound() {
    DawidSkene learned = DawidSkene.fit(SIX, 2, 2);
    assertEquals(1, learned.rounds());
    assertArrayEquals(new double[] {.7708, .7292, .6458}, learned.accuracies(), 5e-5);
    assertArrayEquals(new double[] {.5, .5}, learned.shares(), 1e-12);
    assertArrayEquals(
        new double[] {.9429, .8324, .1676, .0571, .6950, .1676}, ofOne(learned), 5e-5);
  }

  /** The fifth question turns against its majority: who made it is not to be trusted. */
  @Test
  void theEnd() {
    DawidSkene learned = DawidSkene.fit(SIX, 2, 1e-8);
    assertEquals(45, learned.rounds());
    assertArrayEquals(new double[] {.8322, .8871, .4731}, learned.accuracies(), 5e-5);
    assertEquals(.4073, learned.shares()[1], 5e-5);
    assertArrayEquals(
        new double[] {.9601, .9676, .0156, .0193, .2801, .0156}, ofOne(learned), 5e-5);
  }

  /** Where answers are numbered otherwise in each question, their shares teach nothing. */
  @Test
  void answersOfAQuestionHaveNoNames() {
    int[][] renamed = Arrays.stream(SIX).map(int[]::clone).toArray(int[][]::new);
    for (int q : new int[] {1, 4}) {
      Arrays.setAll(renamed[q], m -> 1 - renamed[q][m]);
    }
    DawidSkene one = DawidSkene.fit(SIX, 0, 1e-8);
    DawidSkene other = DawidSkene.fit(renamed, 0, 1e-8);
    assertEquals(0, one.shares().length);
    assertArrayEquals(one.accuracies(), other.accuracies(), 1e-12);
    assertEquals(one.truths()[4][1], other.truths()[4][0], 1e-12);
  }

  private static Ballots simulated(double[] accuracies, int clones, Random random) {
    var rows = new ArrayList<Ballot>();
    var members = new ArrayList<String>();
    for (int m = 0; m < accuracies.length + clones; m++) {
      members.add("m" + m);
    }
    for (int q = 0; q < 3000; q++) {
      var answers = new int[members.size()];
      var scores = new float[members.size()];
      var numbers = new TreeMap<Integer, Integer>();
      for (int m = 0; m < answers.length; m++) {
        int said = random.nextDouble() < at(accuracies, m) ? 0 : 1 + random.nextInt(3);
        answers[m] =
            m < accuracies.length
                ? numbers.computeIfAbsent(said, _ -> numbers.size())
                : answers[accuracies.length - 1];
      }
      rows.add(new Ballot(q, "", q % 2 == 0 ? "even" : "", answers, scores));
    }
    return new Ballots(members, rows);
  }

  private static double at(double[] accuracies, int member) {
    return accuracies[Math.min(member, accuracies.length - 1)];
  }

  private static VoteWeights fit(Ballots ballots) {
    return VoteWeights.fit(
        ballots,
        new VoteWeights.Settings(
            AnswerForm.CHOICE, "category", 1, 30, VoteWeights.Learning.DAWID_SKENE, 2),
        new SplittableRandom(1));
  }

  /** No score is looked at: all are 0 here. */
  @Test
  void whoIsRightOftenIsFoundWithoutScores() {
    double[] weights = fit(simulated(new double[] {.9, .75, .6, .4}, 0, new Random(3))).weights("");
    assertEquals(Math.log(.9 / .1), weights[0], .25);
    assertEquals(Math.log(.75 / .25), weights[1], .2);
    assertEquals(Math.log(.6 / .4), weights[2], .2);
    assertEquals(0, weights[3], 0, "below one of two");
  }

  @Test
  void clonesShareOneVote() {
    double[] accuracies = {.8, .75, .7, .65};
    double[] alone = fit(simulated(accuracies, 0, new Random(5))).weights("even");
    double[] cloned = fit(simulated(accuracies, 4, new Random(5))).weights("even");
    for (int m = 3; m < 8; m++) {
      assertEquals(cloned[3], cloned[m], 0);
    }
    assertEquals(Math.log(.65 / .35), 5 * cloned[3], .25);
    assertEquals(alone[0], cloned[0], .35);
  }

  @Test
  void aCategoryHasWeightsOfItsOwn() {
    var rows = new ArrayList<>(simulated(new double[] {.9, .8, .7, .7}, 0, new Random(3)).rows());
    for (int q = 0; q < 400; q++) {
      // Here the first is wrong whenever he can be.
      rows.add(ballot("odd", new int[] {0, 1, 1, 1}, 0, 0, 0, 0));
    }
    VoteWeights weights = fit(new Ballots(List.of("a", "b", "c", "d"), rows));
    assertEquals(List.of("even", "odd"), weights.categories());
    assertEquals(0, weights.weights("odd")[0], 0);
    assertTrue(weights.weights("even")[0] > 1);
    assertTrue(weights.weights("odd")[1] > weights.weights("even")[1]);
  }

  @Test
  void tooFewWhoDifferAreRefused() {
    var rows = simulated(new double[] {.9, .8}, 3, new Random(3));
    var e = assertThrows(IllegalArgumentException.class, () -> fit(rows));
    assertTrue(e.getMessage().contains("Of 5 members, 2 are left"), e.getMessage());
    var mute =
        new Ballots(List.of("a", "b", "c"), List.of(ballot("", new int[] {-1, -1, -1}, 0, 0, 0)));
    e = assertThrows(IllegalArgumentException.class, () -> fit(mute));
    assertTrue(e.getMessage().contains("none has an answer"), e.getMessage());
  }

  @Test
  void linksMakeGroups() {
    Clones chain = Clones.linked(5, (i, j) -> i == 0 && j == 3 || i == 2 && j == 3);
    assertArrayEquals(new int[] {0, 1, 0, 0, 2}, chain.groups());
    assertArrayEquals(new int[] {3, 1, 1}, chain.sizes());
    assertArrayEquals(new int[] {7, -1, 4}, chain.merged(new int[] {-1, -1, 7, 8, 4}));
  }
}
