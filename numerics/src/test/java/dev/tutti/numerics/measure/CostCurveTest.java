package dev.tutti.numerics.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.numerics.measure.CostCurve.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class CostCurveTest {

  @Test
  void theHullByHand() {
    // (2, .5) lies below the line from (1, .4) to (3, .8), (4, .7) is worse than a cheaper one.
    var curve =
        CostCurve.of(
            List.of(new Point(4, 0.7), new Point(1, 0.4), new Point(3, 0.8), new Point(2, 0.5)));
    assertEquals(List.of(new Point(1, 0.4), new Point(3, 0.8)), curve.hull());
    assertEquals(0.6, curve.at(2), 1e-12);
    assertEquals(0.8, curve.at(9), 1e-12);
    assertEquals(0.4, curve.at(0), 1e-12);
    // Trapezium 2 * 0.6 and the flat part 2 * 0.8, over 4.
    assertEquals((1.2 + 1.6) / 4, curve.aiq(1, 5), 1e-12);
    assertThrows(IllegalArgumentException.class, () -> curve.aiq(0.5, 5));
  }

  @Property(tries = 200)
  void noPointLiesAboveTheHull(@ForAll int seed) {
    var random = new Random(seed);
    var points = new ArrayList<Point>();
    for (int i = 0; i < 12; i++) {
      points.add(new Point(random.nextInt(6), random.nextInt(8) / 8.0));
    }
    CostCurve curve = CostCurve.of(points);
    for (Point point : points) {
      assertTrue(
          curve.at(point.usd()) >= point.quality() - 1e-12 || point.usd() < cheapest(curve),
          point + " over " + curve);
    }
  }

  private static double cheapest(CostCurve curve) {
    return curve.hull().getFirst().usd();
  }

  @Test
  void theMiddleOfALineAndEqualPointsAreLeftOut() {
    var curve =
        CostCurve.of(
            List.of(new Point(1, 0.25), new Point(2, 0.5), new Point(3, 0.75), new Point(3, 0.75)));
    assertEquals(List.of(new Point(1, 0.25), new Point(3, 0.75)), curve.hull());
    // As good but dearer, and as dear but worse.
    assertEquals(
        List.of(new Point(1, 0.5)),
        CostCurve.of(List.of(new Point(1, 0.5), new Point(2, 0.5), new Point(1, 0.25))).hull());
  }

  @Test
  void aPointAboveTheLineIsKept() {
    var points = List.of(new Point(2, 0.25), new Point(4, 0.625), new Point(7, 0.75));
    var curve = CostCurve.of(points);
    assertEquals(points, curve.hull());
    assertEquals(0.25, curve.at(2));
    assertEquals(0.25, curve.at(1));
    assertEquals(0.4375, curve.at(3), 1e-15);
    assertEquals(0.625, curve.at(4), 1e-15);
    assertEquals(0.75, curve.at(7), 1e-15);
    assertEquals(0.625 + 0.125 / 3, curve.at(5), 1e-15);
  }

  @Test
  void theMeanOverARangeByHand() {
    var curve = CostCurve.of(List.of(new Point(2, 0.25), new Point(4, 0.625), new Point(7, 0.75)));
    // From 3 to 4 a mean of (.4375 + .625) / 2, from 4 to 7 one of (.625 + .75) / 2, then 0.75.
    double area = 0.53125 + 3 * 0.6875 + 0.75;
    assertEquals(area / 5, curve.aiq(3, 8), 1e-15);
    assertEquals((0.4375 + 0.625) / 2, curve.aiq(3, 4), 1e-15);
    assertEquals((0.25 + 0.625) / 2, curve.aiq(2, 4), 1e-15);
    // A rounding below where it begins is no range of its own.
    assertEquals((0.25 + 0.625) / 2, curve.aiq(2 - 1e-9, 4), 1e-8);
    assertThrows(IllegalArgumentException.class, () -> curve.aiq(2 - 1e-8, 4));
  }
}
