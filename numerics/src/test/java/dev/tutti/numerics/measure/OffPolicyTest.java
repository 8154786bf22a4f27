package dev.tutti.numerics.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tutti.numerics.measure.OffPolicy.Logged;
import dev.tutti.numerics.measure.OffPolicy.Refused;
import dev.tutti.numerics.measure.OffPolicy.Supported;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class OffPolicyTest {

  private static Logged logged(String chosen, double reward) {
    return new Logged(chosen, reward, Map.of("a", 0.25, "b", 0.75), Map.of("a", 0.5, "b", 0.5));
  }

  @Test
  void theEstimatesByHand() {
    // 20 times a earned 1 (w = 2), 60 times b earned 0.5 (w = 2/3).
    var log = new ArrayList<>(Collections.nCopies(20, logged("a", 1)));
    log.addAll(Collections.nCopies(60, logged("b", 0.5)));
    var answer =
        assertInstanceOf(
            Supported.class, OffPolicy.evaluate(log, (l, m) -> m.equals("a") ? 0.8 : 0.5));
    // (20 * 2 + 60 * 1/3) / 80; sum w = 40 + 40.
    assertEquals(0.75, answer.ips().mean(), 1e-12);
    assertEquals(60 / 80.0, answer.snips().mean(), 1e-12);
    // 80^2 / (20 * 4 + 60 * 4/9).
    assertEquals(6400 / (80 + 240 / 9.0), answer.effective(), 1e-9);
    // Direct 0.65; a leaves 0.2 * 2, b nothing: (20 * 1.05 + 60 * 0.65) / 80.
    assertEquals(0.75, answer.dr().orElseThrow().mean(), 1e-12);
    // Values 2 (20 times) and 1/3 (60 times) around 0.75: sum of squares 20 * 1.5625 + 60 *
    // 0.173611.
    double error = Math.sqrt((20 * 1.5625 + 60 * 25 / 144.0) / 79 / 80);
    assertEquals(0.75 + 1.959964 * error, answer.ips().high(), 1e-6);
    // w (r - ratio): 2 * 0.25 and 2/3 * -0.25.
    double snips = Math.sqrt(20 * 0.25 + 60 / 36.0) / 80;
    assertEquals(0.75 - 1.959964 * snips, answer.snips().low(), 1e-6);
  }

  @Test
  void nineteenOfTwentyIntervalsHoldTheTruth() {
    int ips = 0;
    int snips = 0;
    int dr = 0;
    int runs = 300;
    for (int run = 0; run < runs; run++) {
      var random = new SplittableRandom(run);
      var log = new ArrayList<Logged>();
      for (int i = 0; i < 400; i++) {
        String chosen = random.nextDouble() < 0.25 ? "a" : "b";
        log.add(logged(chosen, random.nextDouble() < (chosen.equals("a") ? 0.9 : 0.5) ? 1 : 0));
      }
      var answer = assertInstanceOf(Supported.class, OffPolicy.evaluate(log, (_, _) -> 0.6));
      ips += holds(answer.ips()) ? 1 : 0;
      snips += holds(answer.snips()) ? 1 : 0;
      dr += holds(answer.dr().orElseThrow()) ? 1 : 0;
    }
    for (int held : new int[] {ips, snips, dr}) {
      assertTrue(held >= 0.91 * runs && held < 0.99 * runs, held + " of " + runs);
    }
  }

  private static boolean holds(OffPolicy.Interval interval) {
    return interval.low() <= 0.7 && 0.7 <= interval.high();
  }

  @Test
  void itRefusesWhatTheLogDoesNotSupport() {
    assertRefused(List.of(), "no decision");
    var never = new Logged("a", 1, Map.of("a", 1.0, "b", 0.0), Map.of("a", 0.5, "b", 0.5));
    assertRefused(Collections.nCopies(1000, never), "50.0 %");
    assertRefused(Collections.nCopies(20, logged("a", 1)), "20.0");
    var other = new Logged("a", 1, Map.of("a", 0.5, "b", 0.5), Map.of("b", 1.0));
    assertRefused(Collections.nCopies(500, other), "worth 0.0");
  }

  private static void assertRefused(List<Logged> log, String why) {
    var refused = assertInstanceOf(Refused.class, OffPolicy.evaluate(log));
    assertTrue(refused.reason().contains(why), refused.reason());
  }

  @Test
  void whatCannotHaveHappenedIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Logged("a", 1, Map.of("b", 1.0), Map.of("b", 1.0)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Logged("a", Double.NaN, Map.of("a", 1.0), Map.of("a", 1.0)));
  }

  @Test
  void whatAreNoProbabilitiesIsRefused() {
    var fine = Map.of("a", 0.5, "b", 0.5);
    for (var wrong :
        List.of(
            Map.of("a", Double.NaN, "b", 0.5),
            Map.of("a", 1.5, "b", -0.5),
            Map.of("a", 0.5, "b", 0.4),
            Map.of("a", 0.5))) {
      assertThrows(IllegalArgumentException.class, () -> new Logged("a", 1, wrong, fine));
      assertThrows(IllegalArgumentException.class, () -> new Logged("a", 1, fine, wrong));
    }
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new Logged("a", 1, fine, Map.of("a", 1.0, "b", Double.NaN)));
    assertTrue(e.getMessage().contains("NaN"), e.getMessage());
  }

  /** The gain is over what the log earned: by the model of the reward where there is one. */
  @Test
  void theGainByHand() {
    var log = new ArrayList<>(Collections.nCopies(20, logged("a", 1)));
    log.addAll(Collections.nCopies(60, logged("b", 0.5)));
    var without = assertInstanceOf(Supported.class, OffPolicy.evaluate(log));
    assertTrue(without.dr().isEmpty());
    // The log earned 0.625 on average; 2 - 1 (20 times), 1/3 - 1/2 (60 times).
    assertEquals(0.125, without.gain().mean(), 1e-12);
    double squares = 20 * Math.pow(1 - 0.125, 2) + 60 * Math.pow(-1 / 6.0 - 0.125, 2);
    double error = 1.959964 * Math.sqrt(squares / 79 / 80);
    assertEquals(0.125 - error, without.gain().low(), 1e-6);
    assertEquals(0.125 + error, without.gain().high(), 1e-6);
    var with =
        assertInstanceOf(
            Supported.class, OffPolicy.evaluate(log, (_, m) -> m.equals("a") ? 0.7 : 0.1));
    // Direct 0.4; a leaves 2 * 0.3, b 2/3 * 0.4: 1 - 1 and 0.6667 - 0.5.
    assertEquals(60 / 80.0 / 6, with.gain().mean(), 1e-12);
    assertEquals((20 * 1 + 60 * (0.4 + 0.8 / 3)) / 80, with.dr().orElseThrow().mean(), 1e-12);
  }

  /** One in a hundred of the new policy's choices may be without support, and 30 are enough. */
  @Test
  void theBoundsAreTight() {
    var certain = new Logged("a", 1, Map.of("a", 1.0), Map.of("a", 1.0));
    assertInstanceOf(Supported.class, OffPolicy.evaluate(Collections.nCopies(30, certain)));
    assertRefused(Collections.nCopies(29, certain), "29.0");
    var rarely = new Logged("a", 1, Map.of("a", 1.0, "b", 0.0), Map.of("a", 0.5, "b", 0.5));
    var log = new ArrayList<>(Collections.nCopies(98, certain));
    log.add(rarely);
    log.add(rarely);
    assertInstanceOf(Supported.class, OffPolicy.evaluate(log));
    log.add(rarely);
    assertRefused(log, "1.5 %");
  }

  @Test
  void probabilitiesMayMissOneByARounding() {
    new Logged("a", 1, Map.of("a", 0.5, "b", 0.5000009), Map.of("a", 1.0, "b", 0.0));
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new Logged("a", 1, Map.of("a", 0.5, "b", 0.500002), Map.of("a", 1.0)));
    assertTrue(e.getMessage().contains("logged probabilities sum to 1.00000"), e.getMessage());
  }
}
