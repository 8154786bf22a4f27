package dev.tutti.router.method.factor;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.router.FittedMethodContract;
import dev.tutti.router.Recorded;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RoutooEstimatorTest extends FittedMethodContract {

  @Override
  protected String name() {
    return "routoo";
  }

  @Test
  void aWinIsNoCertainty() {
    var estimate =
        RoutooEstimator.fit(
                Recorded.specialists(4, 240, 1),
                new RoutooEstimator.Settings(),
                new SplittableRandom(1))
            .estimate(Recorded.query(Recorded.near(0, new SplittableRandom(2))));
    double wins = estimate.beats(0, 1);
    assertTrue(wins > 0.5 && wins < 1, "wins " + wins);
  }
}
