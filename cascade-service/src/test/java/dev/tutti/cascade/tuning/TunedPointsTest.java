package dev.tutti.cascade.tuning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tutti.cascade.tuning.TunedPoints.Point;
import dev.tutti.learning.Parameters;
import java.util.List;
import org.junit.jupiter.api.Test;

class TunedPointsTest {

  private static Point point(double usd, double quality) {
    return new Point(usd, quality, new float[] {(float) usd / 10, .25f});
  }

  private static final List<Point> TRIED =
      List.of(
          point(3, .5), point(1, .25), point(2, .25), point(3, .4), point(9, .75), point(8, .5));

  private static List<Double> costs(TunedPoints points) {
    return points.points().stream().map(Point::usd).toList();
  }

  @Test
  void whatAnotherBeatsInBothIsLeftOut() {
    assertEquals(List.of(1.0, 3.0, 9.0), costs(TunedPoints.of(TRIED, 0)));
  }

  @Test
  void theBudgetChoosesTheBestWithinIt() {
    assertEquals(2, TunedPoints.of(TRIED, 0).chosen());
    assertEquals(1, TunedPoints.of(TRIED, 8.9).chosen());
    assertEquals(1, TunedPoints.of(TRIED, 3).chosen());
    assertEquals(0, TunedPoints.of(TRIED, 2.9).chosen());
    assertEquals(0, TunedPoints.of(TRIED, .5).chosen());
  }

  /** Points cost 1, 3 and 9, for .25, .5 and .75. */
  @Test
  void theCheapestThatIsGoodEnoughIsChosen() {
    TunedPoints points = TunedPoints.of(TRIED, 0);
    assertEquals(0, points.reaching(.25).chosen());
    assertEquals(1, points.reaching(.26).chosen());
    assertEquals(2, points.reaching(.9).chosen());
    assertEquals(1, TunedPoints.of(TRIED, 3).reaching(.6).chosen(), "within the budget");
    assertEquals(0, TunedPoints.of(TRIED, 3).reaching(.2).chosen());
    assertEquals(2, points.reaching(0).chosen());
  }

  /** .3 as a float is above .3. */
  @Test
  void aBudgetThatIsACostIsEnoughForIt() {
    List<Point> tried = List.of(point(.1, .2), point(.3, .7), point(.6, .9));
    assertEquals(1, TunedPoints.of(tried, .3).chosen());
    assertEquals(1, TunedPoints.of(tried, 0).reaching(.7).chosen());
  }

  @Test
  void anyPointMayBeTaken() {
    TunedPoints points = TunedPoints.of(TRIED, 3);
    assertEquals(3, points.within(0).usd(), "the one that the fit chose");
    assertEquals(1, points.within(1).usd());
    assertEquals(1, points.within(2.9).usd());
    assertEquals(3, points.within(3).usd());
    assertEquals(9, points.within(9).usd());
    assertEquals(9, points.within(1e300).usd());
    assertEquals(1, points.within(.1).usd(), "the cheapest, where none is within it");
  }

  @Test
  void whatIsKeptIsReadBack() {
    TunedPoints points = TunedPoints.of(TRIED, 3);
    TunedPoints read = TunedPoints.of(points.with(Parameters.of(List.of("a"))));
    assertEquals(costs(points), costs(read));
    assertEquals(points.chosen(), read.chosen());
    for (int i = 0; i < 3; i++) {
      assertEquals(points.points().get(i).quality(), read.points().get(i).quality());
      assertArrayEquals(points.points().get(i).values(), read.points().get(i).values());
    }
  }
}
