package dev.tutti.fusion.method.vote;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.fusion.method.vote.Ballots.Ballot;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ConditionalLogitTest {

  static Ballot ballot(String category, int[] answers, float... scores) {
    return new Ballot(0, "", category, answers, scores);
  }

  /** Two who never agree, the first right {@code first} times, the other {@code other} times. */
  private static List<Ballot> rivals(int first, int other) {
    var rows = new ArrayList<Ballot>();
    for (int i = 0; i < first + other; i++) {
      rows.add(ballot("", new int[] {0, 1}, i < first ? 1 : 0, i < first ? 0 : 1));
    }
    return rows;
  }

  /** p(first) = 3/4 is where w1 - w2 = ln 3. */
  @Test
  void theWeightIsTheLogOddsOfWhoIsRight() {
    double[] w = new ConditionalLogit(rivals(30, 10), 2).fit(new double[2], 1e-9);
    assertEquals(Math.log(3), w[0] - w[1], 1e-3);
    w = new ConditionalLogit(rivals(10, 30), 2).fit(new double[2], 1e-9);
    assertEquals(Math.log(3), w[1] - w[0], 1e-3);
  }

  /** The worse of the two would have less than nothing. */
  @Test
  void noWeightIsNegative() {
    double[] w = new ConditionalLogit(rivals(30, 10), 2).fit(new double[2], 1);
    // 40 p - 30 + w = 0 with p = 1 / (1 + exp(-w)).
    assertEquals(0, 40 / (1 + Math.exp(-w[0])) - 30 + w[0], 1e-3);
    assertEquals(0, w[1], 1e-6);
  }

  /** Of 4 questions: sum of p - 3 + ridge (w - 1) = 0 at w = 1 + (3 - 4 s(w)) / ridge. */
  @Test
  void aRidgePullsToItsCenter() {
    double[] w = new ConditionalLogit(rivals(3, 1), 2).fit(new double[] {1, 0}, 8);
    double p = 1 / (1 + Math.exp(-(w[0] - w[1])));
    assertEquals(1 + (3 - 4 * p) / 8, w[0], 1e-5);
    assertEquals(0 + (1 - 4 * (1 - p)) / 8 < 0 ? 0 : (1 - 4 * (1 - p)) / 8, w[1], 1e-5);
    double[] held = new ConditionalLogit(rivals(3, 1), 2).fit(new double[] {5, 2}, 1e8);
    assertArrayEquals(new double[] {5, 2}, held, 1e-4);
  }

  @Test
  void whoAlwaysAgreesSharesOneVote() {
    var rows = new ArrayList<Ballot>();
    for (int i = 0; i < 40; i++) {
      boolean first = i < 30;
      rows.add(ballot("", new int[] {0, 0, 1}, first ? 1 : 0, first ? 1 : 0, first ? 0 : 1));
    }
    double[] w = new ConditionalLogit(rows, 3).fit(new double[3], 1e-6);
    assertEquals(Math.log(3), w[0] + w[1] - w[2], 1e-2);
    assertEquals(w[0], w[1], 1e-6);
  }

  @Test
  void theGradientIsThatOfTheLoss() {
    var random = new SplittableRandom(3);
    var rows = new ArrayList<Ballot>();
    for (int i = 0; i < 25; i++) {
      var answers = new int[5];
      var scores = new float[5];
      for (int m = 0; m < 5; m++) {
        answers[m] = random.nextInt(4) - 1;
        scores[m] = answers[m] == 0 ? 1 : random.nextInt(2);
      }
      rows.add(ballot("", answers, scores));
    }
    var logit = new ConditionalLogit(rows, 5);
    assertTrue(logit.size() > 5, logit.size() + " rows teach something");
    double[] w = {0.3, 0.1, 1.2, 0.7, 0};
    double[] center = {0.1, 0, 0.5, 1, 0.2};
    var gradient = new double[5];
    logit.loss(w, center, 0.7, gradient);
    for (int m = 0; m < 5; m++) {
      double[] more = w.clone();
      double[] less = w.clone();
      more[m] += 1e-5;
      less[m] -= 1e-5;
      double slope =
          (logit.loss(more, center, 0.7, null) - logit.loss(less, center, 0.7, null)) / 2e-5;
      assertEquals(slope, gradient[m], 1e-5, "member " + m);
    }
  }

  @Test
  void questionsThatTellNobodyApartAreLeftOut() {
    assertEquals(
        0,
        new ConditionalLogit(
                List.of(
                    ballot("", new int[] {0, 0}, 1, 1),
                    ballot("", new int[] {0, 1}, 0, 0),
                    ballot("", new int[] {0, 1}, 1, 1),
                    ballot("", new int[] {0, -1}, 1, 0),
                    ballot("", new int[] {-1, -1}, 0, 0)),
                2)
            .size());
  }

  /** By hand: ln(1 + e^-w) for who is right, w more for who is wrong; held where e^-w is 0. */
  @Test
  void theLossOfLargeWeightsIsFinite() {
    var logit = new ConditionalLogit(rivals(1, 0), 2);
    double[] zero = new double[2];
    assertEquals(Math.log(1 + Math.exp(-3)), logit.loss(new double[] {3, 0}, zero, 0, null), 1e-12);
    assertEquals(0, logit.loss(new double[] {800, 0}, zero, 0, null), 1e-12);
    var gradient = new double[2];
    assertEquals(
        -Math.log(Double.MIN_NORMAL), logit.loss(new double[] {0, 800}, zero, 0, gradient), 1e-9);
    assertEquals(1, gradient[1], 1e-12);
  }

  /** Many members, of whom only some are worth anything: nowhere is there a way down. */
  @Test
  void whatIsFoundIsTheLeast() {
    var random = new SplittableRandom(5);
    var rows = new ArrayList<Ballot>();
    for (int i = 0; i < 200; i++) {
      var answers = new int[6];
      var scores = new float[6];
      for (int m = 0; m < 6; m++) {
        answers[m] = random.nextDouble() < 0.3 + 0.1 * m ? 0 : 1 + random.nextInt(2);
        scores[m] = answers[m] == 0 ? 1 : 0;
      }
      rows.add(ballot("", answers, scores));
    }
    var logit = new ConditionalLogit(rows, 6);
    double[] center = {0.5, 0, 0, 0, 2, 0};
    double[] w = logit.fit(center, 0.5);
    var gradient = new double[6];
    logit.loss(w, center, 0.5, gradient);
    for (int m = 0; m < 6; m++) {
      assertTrue(w[m] > 0 ? Math.abs(gradient[m]) < 1e-2 : gradient[m] > -1e-2, "member " + m);
    }
  }
}
