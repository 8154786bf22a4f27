package dev.tutti.fusion.method.vote;

import static dev.tutti.fusion.method.vote.ConditionalLogitTest.ballot;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.fusion.method.vote.Ballots.Ballot;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TopicLogitTest {

  private static final double[] NONE = {};

  /** The card's: A by 1 and 2, B by 3, weights .5, .4 and 1.2, A is right. */
  @Test
  void lossAndGradient() {
    var logit =
        new TopicLogit(List.of(ballot("", new int[] {0, 0, 1}, 1, 1, 0)), List.of(NONE), 3, 0);
    double[] w = {.5, .4, 1.2};
    var gradient = new double[3];
    assertEquals(.854355, logit.loss(w, 0, 0, gradient), 1e-6);
    assertArrayEquals(new double[] {-.574443, -.574443, .574443}, gradient, 1e-6);
    for (int m = 0; m < 3; m++) {
      w[m] -= gradient[m];
    }
    assertArrayEquals(new double[] {1.074443, .974443, .625557}, w, 1e-6);
    assertEquals(.215846, logit.loss(w, 0, 0, null), 1e-6);
  }

  @Test
  void theGradientIsTheLosss() {
    var random = new Random(3);
    var rows = new ArrayList<Ballot>();
    var shares = new ArrayList<double[]>();
    for (int i = 0; i < 20; i++) {
      float right = random.nextInt(2);
      rows.add(ballot("", new int[] {0, 1, random.nextInt(3) - 1}, right, 1 - right, 0));
      double first = random.nextDouble();
      shares.add(new double[] {first, 1 - first});
    }
    var logit = new TopicLogit(rows, shares, 3, 2);
    double[] w = random.doubles(9, -1, 1).toArray();
    var gradient = new double[9];
    logit.loss(w, .7, 3, gradient);
    for (int i = 0; i < w.length; i++) {
      double[] more = w.clone();
      double[] less = w.clone();
      more[i] += 1e-5;
      less[i] -= 1e-5;
      double slope = (logit.loss(more, .7, 3, null) - logit.loss(less, .7, 3, null)) / 2e-5;
      assertEquals(slope, gradient[i], 1e-5, "weight " + i);
    }
  }

  /** In the first topic p(first) = 3/4, in the second 1/4; each knows only its own. */
  @Test
  void eachTopicHasWeightsOfItsOwn() {
    var rows = new ArrayList<Ballot>();
    var shares = new ArrayList<double[]>();
    for (int i = 0; i < 80; i++) {
      boolean first = i < 40 == (i % 4 != 0);
      rows.add(ballot("", new int[] {0, 1}, first ? 1 : 0, first ? 0 : 1));
      shares.add(i < 40 ? new double[] {1, 0} : new double[] {0, 1});
    }
    var logit = new TopicLogit(rows, shares, 2, 2);
    assertEquals(80, logit.size());
    double[] w = logit.fit(1e-6, 1e-6);
    double[] one = TopicLogit.mixed(w, new double[] {1, 0}, 2);
    double[] other = TopicLogit.mixed(w, new double[] {0, 1}, 2);
    assertEquals(Math.log(3), one[0] - one[1], 1e-2);
    assertEquals(-Math.log(3), other[0] - other[1], 1e-2);
    double[] half = TopicLogit.mixed(w, new double[] {.5, .5}, 2);
    assertEquals(0, half[0] - half[1], 1e-2);
    double[] pulled = logit.fit(1e-6, 1e9);
    assertEquals(0, pulled[0] - pulled[1], 1e-3, "over both nobody is better");
  }

  @Test
  void whoErrsWhereOthersAreRightSpeaksAgainst() {
    var rows = new ArrayList<Ballot>();
    var shares = new ArrayList<double[]>();
    for (int i = 0; i < 40; i++) {
      boolean right = i % 10 == 0;
      rows.add(ballot("", new int[] {0, 0, 1}, right ? 1 : 0, right ? 1 : 0, right ? 0 : 1));
      rows.add(ballot("", new int[] {0, 1, 1}, 1, 0, 0));
      shares.add(NONE);
      shares.add(NONE);
    }
    double[] w = new TopicLogit(rows, shares, 3, 0).fit(1, 1);
    assertEquals(true, w[1] < 0 && w[0] > 0);
  }

  @Test
  void questionsThatTellNobodyApartAreLeftOut() {
    var alike = ballot("", new int[] {0, 0}, 1, 1);
    assertEquals(0, new TopicLogit(List.of(alike), List.of(NONE), 2, 0).size());
  }
}
