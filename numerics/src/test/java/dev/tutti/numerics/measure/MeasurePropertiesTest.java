package dev.tutti.numerics.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.numerics.measure.CostCurve.Point;
import dev.tutti.numerics.measure.OffPolicy.Logged;
import dev.tutti.numerics.measure.OffPolicy.Supported;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What no unit, no order and no shift may change. */
class MeasurePropertiesTest {

  @Property(tries = 100, seed = "1")
  void aCostCurveKnowsNoCurrencyAndNoOrder(@ForAll int seed) {
    var random = new Random(seed);
    var points = new ArrayList<Point>();
    var cents = new ArrayList<Point>();
    for (int i = 0; i < 8; i++) {
      var point = new Point(1 + random.nextInt(50), random.nextInt(20) / 20.0);
      points.add(point);
      cents.add(new Point(64 * point.usd(), point.quality()));
    }
    CostCurve curve = CostCurve.of(points);
    Collections.shuffle(cents, random);
    CostCurve inCents = CostCurve.of(cents);
    double from = curve.hull().getFirst().usd();
    assertEquals(curve.aiq(from, 60), inCents.aiq(64 * from, 64 * 60), 1e-12);
    assertEquals(curve.hull().size(), inCents.hull().size());
    // Rising, and falling in slope.
    for (int i = 2; i < curve.hull().size(); i++) {
      double before = slope(curve.hull().get(i - 2), curve.hull().get(i - 1));
      double after = slope(curve.hull().get(i - 1), curve.hull().get(i));
      assertTrue(after > 0 && after < before, curve.toString());
    }
  }

  private static double slope(Point a, Point b) {
    return (b.quality() - a.quality()) / (b.usd() - a.usd());
  }

  @Property(tries = 100, seed = "1")
  void aPairCurveSeesOnlyTheOrderAndTheGap(@ForAll long seed) {
    var random = new SplittableRandom(seed);
    int n = random.nextInt(3, 30);
    double[] w = random.doubles(n).map(x -> Math.round(x * 8)).toArray();
    double[] weak = random.doubles(n).toArray();
    double[] strong = random.doubles(n, 0.5, 1.5).toArray();
    var curve = new PairCurve(w, weak, strong);
    var other =
        new PairCurve(
            Arrays.stream(w).map(Math::exp).toArray(),
            Arrays.stream(weak).map(q -> 3 * q - 7).toArray(),
            Arrays.stream(strong).map(q -> 3 * q - 7).toArray());
    assertEquals(curve.apgr(), other.apgr(), 1e-9);
    assertEquals(curve.cpt(0.6), other.cpt(0.6), 1e-9);
  }

  @Property(tries = 50, seed = "1")
  void theLogsOwnPolicyEarnsWhatTheLogDid(@ForAll long seed) {
    var random = new SplittableRandom(seed);
    var log = new ArrayList<Logged>();
    double sum = 0;
    int n = 40 + random.nextInt(60);
    for (int i = 0; i < n; i++) {
      double p = random.nextDouble(0.1, 0.9);
      var own = Map.of("a", p, "b", 1 - p);
      double reward = random.nextDouble(-1, 1);
      log.add(new Logged(random.nextBoolean() ? "a" : "b", reward, own, own));
      sum += reward;
    }
    var answer =
        assertInstanceOf(
            Supported.class, OffPolicy.evaluate(log, (_, m) -> m.equals("a") ? 0.3 : -0.2));
    assertEquals(sum / n, answer.ips().mean(), 1e-12);
    assertEquals(sum / n, answer.snips().mean(), 1e-12);
    assertEquals(n, answer.effective(), 1e-9);
    var alone = assertInstanceOf(Supported.class, OffPolicy.evaluate(log));
    assertEquals(0, alone.gain().mean(), 1e-12);
    assertEquals(0, alone.gain().high() - alone.gain().low(), 1e-12);
  }

  @Property(tries = 20, seed = "1")
  void aShiftShiftsAndAUnitScalesTheInterval(@ForAll long seed) {
    var random = new SplittableRandom(seed);
    double[] differences = random.doubles(12, -1, 1).toArray();
    PairedDifference its = PairedDifference.of(differences);
    PairedDifference moved =
        PairedDifference.of(Arrays.stream(differences).map(d -> 4 * d + 3).toArray());
    assertEquals(4 * its.mean() + 3, moved.mean(), 1e-9);
    assertEquals(4 * its.low() + 3, moved.low(), 1e-9);
    assertEquals(4 * its.high() + 3, moved.high(), 1e-9);
  }
}
