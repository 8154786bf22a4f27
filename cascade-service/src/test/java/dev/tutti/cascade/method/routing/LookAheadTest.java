package dev.tutti.cascade.method.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.learning.Parameters;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LookAheadTest {

  private static final double[] USD = {1, 10};
  private static final double[] EX_ANTE = {.5, .9};

  /**
   * Of four questions nothing is known before; the first one's answer tells of itself that it is
   * right, twice, or wrong, twice; the second's that it is right with .9.
   */
  private static RoutingTable table() {
    var quality = new TreeMap<Integer, float[]>();
    quality.put(0, new float[] {.5f, .9f, .5f, .9f, .5f, .9f, .5f, .9f});
    quality.put(1, new float[] {1, .9f, 1, .9f, 0, .9f, 0, .9f});
    quality.put(2, quality.get(0));
    quality.put(3, quality.get(1));
    double[][] score = {{1, 1}, {1, 1}, {0, 1}, {0, 1}};
    double[][] usd = {USD, USD, USD, USD};
    return new RoutingTable(score, usd, new double[] {.1, .3, .6, .8}, quality);
  }

  private static LookAhead learned(double lambda, boolean free) {
    return new LookAhead.Learner(table(), USD, free, 1e-6).learn((float) lambda);
  }

  private static int next(LookAhead plans, double lambda, double[] quality, int answered) {
    return plans.at((float) lambda).next(EX_ANTE, quality, answered, 0b11 & ~answered);
  }

  private static final double[] RIGHT = {1, .9};
  private static final double[] WRONG = {0, .9};

  /**
   * At .01 the first and then, where it is wrong, the second are worth (1 + .9 - .1) / 2 - .01 =
   * .89; the second, and then the first, .95 - .01 - .1. A supermodel of both: .95 - .11.
   */
  @Test
  void whoeverComesNextStopsAsSoonAsItPays() {
    for (double lambda : new double[] {.01, .05}) {
      LookAhead plans = learned(lambda, true);
      assertEquals(0, next(plans, lambda, EX_ANTE, 0));
      assertEquals(RoutingPlan.STOP, next(plans, lambda, RIGHT, 1));
      assertEquals(1, next(plans, lambda, WRONG, 1));
    }
    // .9 - 10 l is nothing any more.
    assertEquals(RoutingPlan.STOP, next(learned(.1, true), .1, WRONG, 1));
  }

  /** At no cost both are asked: .95 beside .9, whoever is first. */
  @Test
  void atNoCostWhateverTellsSomethingIsAsked() {
    LookAhead plans = learned(0, true);
    assertEquals(1, next(plans, 0, WRONG, 1));
    assertEquals(0, next(plans, 0, EX_ANTE, 2));
  }

  @Test
  void wherePriceIsAllTheCheapestIsAskedAlone() {
    LookAhead plans = learned(1e9, true);
    assertEquals(0, next(plans, 1e9, EX_ANTE, 0));
    assertEquals(RoutingPlan.STOP, next(plans, 1e9, WRONG, 1));
  }

  @Test
  void whoFailsIsPassedOver() {
    assertEquals(1, learned(.01f, true).at(.01f).next(EX_ANTE, EX_ANTE, 0, 0b10));
    assertEquals(RoutingPlan.STOP, learned(.01f, true).at(.01f).next(EX_ANTE, WRONG, 1, 0));
  }

  @Test
  void inTheOrderOfCostsTheDearOneIsNeverFirst() {
    LookAhead plans = learned(0, false);
    assertEquals(0, next(plans, 0, EX_ANTE, 0));
    assertEquals(1, next(plans, 0, WRONG, 1));
    assertEquals(RoutingPlan.STOP, next(plans, 0, EX_ANTE, 2));
  }

  @Test
  void whatIsReadBackIsTheSame() {
    LookAhead both = LookAhead.of(USD, List.of(learned(.01, true), learned(.1, true)));
    LookAhead read = LookAhead.read(both.with(Parameters.of(List.of("a", "b"))), USD);
    for (double lambda : new double[] {.01, .1}) {
      for (double[] quality : List.of(RIGHT, WRONG)) {
        for (int answered = 0; answered < 3; answered++) {
          assertEquals(
              next(both, lambda, quality, answered), next(read, lambda, quality, answered));
        }
      }
    }
  }

  /** Replayed, the plan pays 1 for two questions and 11 for two, and gets all right. */
  @Test
  void aPlanIsReplayedQuestionByQuestion() {
    RoutingTable.Replayed replayed = table().replay(learned(.01, true).at(.01f));
    assertEquals(6, replayed.meanUsd());
    assertEquals(1, replayed.point(.01f).quality());
    RoutingTable.Replayed cheap = table().replay(learned(1, true).at(1));
    assertEquals(1, cheap.meanUsd());
    assertEquals(.5, cheap.point(1).quality());
    // Three of the questions by the dear plan: (1 + 1 + 11 + 1) / 4; all four would be 6.
    var mixed = table().mixed(cheap, 1, replayed, .01f, 5.9);
    assertEquals(3.5, mixed.usd());
    assertEquals(.75, mixed.quality());
    assertEquals(Math.nextUp(.6f), mixed.values()[2]);
    assertEquals(1, table().mixed(cheap, 1, replayed, .01f, 3.4).usd());
    assertEquals(6, table().mixed(cheap, 1, replayed, .01f, 6).usd());
  }
}
