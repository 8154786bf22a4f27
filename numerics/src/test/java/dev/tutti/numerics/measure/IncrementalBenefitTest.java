package dev.tutti.numerics.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.numerics.measure.CostCurve.Point;
import org.junit.jupiter.api.Test;

class IncrementalBenefitTest {

  private static final Point CHEAP = new Point(1, .5);
  private static final Point DEAR = new Point(51, .8);

  /** The dear one gains .3 for 50 (.006 each); a policy .15 for 20 (.0075): a quarter more. */
  @Test
  void whatIsGainedIsHeldAgainstAlwaysAskingTheDearOne() {
    var policy = new Point(21, .65);
    assertEquals(.0075, IncrementalBenefit.perCost(policy, CHEAP), 1e-12);
    assertEquals(25, IncrementalBenefit.delta(policy, CHEAP, DEAR), 1e-9);
    assertEquals(0, IncrementalBenefit.delta(DEAR, CHEAP, DEAR), 1e-12);
    // As good as the cheap one, and dearer.
    assertEquals(-100, IncrementalBenefit.delta(new Point(2, .5), CHEAP, DEAR), 1e-9);
    assertEquals(-200, IncrementalBenefit.delta(new Point(11, .44), CHEAP, DEAR), 1e-9);
  }

  @Test
  void whereNothingMoreIsSpentOrToBeGainedThereIsNone() {
    assertEquals(0, IncrementalBenefit.perCost(CHEAP, CHEAP));
    assertEquals(-100, IncrementalBenefit.delta(CHEAP, CHEAP, DEAR), 1e-9);
    assertEquals(0, IncrementalBenefit.delta(new Point(2, .6), CHEAP, new Point(51, .5)));
    assertEquals(0, IncrementalBenefit.delta(new Point(2, .6), CHEAP, new Point(51, .4)));
    assertEquals(0, IncrementalBenefit.delta(new Point(2, .6), CHEAP, new Point(.5, .9)));
  }
}
