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
    return new LookAhead.Learner(table(), new RoutingOrder(USD, free), 1e-6).learn((float) lambda);
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

  /**
   * Three for 1, 2 and 10; of the first's answer half are right, and it tells which. The second has
   * .3 and the third .95, whatever is known.
   */
  private static LookAhead ofThree(double lambda, boolean free) {
    var quality = new TreeMap<Integer, float[]>();
    float[] before = {.5f, .3f, .95f, .5f, .3f, .95f};
    float[] told = {1, .3f, .95f, 0, .3f, .95f};
    for (int set = 0; set < 7; set++) {
      quality.put(set, (set & 1) == 1 ? told : before);
    }
    double[] usd = {1, 2, 10};
    double[][] score = {{1, 0, 1}, {0, 1, 1}};
    var table = new RoutingTable(score, new double[][] {usd, usd}, new double[] {.2, .7}, quality);
    return new LookAhead.Learner(table, new RoutingOrder(usd, free), 1e-6).learn((float) lambda);
  }

  private static int ofThree(double lambda, boolean free, int answered, int available) {
    double[] exAnte = {.5, .3, .95};
    double[] quality = answered == 1 ? new double[] {0, .3, .95} : exAnte;
    return ofThree(lambda, free).at((float) lambda).next(exAnte, quality, answered, available);
  }

  /** After the first, wrong, the third is worth .95 - 10 l and the second .3 - 2 l. */
  @Test
  void inTheOrderOfCostsMembersMayBeLeftOut() {
    assertEquals(0, ofThree(.01, false, 0, 0b111));
    assertEquals(2, ofThree(.01, false, 1, 0b110), "the second is left out");
    assertEquals(1, ofThree(.09, false, 1, 0b110), ".12 beside .05");
    assertEquals(0, ofThree(.01, true, 0b100, 0b011), "who is cheaper");
    assertEquals(RoutingPlan.STOP, ofThree(.01, false, 0b100, 0b011), "a cascade never goes back");
  }

  /** The third failed, which the plan wants: what there is left is worth asking too, or is not. */
  @Test
  void whereWhomThePlanWantsIsNotThereEstimatesDecide() {
    for (boolean free : new boolean[] {true, false}) {
      assertEquals(1, ofThree(.01, free, 1, 0b010));
      assertEquals(1, ofThree(.01, free, 0, 0b010), "nobody has answered yet");
      assertEquals(1, ofThree(.2, free, 0, 0b110), "the third is worth -1.05");
    }
    // The first failed: the second is worth .3 - .1, or .95 - .6 with the third behind it.
    assertEquals(2, ofThree(.05, false, 0, 0b110), ".45");
    double[] exAnte = {.5, .3, .95};
    double[] sure = {.4, .3, .95};
    assertEquals(
        RoutingPlan.STOP, ofThree(.01, true).at(.01f).next(exAnte, sure, 1, 0b010), ".3 of .4");
  }

  @Test
  void whatIsReadBackIsTheSame() {
    var order = new RoutingOrder(USD, true);
    LookAhead both = LookAhead.of(order, List.of(learned(.01, true), learned(.1, true)));
    LookAhead read = LookAhead.read(both.with(Parameters.of(List.of("a", "b"))), order);
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
